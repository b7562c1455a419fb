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
#include <test/step.h>

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

#define LIST_PAGES 64
/* A CPU that the host has put aside with the lock stops the other: few trips. */
#define TRIPS	   1500

struct shared_list {
	struct page_pcp pcp;
	struct spinlock lock;
	unsigned long twice;	       /* atomic: pages that had an owner already */
	u32 step;		       /* of the twin */
	struct page pages[LIST_PAGES]; /* private: owner, by xchg */
};

static struct page *shared_pop(struct shared_list *l)
{
	unsigned long flags = spin_lock_irqsave(&l->lock);
	struct page *page = page_pcp_pop(&l->pcp);

	spin_unlock_irqrestore(&l->lock, flags);
	return page;
}

static void shared_push(struct shared_list *l, struct page *page)
{
	unsigned long flags = spin_lock_irqsave(&l->lock);

	page_pcp_push(&l->pcp, page);
	spin_unlock_irqrestore(&l->lock, flags);
}

static void page_own(struct shared_list *l, struct page *page, unsigned int cpu)
{
	if (xchg(&page->private, cpu + 1UL))
		fetch_add_relaxed(&l->twice, 1);
}

static void shared_run(unsigned int cpu, void *arg)
{
	struct shared_list *l = arg;

	for (unsigned int i = 0; i < TRIPS; i++) {
		struct page *page = shared_pop(l);

		if (!page)
			continue;
		page_own(l, page, cpu);
		/* Only one owner gives it back, or the list would hold it twice for ever. */
		if (xchg(&page->private, 0UL) == cpu + 1UL)
			shared_push(l, page);
	}
}

/* Returns how many pages were given out twice or lost, but for @out that are out. */
static unsigned long shared_hold(unsigned int cpus, void (*fn)(unsigned int cpu, void *arg),
				 unsigned long out)
{
	static struct shared_list l;
	unsigned long left = out;

	memset(&l, 0, sizeof(l));
	spin_lock_init(&l.lock, "shared_list");
	for (unsigned int i = 0; i < LIST_PAGES; i++)
		page_pcp_push(&l.pcp, &l.pages[i]);
	test_on_cpus(cpus, fn, &l);
	while (left <= LIST_PAGES && page_pcp_pop(&l.pcp))
		left++;
	return l.twice + (left > LIST_PAGES ? left - LIST_PAGES : LIST_PAGES - left);
}

static void test_shared_list(struct test *t)
{
	unsigned long wrong = shared_hold(MAX(2U, tests_racers()), shared_run, 0);

	EXPECT_MSG(t, wrong == 0, "%lu pages given out twice or lost", wrong);
}
TEST(page_alloc, shared_list, TEST_RACE, test_shared_list, .min_cpus = 2);

/*
 * The busted twin: without a lock, one CPU overtakes the other in the midst of page_pcp_pop().
 *
 *	CPU 0				CPU 1
 *	page = head
 *					page = head; head = page->next
 *	head = page->next
 */
static void overtaken(unsigned int cpu, void *arg)
{
	struct shared_list *l = arg;
	struct page *page;

	if (cpu) {
		step_wait("CPU 0 to have read the head", &l->step, 1);
		page_own(l, page_pcp_pop(&l->pcp), cpu);
		step_to(&l->step, 2);
		return;
	}
	page = READ_ONCE(l->pcp.head);
	step_to(&l->step, 1);
	step_wait("CPU 1 to have taken it", &l->step, 2);
	WRITE_ONCE(l->pcp.head, READ_ONCE(page->pcp_next));
	WRITE_ONCE(l->pcp.count, l->pcp.count - 1);
	page_own(l, page, cpu);
}

static void test_shared_list_twin(struct test *t)
{
	unsigned long wrong = shared_hold(2, overtaken, 2);

	/* One has had two owners, and the other that should be out is on the list. */
	EXPECT_MSG(t, wrong == 2, "%lu pages given out twice or lost", wrong);
}
TEST(page_alloc, shared_list_twin, TEST_RACE, test_shared_list_twin, .min_cpus = 2);
