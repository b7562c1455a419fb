/* SPDX-License-Identifier: GPL-2.0-only */
/* What a litmus test's record says of its outcomes: each with its count, the weak ones first. */
#include "outcomes.h"

#include <kernel/printk.h>
#include <lib/string.h>

#define TEXT_MAX  6000 /* so much of a record */
#define LABEL_MAX 512

const char *const litmus_values[] = { "0", "1", "2", "-" };
const char *const litmus_numbers[] = { "0", "1", "2", "3" };

struct outcome {
	u64 key, n;
	bool weak;
};

/* A field's number as text: an address by its variable, "other" for what did not fit. */
static int print_value(char *buf, size_t size, const struct litmus_test *lt,
		       const struct litmus_field *f, long number)
{
	long max = litmus_field_max(f->width);
	unsigned long cell = max - number;

	if (number == -max - 1)
		return snprintf(buf, size, "other");
	for (unsigned int v = 0; f->address && v < lt->nr_vars; v++) {
		const struct litmus_variable *var = &lt->var[v];

		if (cell < var->cells && !cell)
			return snprintf(buf, size, "&%s", var->name);
		if (cell < var->cells)
			return snprintf(buf, size, "&%s[%lu]", var->name, cell);
		cell -= var->cells;
	}
	return snprintf(buf, size, "%ld", number);
}

/* "1:r0=-1 1:r1=&y x[1]=other" */
static void print_label(char *buf, size_t size, const struct litmus_test *lt, u64 key)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < lt->nr_fields && len < size; i++) {
		const struct litmus_field *f = &lt->field[i];

		len += snprintf(buf + len, size - len, "%s%s=", len ? " " : "", f->name);
		if (len >= size)
			break;
		if (f->words)
			len += snprintf(buf + len, size - len, "%s",
					f->words[litmus_field_packed(key, f->shift)]);
		else
			len += print_value(buf + len, size - len, lt, f,
					   litmus_field_value(key, f->shift, f->width));
	}
}

static unsigned int gather(const struct litmus_test *lt, const struct litmus_histogram *hist,
			   struct outcome *out)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < LITMUS_BUCKETS; i++) {
		u64 key = hist->bucket[i].key, count = hist->bucket[i].n;

		if (count && (!lt->keep || lt->keep(key)))
			out[n++] = (struct outcome){ key, count, lt->weak(key) };
	}
	return n;
}

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

void litmus_record_outcomes(struct test *t, const struct litmus_test *lt,
			    const struct litmus_histogram *hist)
{
	static struct outcome o[LITMUS_BUCKETS];
	static char text[TEXT_MAX + 2 * LABEL_MAX];
	unsigned int n = gather(lt, hist, o), i;
	u64 omitted = hist->overflow;
	size_t len = 0;

	text[0] = '\0';
	for (i = 0; i < n && len < TEXT_MAX; i++) {
		char label[LABEL_MAX];

		bring_forward(o + i, n - i);
		print_label(label, sizeof(label), lt, o[i].key);
		len += snprintf(text + len, sizeof(text) - len, "%s[\"%s\",%llu,%d]", i ? "," : "",
				label, (unsigned long long)o[i].n, o[i].weak);
	}
	test_record(t, "\"outcomes\":[%s],\"outcomes_omitted\":%u", text, n - i);
	for (; i < n; i++)
		omitted += o[i].n;
	test_record(t, "\"omitted_count\":%llu", (unsigned long long)omitted);
}
