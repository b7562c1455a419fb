/* SPDX-License-Identifier: GPL-2.0-only */
/* The page allocator on one CPU: blocks, their merging, what flags promise, what is refused. */
#include <kernel/fail.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>
#include <test/balance.h>

#define BLOCKS 160

static void free_blocks(struct page **blocks, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (blocks[i])
			free_pages(blocks[i], blocks[i]->order);
}

/* Take blocks of random orders, give them back in random order: the free blocks are as before. */
static void test_split_merge(struct test *t)
{
	unsigned long before[MAX_PAGE_ORDER + 1], after[MAX_PAGE_ORDER + 1];
	static struct page *blocks[BLOCKS];
	struct page_alloc_stats s0, s1;
	struct balance b;

	balance_take(&b);
	page_alloc_read_free(before);
	page_alloc_read_stats(&s0);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		unsigned int order = rng_below(&t->rng, 5);

		blocks[i] = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, order);
		if (EXPECT(t, blocks[i]))
			EXPECT(t, blocks[i]->order == order && page_count(blocks[i]) == 1);
	}
	for (unsigned int i = BLOCKS; i > 1; i--) {
		unsigned int k = rng_below(&t->rng, i);
		struct page *last = blocks[i - 1];

		blocks[i - 1] = blocks[k];
		blocks[k] = last;
	}
	free_blocks(blocks, BLOCKS);
	balance_expect(t, &b);
	page_alloc_read_free(after);
	page_alloc_read_stats(&s1);
	EXPECT(t, s1.splits > s0.splits && s1.splits - s0.splits == s1.merges - s0.merges);
	for (unsigned int o = 0; o <= MAX_PAGE_ORDER; o++)
		EXPECT_MSG(t, before[o] == after[o], "order %u: %lu blocks, then %lu", o, before[o],
			   after[o]);
}
TEST(page_alloc, split_merge, TEST_ASSERT, test_split_merge);

/* Every order: aligned to its size, all of it in one range, numbers and addresses agree. */
static void test_alignment(struct test *t)
{
	struct balance b;

	balance_take(&b);
	for (unsigned int order = 0; order <= MAX_PAGE_ORDER; order++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, order);
		unsigned long last = (1UL << order) - 1;
		char *p;

		/* A small machine may have no block of the largest orders. */
		if (!page && order > 8)
			break;
		if (!EXPECT_MSG(t, page, "order %u", order))
			break;
		p = page_address(page);
		EXPECT(t, IS_ALIGNED(page_to_phys(page), (phys_addr_t)PAGE_SIZE << order));
		EXPECT(t, virt_to_page(p) == page);
		EXPECT(t, virt_to_page(p + (PAGE_SIZE << order) - 1) == page + last);
		EXPECT(t, pfn_to_page(page_to_pfn(page) + last) == page + last);
		EXPECT(t, phys_to_page(page_to_phys(page)) == page);
		p[0] = 1;
		p[(PAGE_SIZE << order) - 1] = 1;
		free_pages(page, order);
	}
	EXPECT(t, !alloc_pages(GFP_KERNEL, MAX_PAGE_ORDER + 1));
	/* Memory that is not the page allocator's has no struct page. */
	EXPECT(t, !virt_to_page(__text_start) && !virt_to_page(&b) && !pfn_to_page(~0UL));
	balance_expect(t, &b);
}
TEST(page_alloc, alignment, TEST_ASSERT, test_alignment);

