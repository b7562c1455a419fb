/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of address spaces share. */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <arch/pgtable_user.h>
#include <kernel/clock.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <mm/reclaim.h>
#include <test/mm.h>

struct crew_seat {
	struct crew *c;
	unsigned int me;
};

static void crew_thread(void *arg)
{
	struct crew_seat *seat = arg;
	struct crew *c = seat->c;

	c->who[seat->me] = current;
	crew_meet(c, seat->me);
	c->fn(c, seat->me);
}

unsigned int crew_racers(void)
{
	return MIN(MAX(2U, tests_racers()), smp_nr_online());
}

/* The @n-th CPU that is online, from @n modulo their number. */
static unsigned int nth_cpu(unsigned int n)
{
	cpumask_t online = smp_online_mask();

	n %= smp_nr_online();
	for (unsigned int cpu = 0;; cpu++)
		if ((online & 1ULL << cpu) && !n--)
			return cpu;
}

/* Draw the CPUs: @racers different ones, neighbours from a random one on. */
static void crew_start(struct crew *c, unsigned int racers, unsigned int first_cpu)
{
	static struct crew_seat seats[CREW_MAX];

	wait_queue_init(&c->meeting, "crew");
	for (unsigned int i = 0; i < c->nr; i++)
		c->rng[i] = (struct rng){ { rng_next(&c->t->rng), rng_next(&c->t->rng) | 1 } };
	for (unsigned int i = 0; i < c->nr; i++) {
		seats[i] = (struct crew_seat){ c, i };
		c->task[i] = thread_create("crew", 1ULL << nth_cpu(first_cpu + i % racers),
					   crew_thread, &seats[i]);
		if (!c->task[i]) {
			test_fail(c->t, "cannot start thread %u", i);
			crew_stop(c);
			break;
		}
	}
	for (unsigned int i = 0; i < c->nr && c->task[i]; i++)
		thread_join(c->task[i]);
}

static struct crew crew; /* too large for a stack; one test runs at a time */

void crew_run(struct test *t, unsigned int nr, void (*fn)(struct crew *c, unsigned int me),
	      void *arg, u64 ns)
{
	crew = (struct crew){ .fn = fn, .arg = arg, .t = t, .nr = MIN(nr, CREW_MAX) };
	crew.deadline = ns ? clock_ns() + ns : 0;
	crew_start(&crew, crew_racers(), rng_below(&t->rng, smp_nr_online()));
}

void crew_run_fixed(struct test *t, unsigned int nr, void (*fn)(struct crew *c, unsigned int me),
		    void *arg)
{
	crew = (struct crew){ .fn = fn, .arg = arg, .t = t, .nr = MIN(nr, CREW_MAX) };
	crew_start(&crew, crew.nr, 0);
}

/* Is it the first time that this thread asks whether it is done? */
static bool crew_first_turn(struct crew *c)
{
	for (unsigned int i = 0; i < c->nr; i++)
		if (c->who[i] == current)
			return !c->asked[i]++;
	return false;
}

bool crew_done(struct crew *c)
{
	bool first = crew_first_turn(c);

	return READ_ONCE(c->stop) || (c->deadline && clock_ns() >= c->deadline && !first);
}

/* Have all come to that meeting? */
static bool crew_complete(const struct crew *c, u32 turn)
{
	/*
	 * acquire: pairs with the fetch_add() in crew_meet(); orders what the others did before the
	 * meeting before what comes after it; tests: litmus.MP+rel+acq
	 */
	return smp_load_acquire(&c->arrived) >= turn * c->nr || READ_ONCE(c->stop);
}

/* So long a thread spins before it sleeps. */
#define MEET_LOOKS 4 /* times SPIN_TURNS_PER_LOOK */

void crew_meet(struct crew *c, unsigned int me)
{
	u32 turn = ++c->turn[me], looks = 0;

	/* full: after all that this thread did; pairs with the acquire in crew_complete() */
	if (fetch_add(&c->arrived, 1) + 1 == turn * c->nr) {
		wake_up_all(&c->meeting);
		return;
	}
	if (!spin_until_awake_or("the crew", crew_complete(c, turn), ++looks > MEET_LOOKS))
		wait_event(&c->meeting, crew_complete(c, turn));
}

void crew_stop(struct crew *c)
{
	WRITE_ONCE(c->stop, 1);
	wake_up_all(&c->meeting);
}

void expect_read(struct test *t, unsigned long addr, u64 val, const char *what)
{
	u64 got = ~val;
	int err = user_read64(addr, &got);

	EXPECT_MSG(t, !err && got == val, "%s: read of %lx: error %d, %llx instead of %llx", what,
		   addr, err, (unsigned long long)got, (unsigned long long)val);
}

void expect_write(struct test *t, unsigned long addr, u64 val, const char *what)
{
	int err = user_write64(addr, val);

	EXPECT_MSG(t, !err, "%s: write to %lx: error %d", what, addr, err);
}

struct page *page_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;
	pteval_t *ptep;

	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, addr);
	if (ptep && pte_present(ptep_get(ptep)))
		page = phys_to_page(pte_phys(ptep_get(ptep)));
	spin_unlock(&mm->page_table_lock);
	return page;
}

static void do_nothing(struct crew *c, unsigned int me)
{
}

void balance_begin(struct test *t, struct mm_balance *b)
{
	/* The memory of a thread is kept for good: have enough of them made before the count. */
	crew_run(t, crew_racers() + 1, do_nothing, NULL, 0);
	balance_take(&b->memory);
	mm_usage_read(&b->usage);
	b->lru = lru_count(LRU_ACTIVE) + lru_count(LRU_INACTIVE);
}

/* The background thread may have what the test has dropped, for a moment yet. */
void reclaim_wait_idle(void)
{
	for (int i = 0; i < 1000 && reclaim_busy(); i++)
		sleep_ns(1000 * 1000);
}

void balance_end(struct test *t, const struct mm_balance *b)
{
	struct mm_usage u;

	reclaim_wait_idle();
	balance_expect(t, &b->memory);
	mm_usage_read(&u);
	EXPECT_MSG(t, u.mms == b->usage.mms, "%lu address spaces, before %lu", u.mms, b->usage.mms);
	EXPECT_MSG(t, u.areas == b->usage.areas, "%lu areas, before %lu", u.areas, b->usage.areas);
	EXPECT_MSG(t, u.tables == b->usage.tables, "%lu tables, before %lu", u.tables,
		   b->usage.tables);
	EXPECT_MSG(t, lru_count(LRU_ACTIVE) + lru_count(LRU_INACTIVE) == b->lru,
		   "%lu active and %lu inactive pages, before %lu", lru_count(LRU_ACTIVE),
		   lru_count(LRU_INACTIVE), b->lru);
}

void hog_take(struct list_head *hog, unsigned long leave)
{
	drain_pages(); /* what lies on the CPUs' lists is no part of a block */
	for (int order = MAX_PAGE_ORDER; order >= 0; order--) {
		while (nr_free_pages() >= leave + (1UL << order)) {
			struct page *page = alloc_pages(GFP_NOWAIT | __GFP_NOINJECT, order);

			if (!page)
				break;
			list_add(&page->lru, hog);
		}
	}
}

void hog_release(struct list_head *hog, unsigned int nr)
{
	while (nr-- && !list_empty(hog)) {
		struct page *page = list_first_entry(hog, struct page, lru);

		list_del(&page->lru);
		free_pages(page, page->order);
	}
}
