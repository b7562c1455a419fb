/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of ranges: random additions and cuts held against a map of bits, and full tables. */
#include <kernel/boot.h>
#include <lib/compiler.h>
#include <lib/ranges.h>
#include <lib/string.h>
#include <test/test.h>

#define CELLS  64 /* a range begins and ends at any of them */
#define MANY   (CELLS / 2)
#define ROUNDS 3000

/* Is [0, CELLS) in the set where @bits says so, in order, and nothing joined or cut too little? */
static bool is_as_bits(const struct phys_range *r, unsigned int n, u64 bits)
{
	u64 seen = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (!r[i].size || range_end(&r[i]) > CELLS)
			return false;
		if (i && r[i].base <= range_end(&r[i - 1]))
			return false;
		for (u64 k = r[i].base; k < range_end(&r[i]); k++)
			seen |= 1ULL << k;
	}
	return seen == bits;
}

static void test_ranges(struct test *t)
{
	struct phys_range r[MANY];
	unsigned int n = 0;
	u64 bits = 0;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct phys_range x = { .base = rng_below(&t->rng, CELLS) };
		u64 mask;

		x.size = 1 + rng_below(&t->rng, MIN(12UL, CELLS - x.base));
		mask = (~0ULL >> (CELLS - x.size)) << x.base;
		if (rng_below(&t->rng, 2)) {
			bits |= mask;
			EXPECT(t, ranges_add(r, &n, MANY, x));
		} else {
			bits &= ~mask;
			EXPECT(t, ranges_cut(r, &n, MANY, x));
		}
		if (!EXPECT_MSG(t, is_as_bits(r, n, bits), "round %u, %u ranges", round, n))
			return;
	}
}
TEST(lib, ranges, TEST_ASSERT, test_ranges);

/* A full table takes what joins others, refuses what does not, and keeps the larger piece. */
static void test_ranges_full(struct test *t)
{
	struct phys_range r[4] = { { 0x800, 0x800 }, { 0x2000, 0x1800 }, { 0x4000, 0x1000 } };
	unsigned int n = 3;

	EXPECT(t, !ranges_add(r, &n, 3, (struct phys_range){ 0x8000, 1 }) && n == 3);
	EXPECT(t, !ranges_cut(r, &n, 3, (struct phys_range){ 0x4200, 0x200 }) && n == 3);
	EXPECT(t, r[2].base == 0x4400 && r[2].size == 0xc00);
	EXPECT(t, !ranges_cut(r, &n, 3, (struct phys_range){ 0x4e00, 0x100 }) && n == 3);
	EXPECT(t, r[2].base == 0x4400 && r[2].size == 0xa00);
	ranges_close_gap(r, &n);
	EXPECT(t, n == 2 && r[0].base == 0x800 && r[1].base == 0x2000 && r[1].size == 0x2e00);
	EXPECT(t, ranges_add(r, &n, 2, (struct phys_range){ 0x1000, 0x1000 }) && n == 1);
	EXPECT(t, r[0].base == 0x800 && r[0].size == 0x4600);
	ranges_close_gap(r, &n);
	EXPECT(t, n == 1);
}
TEST(lib, ranges_full, TEST_ASSERT, test_ranges_full);

/* Of any set, what is joined are the two with the least between them; all else stays. */
static void test_close_gap(struct test *t)
{
	for (unsigned int round = 0; round < 200; round++) {
		struct phys_range r[8], was[8];
		unsigned int n = 2 + rng_below(&t->rng, 7), left = n, best = 0;

		for (u64 i = 0, at = 0; i < n; i++, at += 1 + rng_below(&t->rng, 100)) {
			r[i] = (struct phys_range){ at, 1 + rng_below(&t->rng, 9) };
			at = range_end(&r[i]);
		}
		memcpy(was, r, sizeof(r));
		for (unsigned int i = 1; i + 1 < n; i++)
			if (was[i + 1].base - range_end(&was[i]) <
			    was[best + 1].base - range_end(&was[best]))
				best = i;
		ranges_close_gap(r, &left);
		EXPECT(t, left == n - 1 && !memcmp(r, was, best * sizeof(*r)));
		EXPECT(t, r[best].base == was[best].base);
		EXPECT(t, range_end(&r[best]) == range_end(&was[best + 1]));
		EXPECT(t, !memcmp(&r[best + 1], &was[best + 2], (n - best - 2) * sizeof(*r)));
	}
}
TEST(lib, ranges_close_gap, TEST_ASSERT, test_close_gap);

