/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot line. Options are declared with OPTION() and gathered by the linker. The line comes from
 * outside and is not trusted: what is printed of it has only plain characters, so that a broken
 * line can neither forge a record nor spoil one. Boot CPU, before the others start; no lock.
 */
#include <lib/errno.h>
#include <lib/format.h>
#include <lib/options.h>
#include <lib/report.h>
#include <lib/string.h>

#define OPTIONS_MAX   128
#define NAME_MAX_LEN  32 /* names longer than this are not looked at for likeness */
#define NEAR_DISTANCE 2
#define NSEC_PER_SEC  1000000000ULL

extern const struct option __options_start[], __options_end[];

static char first_error[256];

const char *options_first_error(void)
{
	return first_error;
}

static size_t name_length(const char *word)
{
	const char *eq = strchr(word, '=');

	return eq ? (size_t)(eq - word) : strlen(word);
}

static const struct option *find_option(const struct option *table, unsigned int n,
					const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strlen(table[i].name) == len && !strncmp(table[i].name, name, len))
			return &table[i];
	return NULL;
}

/*
 * How many letters must be added, dropped, changed or swapped with their neighbour to make one name
 * of the other. Both at most NAME_MAX_LEN long.
 */
static unsigned int edit_distance(const char *a, size_t la, const char *b, size_t lb)
{
	/* rows[i % 3][j]: distance of the first i letters of a and the first j of b. */
	u8 rows[3][NAME_MAX_LEN + 1];
	size_t i, j;

	for (i = 0; i <= la; i++) {
		u8 *row = rows[i % 3], *above = rows[(i + 2) % 3], *swapped = rows[(i + 1) % 3];

		for (j = 0; j <= lb; j++) {
			u8 best = i + j;

			if (i && j) {
				best = MIN(above[j] + 1, row[j - 1] + 1);
				best = MIN(best, above[j - 1] + (a[i - 1] != b[j - 1]));
			}
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, swapped[j - 2] + 1);
			row[j] = best;
		}
	}
	return rows[la % 3][lb];
}

/* The option whose name is nearest to the unknown one, or NULL if none is near. */
static const struct option *find_similar(const struct option *table, unsigned int n,
					 const char *name, size_t len)
{
	const struct option *best = NULL;
	unsigned int i, best_distance = NEAR_DISTANCE + 1;

	if (len > NAME_MAX_LEN)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t l = strlen(table[i].name);
		unsigned int d;

		if (l > NAME_MAX_LEN)
			continue;
		d = edit_distance(name, len, table[i].name, l);
		/* A name of which nothing would be left is not near. */
		if (d < best_distance && d < MIN(l, len)) {
			best = &table[i];
			best_distance = d;
		}
	}
	return best;
}

static int parse_whole_u64(const char *s, u64 *val)
{
	const char *end;
	int ret = parse_u64(s, &end, val);

	if (!ret && *end)
		ret = -EINVAL;
	return ret;
}

/* Seconds with up to nine decimals, to nanoseconds. */
static int parse_time(const char *s, u64 *ns)
{
	u64 seconds, fraction = 0, unit = NSEC_PER_SEC / 10;
	const char *end;
	int ret;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return -EINVAL;
	ret = parse_u64(s, &end, &seconds);
	if (ret)
		return ret;
	if (*end == '.') {
		end++;
		if (!*end)
			return -EINVAL;
		for (; *end >= '0' && *end <= '9'; end++, unit /= 10)
			fraction += (*end - '0') * unit;
	}
	if (*end)
		return -EINVAL;
	if (seconds > (UINT64_MAX - fraction) / NSEC_PER_SEC)
		return -ERANGE;
	*ns = seconds * NSEC_PER_SEC + fraction;
	return 0;
}

static int parse_bool(const char *s, bool *val)
{
	static const char *const yes[] = { "1", "y", "on" }, *const no[] = { "0", "n", "off" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcmp(s, yes[i]) || !strcmp(s, no[i])) {
			*val = !strcmp(s, yes[i]);
			return 0;
		}
	}
	return -EINVAL;
}

static bool in_range(const struct option *o, u64 v)
{
	return (!o->min && !o->max) || (v >= o->min && v <= o->max);
}

/* Nanoseconds as decimal seconds, without trailing zeros. */
static void format_seconds(char *buf, size_t size, u64 ns)
{
	int n = snprintf(buf, size, "%llu.%09llu", (unsigned long long)(ns / NSEC_PER_SEC),
			 (unsigned long long)(ns % NSEC_PER_SEC));

	while (n > 0 && buf[n - 1] == '0')
		buf[--n] = '\0';
	if (n > 0 && buf[n - 1] == '.')
		buf[--n] = '\0';
}

static int range_error(const struct option *o, const char *shown, char *err, size_t errsize)
{
	char lo[32], hi[32];

	if (o->type == OPT_TIME) {
		format_seconds(lo, sizeof(lo), o->min);
		format_seconds(hi, sizeof(hi), o->max);
	} else {
		snprintf(lo, sizeof(lo), "%llu", (unsigned long long)o->min);
		snprintf(hi, sizeof(hi), "%llu", (unsigned long long)o->max);
	}
	if (!o->min && !o->max)
		snprintf(err, errsize, "option '%s': '%s' is too large", o->name, shown);
	else
		snprintf(err, errsize, "option '%s': '%s' is not in %s to %s", o->name, shown, lo,
			 hi);
	return -EINVAL;
}

