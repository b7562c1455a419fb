/* SPDX-License-Identifier: GPL-2.0-only */
/* What a litmus test's record says of its outcomes: each with its count, the weak ones first. */
#include "outcomes.h"

#include <kernel/printk.h>
#include <lib/string.h>

#define OUTCOMES_LISTED 20
#define OUTCOMES_TEXT	1024 /* so much of a record */
#define WIDE_LISTED	LITMUS_BUCKETS
#define WIDE_TEXT	6000
#define LABEL_MAX	96
#define WIDE_LABEL_MAX	512

struct outcome {
	u64 key, n;
	bool weak;
};

/* "1:r0=1 1:r1=0 x=2" */
static void print_label(char *buf, size_t size, const struct litmus_test *lt, unsigned int key)
{
	const char *var_names = lt->hooks ? "xyfg" : "xyzl"; /* as the generators number them */
	static const char *const values[] = { "0", "1", "2", "-" };
	static const char *const faults[] = { "0", "1", "fault", "denied" };
	const char *const *words = lt->hooks ? faults : values;
	unsigned int t, r, f, shift = 0;
	size_t len = 0;

	buf[0] = '\0';
	for (t = 0; t < lt->nr_threads; t++) {
		for (r = 0; r < lt->thread[t].nr_regs && len < size; r++, shift += 2) {
			len += snprintf(buf + len, size - len, "%s%u:r%u=%s", len ? " " : "", t, r,
					words[key >> shift & 3]);
		}
	}
	for (f = 0; f < lt->nr_finals && len < size; f++, shift += 2)
		len += snprintf(buf + len, size - len, "%s%c=%u", len ? " " : "",
				var_names[lt->final[f]], key >> shift & 3);
}

/* A field's number as text: an address by its variable, "other" for what did not fit. */
static int print_value(char *buf, size_t size, const struct litmus_test *lt,
		       const struct litmus_field *f, long number)
{
	long max = litmus_field_max(f->width);
	unsigned long cell = max - number;

	if (number == -max - 1)
		return snprintf(buf, size, "other");
	for (unsigned int v = 0; f->address && v < lt->nr_vars; v++) {
		const struct litmus_variable *var = &lt->wide->var[v];

		if (cell < var->cells && !cell)
			return snprintf(buf, size, "&%s", var->name);
		if (cell < var->cells)
			return snprintf(buf, size, "&%s[%lu]", var->name, cell);
		cell -= var->cells;
	}
	return snprintf(buf, size, "%ld", number);
}

/* "1:r0=-1 1:r1=&y x[1]=other" */
static void print_wide_label(char *buf, size_t size, const struct litmus_test *lt, u64 key)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < lt->wide->nr_fields && len < size; i++) {
		const struct litmus_field *f = &lt->wide->field[i];

		len += snprintf(buf + len, size - len, "%s%s=", len ? " " : "", f->name);
		if (len < size)
			len += print_value(buf + len, size - len, lt, f,
					   litmus_field_value(key, f->shift, f->width));
	}
}

static unsigned int gather(const struct litmus_test *lt, const u64 *hist,
			   const struct litmus_histogram *wide, struct outcome *out)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < LITMUS_KEYS_MAX; i++) {
		u64 key = lt->wide ? wide->bucket[i].key : i;
		u64 count = lt->wide ? wide->bucket[i].n : hist[i];

		if (!count || (lt->wide && lt->wide->keep && !lt->wide->keep(key)))
			continue;
		out[n++] = (struct outcome){ key, count, litmus_key_is_weak(lt, key) };
	}
	return n;
}
BUILD_BUG_ON(LITMUS_KEYS_MAX != LITMUS_BUCKETS);

/* The next one to list, which is put at the front. Weak ones come first: never left out. */
static void bring_forward(struct outcome *o, unsigned int n)
{
	unsigned int best = 0, i;
	struct outcome tmp;

	for (i = 1; i < n; i++)
		if (o[i].weak > o[best].weak || (o[i].weak == o[best].weak && o[i].n > o[best].n))
			best = i;
	tmp = o[0];
	o[0] = o[best];
	o[best] = tmp;
}

void litmus_record_outcomes(struct test *t, const struct litmus_test *lt, const u64 *hist,
			    const struct litmus_histogram *wide)
{
	static struct outcome o[LITMUS_KEYS_MAX];
	static char text[WIDE_TEXT + 2 * WIDE_LABEL_MAX];
	unsigned int n = gather(lt, hist, wide, o), i;
	const unsigned int listed = lt->wide ? WIDE_LISTED : OUTCOMES_LISTED;
	const size_t room = lt->wide ? WIDE_TEXT : OUTCOMES_TEXT;
	u64 omitted = lt->wide ? wide->overflow : 0;
	size_t len = 0;

	text[0] = '\0';
	for (i = 0; i < MIN(n, listed) && len < room; i++) {
		char label[WIDE_LABEL_MAX];

		bring_forward(o + i, n - i);
		if (lt->wide)
			print_wide_label(label, sizeof(label), lt, o[i].key);
		else
			print_label(label, LABEL_MAX, lt, o[i].key);
		len += snprintf(text + len, sizeof(text) - len, "%s[\"%s\",%llu,%d]", i ? "," : "",
				label, (unsigned long long)o[i].n, o[i].weak);
	}
	test_record(t, "\"outcomes\":[%s],\"outcomes_omitted\":%u", text, n - i);
	for (; i < n; i++)
		omitted += o[i].n;
	if (lt->wide)
		test_record(t, "\"omitted_count\":%llu", (unsigned long long)omitted);
}
