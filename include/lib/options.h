/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot line: words "name=value" separated by blanks. An option is declared beside the code
 * that uses it; an unknown or malformed one is reported and stops the run (RUN_CONFIG).
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

enum option_type {
	OPT_U64,    /* decimal, or hex after 0x; *var is u64 */
	OPT_STRING, /* *var is char[OPT_STRING_MAX] */
	OPT_TIME,   /* seconds, decimals allowed ("0.25"); *var is u64 nanoseconds */
	OPT_BOOL,   /* 0, 1, y, n, on, off; *var is bool */
};
#define OPT_STRING_MAX 1024

struct option {
	const char *name;
	enum option_type type;
	void *var;
	u64 min, max; /* OPT_U64; OPT_TIME in ns; both 0: any */
	const char *help;
	const char *
		choices; /* OPT_STRING: the globs of which one must match, joined by '|'; or NULL */
	bool (*check)(const char *value); /* OPT_STRING: is it right? or NULL */
};

#define OPTION(id, optname, opttype, variable, lo, hi, helptext) \
	static const struct option __option_##id __used __section(".options") \
		__aligned(8) = { .name = optname, \
				 .type = opttype, \
				 .var = variable, \
				 .min = lo, \
				 .max = hi, \
				 .help = helptext }

/* A string that must be one of @choicelist ("auto|semihosting|none"). */
#define OPTION_CHOICE(id, optname, variable, choicelist, helptext) \
	static const struct option __option_##id __used __section(".options") \
		__aligned(8) = { .name = optname, \
				 .type = OPT_STRING, \
				 .var = variable, \
				 .help = helptext, \
				 .choices = choicelist }

/* A string of which @checkfn says whether it is right. */
#define OPTION_CHECKED(id, optname, variable, checkfn, helptext) \
	static const struct option __option_##id __used __section(".options") \
		__aligned(8) = { .name = optname, \
				 .type = OPT_STRING, \
				 .var = variable, \
				 .help = helptext, \
				 .check = checkfn }

/*
 * Parse a whole line (modified), or what follows its last word "--": what stands before that is
 * firmware's. Returns the number of errors, each of them printed.
 */
unsigned int options_parse(char *line);

/* Is @word, a whole one, on the line? For what must be known before the line can be parsed. */
bool options_have_word(const char *line, const char *word);

/*
 * Reason of the first error of the last options_parse(), for the CONFIG record; empty if there was
 * none. It holds no character that JSON would have escaped.
 */
const char *options_first_error(void);

/*
 * Parse one word against @table. Returns 0, or -EINVAL with the reason in @err. Split out so that
 * tests can feed it anything.
 */
int option_parse_word(const struct option *table, unsigned int n, const char *word, char *err,
		      size_t errsize);