/* Take blocks until there is none, largest first; they hang on @taken. Returns the pages. */
static unsigned long take_all(struct list_head *taken, gfp_t gfp)
{
	unsigned long n = 0;

	for (int order = MAX_PAGE_ORDER; order >= 0; order--) {
		struct page *page;

		while ((page = alloc_pages(gfp | __GFP_NOINJECT, order))) {
			list_add(&page->lru, taken);
			n += 1UL << order;
		}
	}
	return n;
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

static void test_take_all(struct test *t)
{
	LIST_HEAD(taken);
	LIST_HEAD(rest);
	unsigned long n, atomic;
	struct balance b;

	balance_take(&b);
	n = take_all(&taken, GFP_KERNEL);
	/* The reserve is left, and only those may have it who cannot wait. */
	EXPECT_MSG(t, nr_free_pages() == page_alloc_reserve(), "%lu pages left of a reserve of %lu",
		   nr_free_pages(), page_alloc_reserve());
	EXPECT(t, !alloc_page(GFP_KERNEL) && !alloc_page(GFP_NOWAIT));
	atomic = take_all(&rest, GFP_ATOMIC);
	EXPECT_MSG(t, n + atomic == b.pages && nr_free_pages() == 0, "%lu and %lu of %lu pages", n,
		   atomic, b.pages);
	EXPECT(t, !alloc_page(GFP_ATOMIC) && !boot_alloc(1, 1));
	give_all(&rest);
	give_all(&taken);
	balance_expect(t, &b);
}
TEST(page_alloc, take_all, TEST_ASSERT, test_take_all);

/* ---- reclaim ---- */

static struct list_head *hoard;
static unsigned int reclaim_calls;

static int reclaim_hoard(unsigned long nr)
{
	unsigned long freed = 0;

	reclaim_calls++;
	while (freed < nr && !list_empty(hoard)) {
		struct page *page = list_first_entry(hoard, struct page, lru);

		freed += 1UL << page->order;
		list_del(&page->lru);
		put_page(page);
	}
	return freed;
}

/* GFP_KERNEL asks the hook before it gives up, the others do not; a hook may fail. */
static void test_reclaim(struct test *t)
{
	int (*saved)(unsigned long nr) = page_alloc_reclaim;
	LIST_HEAD(taken);
	LIST_HEAD(none);
	struct page *page;
	struct balance b;

	balance_take(&b);
	page_alloc_reclaim = NULL;
	take_all(&taken, GFP_KERNEL);
	hoard = &none;
	reclaim_calls = 0;
	page_alloc_reclaim = reclaim_hoard;
	EXPECT(t, !alloc_page(GFP_NOWAIT) && reclaim_calls == 0);
	EXPECT(t, !alloc_page(GFP_KERNEL | __GFP_NOINJECT) && reclaim_calls == 1);
	hoard = &taken;
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, page && reclaim_calls == 2);
	if (page)
		__free_page(page);
	page_alloc_reclaim = saved;
	give_all(&taken);
	balance_expect(t, &b);
}
TEST(page_alloc, reclaim, TEST_ASSERT, test_reclaim);

static bool bytes_are(const u8 *p, size_t n, u8 v)
{
	while (n--)
		if (*p++ != v)
			return false;
	return true;
}

static void test_zero(struct test *t)
{
	struct balance b;

	balance_take(&b);
	for (unsigned int order = 0; order <= 3; order++) {
		size_t size = PAGE_SIZE << order;
		struct page *page;

		for (int i = 0; i < 3; i++) {
			page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOINJECT, order);
			if (!EXPECT(t, page))
				return;
			EXPECT(t, bytes_are(page_address(page), size, 0));
			memset(page_address(page), 0x77, size);
			free_pages(page, order);
		}
	}
	balance_expect(t, &b);
}
TEST(page_alloc, zero, TEST_ASSERT, test_zero);

static void test_exact(struct test *t)
{
	struct balance b;

	balance_take(&b);
	for (size_t size = 1; size < 40 * PAGE_SIZE; size += 5 * PAGE_SIZE / 3) {
		unsigned long pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
		void *p;

		drain_pages();
		p = alloc_pages_exact(size, 4 * PAGE_SIZE, GFP_KERNEL | __GFP_NOINJECT);
		if (!EXPECT(t, p))
			break;
		EXPECT(t, IS_ALIGNED((unsigned long)p, 4 * PAGE_SIZE));
		EXPECT_MSG(t, nr_free_pages() == b.pages - pages, "%zu bytes took %lu pages", size,
			   b.pages - nr_free_pages());
		free_pages_exact(p, size);
	}
	EXPECT(t, !alloc_pages_exact(0, 1, GFP_KERNEL) && !alloc_pages_exact(~0UL, 1, GFP_KERNEL));
	balance_expect(t, &b);
}
TEST(page_alloc, exact, TEST_ASSERT, test_exact);