/* Memory less what must not be mapped, in whichever order firmware names them. */
static void test_no_map(struct test *t)
{
	static struct boot_info saved;

	saved = boot_info;
	memset(&boot_info, 0, sizeof(boot_info));
	EXPECT(t, !boot_add_no_map(0x3000, 0x1000) && !boot_add_no_map(0x9000, 0));
	EXPECT(t, !boot_add_memory(0x1000, 0x8000) && !boot_add_memory(0, 0));
	EXPECT(t, boot_info.nr_memory == 2 && boot_info.memory[1].base == 0x4000);
	EXPECT(t, !boot_add_no_map(0x6000, 0x1000));
	EXPECT(t, boot_info.nr_memory == 3 && boot_info.nr_reserved == 0);
	EXPECT(t, boot_info.memory[0].base == 0x1000 && boot_info.memory[0].size == 0x2000);
	EXPECT(t, boot_info.memory[1].base == 0x4000 && boot_info.memory[1].size == 0x2000);
	EXPECT(t, boot_info.memory[2].base == 0x7000 && boot_info.memory[2].size == 0x2000);
	EXPECT(t, boot_info.nr_no_map == 2 && boot_info.no_map[1].base == 0x6000);
	boot_info = saved;
}
TEST(lib, no_map, TEST_ASSERT, test_no_map);

/* Three times as many reservations as the table holds: all are reserved, and no memory is lost
 * but what lies between neighbours. */
static void test_reserved_full(struct test *t)
{
	static struct boot_info saved;
	const unsigned int nr = 3 * BOOT_MAX_RANGES;

	saved = boot_info;
	memset(&boot_info, 0, sizeof(boot_info));
	for (unsigned int i = 0; i < nr; i++)
		EXPECT(t, !boot_add_reserved((i * 7 % nr) * 0x10000, 0x1000));
	EXPECT(t, !boot_add_reserved(1ULL << 40, 0x1000));
	EXPECT_MSG(t, boot_info.nr_reserved == BOOT_MAX_RANGES, "%u", boot_info.nr_reserved);
	for (unsigned int i = 0; i < nr; i++) {
		struct phys_range x = { i * 0x10000, 0x1000 };
		unsigned int n = boot_info.nr_reserved;

		EXPECT(t, ranges_add(boot_info.reserved, &n, n, x) && n == boot_info.nr_reserved);
	}
	EXPECT(t, range_end(&boot_info.reserved[boot_info.nr_reserved - 2]) <= (u64)nr * 0x10000);
	boot_info = saved;
}
TEST(lib, reserved_full, TEST_ASSERT, test_reserved_full);

/* A boot line that fits, and one that does not: cut, terminated, and known to be cut. */
static void test_cmdline(struct test *t)
{
	static char line[BOOT_CMDLINE_MAX + 8];
	static struct boot_info saved;

	saved = boot_info;
	for (size_t len = BOOT_CMDLINE_MAX - 2; len <= BOOT_CMDLINE_MAX + 1; len++) {
		size_t want = MIN(len, (size_t)BOOT_CMDLINE_MAX - 1);

		memset(line, 'l', sizeof(line));
		line[len] = '\0';
		memset(boot_info.cmdline, 'x', sizeof(boot_info.cmdline));
		boot_set_cmdline(line, sizeof(line));
		EXPECT(t, strnlen(boot_info.cmdline, BOOT_CMDLINE_MAX) == want);
		EXPECT(t, boot_info.cmdline_truncated == (len >= BOOT_CMDLINE_MAX));
	}
	memset(boot_info.cmdline, 'x', sizeof(boot_info.cmdline));
	boot_set_cmdline("seed=1 and more", 6);
	EXPECT(t, !strcmp(boot_info.cmdline, "seed=1") && !boot_info.cmdline_truncated);
	boot_info = saved;
}
TEST(lib, boot_line_fits, TEST_ASSERT, test_cmdline);
