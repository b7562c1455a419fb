/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the page allocator promises in detail: the marks of pages, how long a CPU's list may become,
 * who collects the lists and asks for reclaim, references in the hands of many, ranges of memory.
 */
#include <kernel/boot.h>
#include <kernel/clock.h>
#include <kernel/fail.h>
#include <kernel/smp.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>
#include <mm/swap.h>
#include <test/balance.h>

#define LIST_MAX 128 /* pages: no CPU keeps more for itself than some dozens */

/* Pages in blocks of the buddy lists, by the lengths of those. */
static unsigned long pages_in_buddies(void)
{
	unsigned long blocks[MAX_PAGE_ORDER + 1], sum = 0;

	page_alloc_read_free(blocks);
	for (unsigned int o = 0; o <= MAX_PAGE_ORDER; o++)
		sum += blocks[o] << o;
	return sum;
}

static unsigned long pages_on_lists(void)
{
	return nr_free_pages() - pages_in_buddies();
}

/* The same by the marks of the pages. */
static void marks_count(unsigned long *buddies, unsigned long *lists)
{
	*buddies = *lists = 0;
	for (unsigned int i = 0; i < nr_page_ranges; i++) {
		const struct page_range *r = &page_ranges[i];

		for (unsigned long k = 0; k < r->nr; k++) {
			if (page_test_flag(&r->map[k], PG_buddy))
				*buddies += 1UL << r->map[k].order;
			*lists += page_test_flag(&r->map[k], PG_pcp);
		}
	}
}

static void expect_marks(struct test *t)
{
	unsigned long buddies, lists;

	marks_count(&buddies, &lists);
	EXPECT_MSG(t, buddies == pages_in_buddies(), "%lu pages are marked as in blocks, not %lu",
		   buddies, pages_in_buddies());
	EXPECT_MSG(t, lists == pages_on_lists(), "%lu pages are marked as on lists, not %lu", lists,
		   pages_on_lists());
}

static void test_marks(struct test *t)
{
	struct page *page, *block;

	drain_pages();
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	block = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, 3);
	if (!EXPECT(t, page && block))
		return;
	EXPECT(t, pages_on_lists() > 0);
	expect_marks(t);
	free_pages(block, 3);
	__free_page(page);
	expect_marks(t);
	drain_pages();
	EXPECT(t, !pages_on_lists());
	expect_marks(t);
}
TEST(page_alloc, marks, TEST_ASSERT, test_marks);

/* ---- lists of the CPUs ---- */

static struct page *held[LIST_MAX * 2];

static void test_list_length(struct test *t)
{
	struct balance b;

	balance_take(&b);
	for (unsigned int i = 0; i < ARRAY_SIZE(held); i++) {
		held[i] = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
		EXPECT(t, held[i]);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i])
			__free_page(held[i]);
	EXPECT_MSG(t, pages_on_lists() > 0 && pages_on_lists() <= LIST_MAX,
		   "%lu pages are on lists", pages_on_lists());
	balance_expect(t, &b);
}
TEST(page_alloc, list_length, TEST_ASSERT, test_list_length);

static void free_there(void *page)
{
	__free_page(page);
}

/* Free @page on CPU 1, whose list then has it. */
static void free_on_other_cpu(struct test *t, struct page *page)
{
	EXPECT(t, cpu_work_start(1, free_there, page) == 0);
	cpu_work_wait(1);
}

static void test_drain_all(struct test *t)
{
	struct page_alloc_stats before, after;
	struct page *page;

	drain_pages();
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	if (!EXPECT(t, page))
		return;
	drain_pages();
	EXPECT(t, !pages_on_lists());
	free_on_other_cpu(t, page);
	EXPECT(t, pages_on_lists() == 1);
	page_alloc_read_stats(&before);
	drain_pages();
	page_alloc_read_stats(&after);
	EXPECT(t, !pages_on_lists() && after.pcp_drains == before.pcp_drains + 1);
}
TEST(page_alloc, drain_all, TEST_ASSERT, test_drain_all, .min_cpus = 2);

/* ---- nothing is free ---- */

/* Take all but the reserve, as single pages where that matters; they hang on @taken. */
static void take_all(struct list_head *taken)
{
	for (int order = MAX_PAGE_ORDER; order >= 0; order--) {
		struct page *page;

		while ((page = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, order)))
			list_add(&page->lru, taken);
	}
}

