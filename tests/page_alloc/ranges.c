/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of the ranges that the boot-time allocator hands over: mm/page_alloc_init.c. */
#include <kernel/boot.h>
#include <mm/page_alloc.h>
#include <test/test.h>

#define BASE (16UL << 20) /* nobody looks there */

static struct page_range ranges[PAGE_RANGES_MAX];

static unsigned int add(unsigned int nr, u64 base, u64 size)
{
	const struct phys_range phys = { .base = base, .size = size };

	return page_range_add(ranges, nr, &phys);
}

/* The struct pages have room, and not a page more of it than they need. */
static void test_range_map(struct test *t)
{
	for (unsigned long pages = 2; pages < 300; pages++) {
		const struct page_range *r = &ranges[0];
		unsigned long own, need, more;

		EXPECT(t, add(0, BASE, pages * PAGE_SIZE) == 1);
		own = pages - r->nr;
		need = r->nr * sizeof(struct page);
		more = need + sizeof(struct page); /* were there one page less for them */
		EXPECT_MSG(t, r->map == __va(BASE) && r->pfn == (BASE >> PAGE_SHIFT) + own,
			   "%lu pages: map %p pfn %lx", pages, r->map, r->pfn);
		EXPECT_MSG(t, r->nr && need <= own * PAGE_SIZE && more > (own - 1) * PAGE_SIZE,
			   "%lu of %lu pages hold %lu bytes", own, pages, need);
	}
}
TEST(page_alloc, range_map, TEST_ASSERT, test_range_map);

/* Parts of pages are nobody's, at either end; what is too small for a page and its map is left. */
static void test_range_limits(struct test *t)
{
	const struct page_range *r = &ranges[0];

	EXPECT(t, !add(0, BASE, 2 * PAGE_SIZE - 1) && !add(0, BASE + 1, 2 * PAGE_SIZE));
	EXPECT(t, !add(0, BASE, PAGE_SIZE) && !add(0, BASE, 0) && !add(0, BASE + 1, 1));
	EXPECT(t, add(0, BASE + 1, 3 * PAGE_SIZE - 1) == 1);
	EXPECT(t, r->map == __va(BASE + PAGE_SIZE) && r->nr == 1);
	EXPECT(t, r->pfn == (BASE >> PAGE_SHIFT) + 2);
	EXPECT(t, add(0, BASE, 3 * PAGE_SIZE - 1) == 1 && r->map == __va(BASE) && r->nr == 1);
}
TEST(page_alloc, range_limits, TEST_ASSERT, test_range_limits);

/* The largest first, as most pages are found there; each keeps what is its own. */
static void test_range_order(struct test *t)
{
	static const unsigned long pages[] = { 10, 100, 50, 100, 5, 60, 200 };
	unsigned int nr = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		nr = add(nr, BASE + i * (1UL << 20), pages[i] * PAGE_SIZE);
	EXPECT(t, nr == ARRAY_SIZE(pages));
	for (unsigned int i = 0; i < nr; i++) {
		unsigned long which = (ranges[i].pfn - (BASE >> PAGE_SHIFT)) >> (20 - PAGE_SHIFT);

		EXPECT_MSG(t, !i || ranges[i - 1].nr >= ranges[i].nr, "%lu pages after %lu",
			   ranges[i].nr, i ? ranges[i - 1].nr : 0);
		EXPECT(t, ranges[i].map == __va(BASE + which * (1UL << 20)));
		EXPECT(t, ranges[i].nr < pages[which] && ranges[i].nr + 4 >= pages[which]);
	}
}
TEST(page_alloc, range_order, TEST_ASSERT, test_range_order);

/* One too many: the smallest goes, be it the new one, and no other. */
static void test_range_too_many(struct test *t)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < PAGE_RANGES_MAX; i++)
		nr = add(nr, BASE, (10 + i) * PAGE_SIZE);
	EXPECT(t, nr == PAGE_RANGES_MAX && ranges[nr - 1].nr == 9);
	EXPECT(t, add(nr, 2 * BASE, 10 * PAGE_SIZE) == nr && ranges[nr - 1].map == __va(BASE));
	EXPECT(t, add(nr, 2 * BASE, 12 * PAGE_SIZE) == nr && ranges[nr - 1].nr == 10);
	EXPECT(t, ranges[nr - 2].nr == 11 && ranges[nr - 3].nr == 11 && ranges[nr - 4].nr == 12);
	EXPECT(t, add(nr, 2 * BASE, 1000 * PAGE_SIZE) == nr && ranges[0].map == __va(2 * BASE));
}
TEST(page_alloc, range_too_many, TEST_ASSERT, test_range_too_many);
