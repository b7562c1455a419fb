/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tests the boot line chooses.
 */
#include <lib/format.h>
#include <lib/options.h>
#include <lib/string.h>
#include <test/test.h>

extern const struct test_case __tests_start[], __tests_end[];

static char opt_tests[OPT_STRING_MAX] = "*";
static bool opt_extended;

OPTION(tests, "tests", OPT_STRING, opt_tests, 0, 0,
       "globs (* ? [a-z]) of the tests to run, separated by commas; -GLOB leaves some out");
OPTION(extended, "extended", OPT_BOOL, &opt_extended, 0, 0, "run the extended litmus tests too");

const char *tests_chosen(void)
{
	return opt_tests;
}

/* Does one glob of the list, [s, s + len), choose this test? */
static bool glob_chooses(const char *s, size_t len, const struct test_case *tc)
{
	char glob[OPT_STRING_MAX];

	memcpy(glob, s, len);
	glob[len] = '\0';
	if (!strcmp(glob, tc->name))
		return true;
	if (tc->flags & TEST_MANUAL)
		return false;
	if ((tc->flags & TEST_EXTENDED) && !opt_extended)
		return false;
	/* "*" asks whether it works, not how fast: benchmarks want their suite named. */
	if (tc->kind == TEST_BENCH && glob[0] == '*')
		return false;
	return glob_match(glob, tc->name);
}

/* Does a word of the list, [s, s + len), leave this test out? -GLOB does, however it was named. */
static bool word_leaves_out(const char *s, size_t len, const struct test_case *tc)
{
	char glob[OPT_STRING_MAX];

	if (*s != '-')
		return false;
	memcpy(glob, s + 1, len - 1);
	glob[len - 1] = '\0';
	return glob_match(glob, tc->name);
}

/* The word of the list after the one at @s, or where the list ends; @len: of the one at @s. */
static const char *next_word(const char *s, size_t *len)
{
	const char *comma = strchr(s, ',');

	*len = comma ? (size_t)(comma - s) : strlen(s);
	return s + *len + (comma != NULL);
}

bool test_is_chosen(const struct test_case *tc)
{
	const char *s = opt_tests, *next;
	bool chosen = *s == '-' && glob_chooses("*", 1, tc);
	size_t len;

	for (; *s; s = next) {
		next = next_word(s, &len);
		if (word_leaves_out(s, len, tc))
			return false;
		chosen |= glob_chooses(s, len, tc);
	}
	return chosen;
}

/* Does the word [s, s + len) name a test, be it to leave it out? */
static bool word_names_any(const char *s, size_t len)
{
	for (const struct test_case *tc = __tests_start; tc < __tests_end; tc++)
		if (glob_chooses(s, len, tc) || word_leaves_out(s, len, tc))
			return true;
	return false;
}

/* Does it match the names of tests that only their full names choose? */
static bool word_matches_any(const char *s, size_t len)
{
	char glob[OPT_STRING_MAX];

	memcpy(glob, s, len);
	glob[len] = '\0';
	for (const struct test_case *tc = __tests_start; tc < __tests_end; tc++)
		if (glob_match(glob, tc->name))
			return true;
	return false;
}

bool tests_word_is_idle(char *why, size_t size)
{
	const char *next;
	size_t len;

	for (const char *s = opt_tests; *s; s = next) {
		next = next_word(s, &len);
		if (!len || word_names_any(s, len))
			continue;
		snprintf(why, size, "'%.*s' of tests= chooses no test%s", (int)len, s,
			 word_matches_any(s, len) ? " without extended=1, or the full name" : "");
		return true;
	}
	return false;
}