static void give_all(struct list_head *taken)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, taken, lru)
	{
		list_del(&page->lru);
		put_page(page);
	}
}

/* The last page lies on another CPU's list. Who may sleep gets it, who may not gets none. */
static void test_last_on_list(struct test *t)
{
	int (*saved)(unsigned long nr) = page_alloc_reclaim;
	struct page *page, *last;
	LIST_HEAD(taken);
	struct balance b;

	balance_take(&b);
	page_alloc_reclaim = NULL;
	last = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	take_all(&taken);
	if (EXPECT(t, last)) {
		free_on_other_cpu(t, last);
		EXPECT(t, !alloc_page(GFP_NOWAIT | __GFP_NOINJECT));
		page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
		if (EXPECT(t, page))
			__free_page(page);
	}
	give_all(&taken);
	page_alloc_reclaim = saved;
	balance_expect(t, &b);
}
TEST(page_alloc, last_on_list, TEST_ASSERT, test_last_on_list, .min_cpus = 2);

static struct list_head *hoard;
static unsigned int reclaim_calls;

/* Says twice that it was successful when others have taken it; then it is. */
static int reclaim_third(unsigned long nr)
{
	if (++reclaim_calls == 3)
		give_all(hoard);
	return 1;
}

static void test_reclaim_again(struct test *t)
{
	int (*saved)(unsigned long nr) = page_alloc_reclaim;
	struct page_alloc_stats s0, s1;
	struct page *page;
	LIST_HEAD(taken);
	struct balance b;

	balance_take(&b);
	page_alloc_reclaim = NULL;
	take_all(&taken);
	hoard = &taken;
	reclaim_calls = 0;
	page_alloc_read_stats(&s0);
	page_alloc_reclaim = reclaim_third;
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	page_alloc_reclaim = saved;
	page_alloc_read_stats(&s1);
	EXPECT_MSG(t, page && reclaim_calls == 3, "after %u calls", reclaim_calls);
	EXPECT(t, s1.reclaims == s0.reclaims + 3);
	if (page)
		__free_page(page);
	give_all(&taken);
	balance_expect(t, &b);
}
TEST(page_alloc, reclaim_again, TEST_ASSERT, test_reclaim_again);

/* ---- pages ---- */

/* Nothing of its former life shows in a page. */
static void test_page_is_new(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_NOINJECT), *again;

	if (!EXPECT(t, page))
		return;
	page->mapping = t;
	page->index = 9;
	page->private = 7;
	__free_page(page);
	again = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, again == page && !again->mapping && !again->index && !again->private);
	EXPECT(t, page_count(again) == 1 && !again->order);
	__free_page(again);
}
TEST(page_alloc, page_is_new, TEST_ASSERT, test_page_is_new);

/* Many at once: blocks and single pages, some of which others hold. */
static void test_put_pages(struct test *t)
{
	static struct page *pages[48];
	struct page_alloc_stats s0, s1;
	struct balance b;

	balance_take(&b);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, i % 5 == 3 ? 2 : 0);
		if (!EXPECT(t, pages[i]))
			return;
		if (i % 7 == 5)
			get_page(pages[i]);
	}
	page_alloc_read_stats(&s0);
	put_pages(pages, ARRAY_SIZE(pages));
	page_alloc_read_stats(&s1);
	EXPECT_MSG(t, s1.frees - s0.frees == ARRAY_SIZE(pages) - 7, "%llu were freed",
		   (unsigned long long)(s1.frees - s0.frees));
	for (unsigned int i = 5; i < ARRAY_SIZE(pages); i += 7) {
		EXPECT(t, page_count(pages[i]) == 1);
		put_page(pages[i]);
	}
	balance_expect(t, &b);
}
TEST(page_alloc, put_pages, TEST_ASSERT, test_put_pages);

#define REF_TURNS    100000
#define REF_MEETINGS 2000
#define REF_LIMIT_NS 2000000000ULL

struct refs {
	struct page *page;
	u64 until; /* for a host that runs one CPU after the other */
	u32 over;
};

/* One turn. Did another CPU have a reference meanwhile? */
static bool refs_turn(struct page *page, bool known)
{
	bool met;

	if (known)
		get_page(page);
	else if (!get_page_unless_zero(page))
		return false;
	met = page_count(page) > 2;
	put_page(page);
	return met;
}

