/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tests the boot line chooses.
 */
#include <lib/options.h>
#include <lib/string.h>
#include <test/test.h>

static char opt_tests[OPT_STRING_MAX] = "*";
static bool opt_extended;

OPTION(tests, "tests", OPT_STRING, opt_tests, 0, 0,
       "globs of the tests to run, separated by commas; -GLOB leaves some out");
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

bool test_is_chosen(const struct test_case *tc)
{
	const char *s = opt_tests;
	bool chosen = *s == '-' && glob_chooses("*", 1, tc);

	while (*s) {
		const char *comma = strchr(s, ',');
		size_t len = comma ? (size_t)(comma - s) : strlen(s);

		if (word_leaves_out(s, len, tc))
			return false;
		chosen |= glob_chooses(s, len, tc);
		s += len + (comma != NULL);
	}
	return chosen;
}
