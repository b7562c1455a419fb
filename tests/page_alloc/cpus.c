/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page allocator on all CPUs at once: every page carries a stamp of its owner, which another
 * owner would overwrite; and a CPU's list of free pages with and without what protects it.
 */
#include <arch/atomic.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <test/balance.h>

#define HELD	 24 /* blocks that a CPU holds at a time */
#define BASKETS	 8  /* places where one CPU leaves a block for another to free */
#define MIN_TRIP 64

struct storm {
	struct test *t;
	u64 seed, until;
	struct page *basket[BASKETS]; /* by xchg */
	unsigned long trips;	      /* atomic */
};

/* Stamp the first and last word of every page of a block. */
static void block_stamp(struct page *page, u64 stamp)
{
	for (unsigned long i = 0; i < 1UL << page->order; i++) {
		u64 *p = page_address(page + i);

		WRITE_ONCE(p[0], stamp + i);
		WRITE_ONCE(p[PAGE_SIZE / sizeof(*p) - 1], ~stamp);
	}
	page->private = stamp;
}

static bool block_has_stamp(const struct page *page)
{
	u64 stamp = page->private;

	for (unsigned long i = 0; i < 1UL << page->order; i++) {
		const u64 *p = page_address(page + i);

		if (READ_ONCE(p[0]) != stamp + i ||
		    READ_ONCE(p[PAGE_SIZE / sizeof(*p) - 1]) != ~stamp)
			return false;
	}
	return true;
}

static void block_end(struct storm *s, struct page *page)
{
	EXPECT_MSG(s->t, block_has_stamp(page), "page %lx lost its stamp", page_to_pfn(page));
	free_pages(page, page->order);
}

static void storm_run(unsigned int cpu, void *arg)
{
	struct storm *s = arg;
	struct page *held[HELD] = { NULL };
	unsigned long trips = 0;
	struct rng rng;

	rng_seed(&rng, s->seed + cpu, "storm");
	for (; trips < MIN_TRIP || clock_ns() < s->until; trips++) {
		unsigned int i = rng_below(&rng, HELD);
		struct page *page = held[i];

		if (!page) {
			held[i] = alloc_pages(GFP_KERNEL,
					      rng_below(&rng, 8) ? 0 : rng_below(&rng, 4));
			if (held[i])
				block_stamp(held[i], rng_next(&rng));
			continue;
		}
		held[i] = NULL;
		/*
		 * full: pairs with itself on the CPU that takes the page out; the stamp before the
		 * page can be taken; tests: litmus.MP+rel+acq
		 */
		if (rng_below(&rng, 4) == 0)
			page = xchg(&s->basket[rng_below(&rng, BASKETS)], page);
		if (page)
			block_end(s, page);
	}
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i])
			block_end(s, held[i]);
	fetch_add_relaxed(&s->trips, trips);
}

static void test_storm(struct test *t)
{
	static struct storm s;
	struct balance b;

	balance_take(&b);
	memset(&s, 0, sizeof(s));
	s.t = t;
	s.seed = rng_next(&t->rng);
	s.until = clock_ns() + t->budget_ns;
	test_on_cpus(0, storm_run, &s);
	for (unsigned int i = 0; i < BASKETS; i++)
		if (s.basket[i])
			block_end(&s, s.basket[i]);
	test_record(t, "\"iterations\":%lu", s.trips);
	balance_expect(t, &b);
}
TEST(page_alloc, all_cpus, TEST_RACE, test_storm);

/* ---- a list shared by all CPUs ---- */

#define LIST_PAGES     64
/* A lock held by a CPU that the host has put aside stops the other: few trips with it. */
#define TRIPS_LOCKED   1500
#define TRIPS_UNLOCKED 20000
/* On a host that is busy the CPUs may run in turns for long. */
#define TWIN_LIMIT_NS  6000000000ULL

struct shared_list {
	struct page_pcp pcp;
	struct spinlock lock;
	bool locked;
	unsigned long twice;	       /* atomic: pages that had an owner already */
	struct page pages[LIST_PAGES]; /* private: owner, by xchg */
};

static struct page *shared_pop(struct shared_list *l)
{
	unsigned long flags = 0;
	struct page *page;

	if (l->locked)
		flags = spin_lock_irqsave(&l->lock);
	page = page_pcp_pop(&l->pcp);
	if (l->locked)
		spin_unlock_irqrestore(&l->lock, flags);
	return page;
}

static void shared_push(struct shared_list *l, struct page *page)
{
	unsigned long flags = 0;

	if (l->locked)
		flags = spin_lock_irqsave(&l->lock);
	page_pcp_push(&l->pcp, page);
	if (l->locked)
		spin_unlock_irqrestore(&l->lock, flags);
}

static void shared_run(unsigned int cpu, void *arg)
{
	struct shared_list *l = arg;

	unsigned int trips = l->locked ? TRIPS_LOCKED : TRIPS_UNLOCKED;

	for (unsigned int i = 0; i < trips; i++) {
		struct page *page = shared_pop(l);

		if (!page)
			continue;
		if (xchg(&page->private, cpu + 1UL))
			fetch_add_relaxed(&l->twice, 1);
		/* Only one owner gives it back, or the list would hold it twice for ever. */
		if (xchg(&page->private, 0UL) == cpu + 1UL)
			shared_push(l, page);
	}
}

/* Returns how many pages were given out twice or lost. */
static unsigned long shared_hold(bool locked)
{
	static struct shared_list l;
	unsigned long left = 0;

	memset(&l, 0, sizeof(l));
	spin_lock_init(&l.lock, "shared_list");
	l.locked = locked;
	for (unsigned int i = 0; i < LIST_PAGES; i++)
		page_pcp_push(&l.pcp, &l.pages[i]);
	test_on_cpus(MAX(2U, tests_racers()), shared_run, &l);
	while (left <= LIST_PAGES && page_pcp_pop(&l.pcp))
		left++;
	return l.twice + (left > LIST_PAGES ? left - LIST_PAGES : LIST_PAGES - left);
}

static void test_shared_list(struct test *t)
{
	unsigned long wrong = shared_hold(true);

	EXPECT_MSG(t, wrong == 0, "%lu pages given out twice or lost", wrong);
}
TEST(page_alloc, shared_list, TEST_RACE, test_shared_list, .min_cpus = 2);

/* The busted twin: the same list in the hands of several CPUs, without a lock. */
static void test_shared_list_twin(struct test *t)
{
	u64 until = clock_ns() + TWIN_LIMIT_NS;
	unsigned long wrong = 0;

	while (!wrong && clock_ns() < until)
		wrong = shared_hold(false);
	EXPECT_MSG(t, wrong != 0, "no page was given out twice or lost");
}
TEST(page_alloc, shared_list_twin, TEST_RACE, test_shared_list_twin, .min_cpus = 2);
