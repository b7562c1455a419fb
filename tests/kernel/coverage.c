/* SPDX-License-Identifier: GPL-2.0-only */
/* What SAN=coverage counts, for fuzzers: the places that a thread comes to while it asks. */
#include <kernel/coverage.h>
#include <lib/compiler.h>
#include <lib/string.h>
#include <test/test.h>

#ifdef CONFIG_COVERAGE

#define TURNS 1000

static u8 counts[1024];

static noinline u32 turn(u32 n)
{
	OPTIMIZER_HIDE_VAR(n);
	return n & 1 ? n * 3 + 1 : n / 2;
}

static void work(void)
{
	for (u32 i = 0, n = 27; i < TURNS; i++)
		n = turn(n);
}

/* Places that were come to; *most: the largest count. */
static unsigned int places(u8 *most)
{
	unsigned int nr = 0;

	*most = 0;
	for (unsigned int i = 0; i < sizeof(counts); i++) {
		nr += counts[i] != 0;
		*most = MAX(*most, counts[i]);
	}
	return nr;
}

static void test_coverage(struct test *t)
{
	unsigned int nothing, some;
	u8 most;

	memset(counts, 0, sizeof(counts));
	coverage_begin(counts, sizeof(counts));
	coverage_end();
	nothing = places(&most);
	EXPECT_MSG(t, most < 255, "%u times in a place, for nothing", most);
	coverage_begin(counts, sizeof(counts));
	work();
	coverage_end();
	some = places(&most);
	EXPECT_MSG(t, some >= nothing + 3 && most == 255, "%u places, %u before; %u times in one",
		   some, nothing, most);
	memset(counts, 0, sizeof(counts));
	work();
	EXPECT_MSG(t, !places(&most), "%u places are counted that nobody asked for", places(&most));
}
TEST(san, coverage, TEST_ASSERT, test_coverage);

#else

static void test_no_coverage(struct test *t)
{
	test_skip(t, "not built with SAN=coverage");
}
TEST(san, coverage_none, TEST_ASSERT, test_no_coverage);

#endif