static void test_refcount(struct test *t)
{
	struct page *page, *again;
	struct balance b;

	balance_take(&b);
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	if (!EXPECT(t, page))
		return;
	page->mapping = &b;
	get_page(page);
	EXPECT(t, get_page_unless_zero(page) && page_count(page) == 3);
	__free_page(page);
	put_page(page);
	/* Until the last reference is gone the page keeps what it had. */
	EXPECT(t, page_count(page) == 1 && page->mapping == &b);
	put_page(page);
	EXPECT(t, page_count(page) == 0 && !get_page_unless_zero(page));
	/* Last in, first out; and nothing of its former life. */
	again = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, again == page && !page->mapping && !page->flags && !page->private);
	EXPECT(t, !page_test_set_flag(page, PG_locked) && page_test_set_flag(page, PG_locked));
	page_set_flag(page, PG_dirty);
	EXPECT(t, page_test_clear_flag(page, PG_locked) && !page_test_clear_flag(page, PG_locked));
	page_clear_flag(page, PG_dirty);
	EXPECT(t, !page->flags);
	if (again)
		__free_page(again);
	balance_expect(t, &b);
}
TEST(page_alloc, refcount, TEST_ASSERT, test_refcount);

static void test_stats(struct test *t)
{
	struct page_alloc_stats s0, s1;
	struct page *one, *block;
	struct balance b;

	balance_take(&b);
	page_alloc_read_stats(&s0);
	one = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	block = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, 3);
	EXPECT(t, one && block && !alloc_pages(GFP_NOWAIT, MAX_PAGE_ORDER + 1));
	page_alloc_read_stats(&s1);
	EXPECT(t, s1.allocs == s0.allocs + 2 && s1.frees == s0.frees);
	EXPECT(t, s1.failures == s0.failures + 1 && s1.pcp_refills == s0.pcp_refills + 1);
	EXPECT(t, nr_free_pages() == b.pages - 9);
	if (one)
		__free_page(one);
	if (block)
		free_pages(block, 3);
	page_alloc_read_stats(&s1);
	EXPECT(t, s1.frees == s0.frees + 2);
	EXPECT(t, nr_managed_pages() >= b.pages);
	balance_expect(t, &b);
}
TEST(page_alloc, stats, TEST_ASSERT, test_stats);

/* ---- injected failures ---- */

#define TRIES 512

/* Which of TRIES allocations failed, as bits. */
static void inject_record(u64 *bits, u64 stream)
{
	fail_stream_set(stream);
	memset(bits, 0, TRIES / 8);
	for (unsigned int i = 0; i < TRIES; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (page)
			__free_page(page);
		else
			bits[i / 64] |= 1ULL << i % 64;
	}
	fail_stream_set(0);
}

static void test_inject(struct test *t)
{
	u64 a[TRIES / 64], c[TRIES / 64], seed = rng_next(&t->rng);
	struct balance b;
	u64 n;

	balance_take(&b);
	fail_inject(FAIL_PAGE, 4, seed);
	inject_record(a, 7);
	n = fail_count(FAIL_PAGE);
	EXPECT_MSG(t, n > TRIES / 8 && n < TRIES / 2, "%llu of %u failed", (unsigned long long)n,
		   TRIES);
	inject_record(c, 7);
	EXPECT(t, !memcmp(a, c, sizeof(a)) && fail_count(FAIL_PAGE) == 2 * n);
	inject_record(c, 8);
	EXPECT(t, memcmp(a, c, sizeof(a)));
	fail_inject(FAIL_PAGE, 4, seed + 1);
	inject_record(c, 7);
	EXPECT(t, memcmp(a, c, sizeof(a)));
	/* One in one: all of them, in every way to allocate. */
	fail_inject(FAIL_PAGE, 1, seed);
	EXPECT(t, !alloc_page(GFP_ATOMIC) && !alloc_pages(GFP_KERNEL, 2));
	EXPECT(t, !alloc_pages_exact(PAGE_SIZE, PAGE_SIZE, GFP_KERNEL));
	fail_inject(FAIL_PAGE, 0, 0);
	EXPECT(t, fail_count(FAIL_PAGE) == 0);
	balance_expect(t, &b);
}
TEST(page_alloc, inject, TEST_ASSERT, test_inject);