/* For so many turns at least, and until one CPU has met others often enough. */
static void refs_run(unsigned int cpu, void *arg)
{
	struct refs *r = arg;
	u32 met = 0;

	for (u32 i = 0; i < REF_TURNS || !READ_ONCE(r->over); i++) {
		met += refs_turn(r->page, i & 1);
		if (met >= REF_MEETINGS || (i % 1024 == 0 && clock_ns() > r->until))
			WRITE_ONCE(r->over, 1);
	}
}

/* All CPUs take and drop references to one page: in the end it has the one of before. */
static void test_refcount_race(struct test *t)
{
	struct refs r = { .page = alloc_page(GFP_KERNEL | __GFP_NOINJECT),
			  .until = clock_ns() + REF_LIMIT_NS };

	if (!EXPECT(t, r.page))
		return;
	test_on_cpus(MAX(2U, tests_racers()), refs_run, &r);
	EXPECT_MSG(t, page_count(r.page) == 1, "%d references", page_count(r.page));
	WRITE_ONCE(r.page->refcount, 1);
	__free_page(r.page);
}
TEST(page_alloc, refcount_race, TEST_RACE, test_refcount_race, .min_cpus = 2);

/* ---- ranges of memory ---- */

static bool overlaps(const struct phys_range *r, phys_addr_t start, phys_addr_t end)
{
	return start < r->base + r->size && r->base < end;
}

/* What is kept back is a small part of memory, within limits. */
static void test_reserve(struct test *t)
{
	unsigned long reserve = page_alloc_reserve(), managed = nr_managed_pages();

	EXPECT_MSG(t, reserve >= 16 && reserve <= 1024, "%lu pages of %lu", reserve, managed);
	EXPECT_MSG(t, reserve == 16 || reserve <= managed / 256, "%lu pages of %lu", reserve,
		   managed);
	EXPECT_MSG(t, swap_slots() <= managed / 4, "%lu slots, %lu pages", swap_slots(), managed);
}
TEST(page_alloc, reserve, TEST_ASSERT, test_reserve);

/* What is given out lies in memory, above the lowest pages, and in nothing that is reserved. */
static void test_ranges(struct test *t)
{
	EXPECT(t, nr_page_ranges > 0);
	for (unsigned int i = 0; i < nr_page_ranges; i++) {
		const struct page_range *r = &page_ranges[i];
		phys_addr_t start = __pa(r->map), end = (phys_addr_t)(r->pfn + r->nr) << PAGE_SHIFT;
		unsigned int inside = 0;

		EXPECT_MSG(t, start >= 0x10000, "%llx", (unsigned long long)start);
		EXPECT(t, (char *)(r->map + r->nr) <= (char *)page_address(&r->map[0]));
		for (unsigned int k = 0; k < boot_info.nr_reserved; k++)
			EXPECT_MSG(t, !overlaps(&boot_info.reserved[k], start, end),
				   "%llx to %llx: %llx is reserved", (unsigned long long)start,
				   (unsigned long long)end,
				   (unsigned long long)boot_info.reserved[k].base);
		for (unsigned int k = 0; k < boot_info.nr_memory; k++)
			inside += start >= boot_info.memory[k].base &&
				  end <= boot_info.memory[k].base + boot_info.memory[k].size;
		EXPECT(t, inside == 1);
	}
}
TEST(page_alloc, ranges, TEST_ASSERT, test_ranges);

/* ---- injected failures ---- */

static u64 inject_bits(void)
{
	u64 bits = 0;

	for (unsigned int i = 0; i < 64; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (page)
			__free_page(page);
		else
			bits |= 1ULL << i;
	}
	return bits;
}

/* To be armed anew begins the streams anew; who asks for none has none. */
static void test_inject_anew(struct test *t)
{
	struct page *page;
	u64 first;

	fail_inject(FAIL_PAGE, 3, 5);
	first = inject_bits();
	fail_inject(FAIL_PAGE, 3, 5);
	EXPECT(t, first && inject_bits() == first);
	fail_inject(FAIL_PAGE, 1, 5);
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, page && !alloc_page(GFP_KERNEL));
	fail_inject(FAIL_PAGE, 0, 0);
	if (page)
		__free_page(page);
}
TEST(page_alloc, inject_anew, TEST_ASSERT, test_inject_anew);