/* Does one of the globs in @choices, joined by '|', match? */
static bool is_choice(const char *choices, const char *value)
{
	char glob[64];

	while (*choices) {
		const char *bar = strchr(choices, '|');
		size_t len = bar ? (size_t)(bar - choices) : strlen(choices);

		memcpy(glob, choices, MIN(len, sizeof(glob) - 1));
		glob[MIN(len, sizeof(glob) - 1)] = '\0';
		if (glob_match(glob, value))
			return true;
		choices += len + (bar != NULL);
	}
	return false;
}

static int set_value(const struct option *o, const char *value, char *err, size_t errsize)
{
	const char *want = "";
	char shown[64];
	bool flag = false;
	int ret = 0;
	u64 v = 0;

	str_copy_printable(shown, sizeof(shown), value, strlen(value));
	switch (o->type) {
	case OPT_U64:
		ret = parse_whole_u64(value, &v);
		want = "a number (decimal, or hex after 0x)";
		break;
	case OPT_TIME:
		ret = parse_time(value, &v);
		want = "a time in seconds, such as 2 or 0.25";
		break;
	case OPT_BOOL:
		ret = parse_bool(value, &flag);
		want = "one of 1 y on 0 n off";
		break;
	case OPT_STRING:
		if (o->choices && !is_choice(o->choices, value)) {
			snprintf(err, errsize, "option '%s': '%s' is none of %s", o->name, shown,
				 o->choices);
			return -EINVAL;
		}
		if (o->check && !o->check(value)) {
			snprintf(err, errsize, "option '%s': '%s' is not %s", o->name, shown,
				 o->help);
			return -EINVAL;
		}
		if (strlen(value) < OPT_STRING_MAX)
			break;
		snprintf(err, errsize, "option '%s': the value is longer than %d characters",
			 o->name, OPT_STRING_MAX - 1);
		return -EINVAL;
	}
	if (ret == -EINVAL) {
		snprintf(err, errsize, "option '%s': '%s' is not %s", o->name, shown, want);
		return -EINVAL;
	}
	if (ret || ((o->type == OPT_U64 || o->type == OPT_TIME) && !in_range(o, v)))
		return range_error(o, shown, err, errsize);

	if (o->type == OPT_BOOL)
		*(bool *)o->var = flag;
	else if (o->type == OPT_STRING)
		memcpy(o->var, value, strlen(value) + 1);
	else
		*(u64 *)o->var = v;
	return 0;
}

int option_parse_word(const struct option *table, unsigned int n, const char *word, char *err,
		      size_t errsize)
{
	size_t len = name_length(word);
	const struct option *o = find_option(table, n, word, len);
	char shown[64];

	if (!o) {
		const struct option *similar = find_similar(table, n, word, len);

		str_copy_printable(shown, sizeof(shown), word, len);
		if (similar)
			snprintf(err, errsize, "unknown option '%s' (did you mean '%s'?)", shown,
				 similar->name);
		else
			snprintf(err, errsize, "unknown option '%s'", shown);
		return -EINVAL;
	}
	if (!word[len] || !word[len + 1]) {
		snprintf(err, errsize, "option '%s' has no value: write %s=...", o->name, o->name);
		return -EINVAL;
	}
	return set_value(o, word + len + 1, err, errsize);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * What stands behind the last word "--", or all of @line. The Raspberry Pi's firmware, for one,
 * puts options of Linux's before the line that it is given.
 */
static char *own_words(char *line)
{
	char *own = line, *s;

	for (s = line; (s = strchr(s, '-')) != NULL; s++)
		if (s[1] == '-' && (s == line || is_blank(s[-1])) && (!s[2] || is_blank(s[2])))
			own = s + 2;
	return own;
}

unsigned int options_parse(char *line)
{
	unsigned int n = __options_end - __options_start, errors = 0;
	u8 seen[OPTIONS_MAX] = { 0 };
	char err[sizeof(first_error)];

	BUG_IF(n > OPTIONS_MAX, "%u options", n);
	first_error[0] = '\0';
	line = own_words(line);
	while (*line) {
		const struct option *o;
		char *word;

		if (is_blank(*line)) {
			line++;
			continue;
		}
		for (word = line; *line && !is_blank(*line); line++)
			;
		if (*line)
			*line++ = '\0';

		if (option_parse_word(__options_start, n, word, err, sizeof(err))) {
			report_err("boot line: %s", err);
			if (!errors++)
				strscpy(first_error, err, sizeof(first_error));
			continue;
		}
		o = find_option(__options_start, n, word, name_length(word));
		if (seen[o - __options_start]++)
			report_warn("boot line: option '%s' is given more than once, the last one "
				    "counts",
				    o->name);
	}
	return errors;
}

bool options_have_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (; *line; line += *line == ' ') {
		if (!strncmp(line, word, len) && (!line[len] || line[len] == ' '))
			return true;
		while (*line && *line != ' ')
			line++;
	}
	return false;
}
