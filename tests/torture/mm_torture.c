/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Torture of the memory manager: for the time that secs= gives, more threads than CPUs map, fault,
 * protect, fork, grow stacks, and unmap, while others reclaim, migrate, take memory away, and storm
 * with interrupts, and allocations fail by the seed.
 *
 * Each worker knows what it should find: it has a region to itself, in an address space that it
 * shares with other workers, and a model of it (struct region). Each page holds a stamp; a read
 * that finds another one, an access that is permitted and should not be, or the other way round,
 * ends the test. An operation that runs out of memory may be half done: what is in doubt is
 * unmapped (with retries) or marked unknown until the next write.
 *
 * The workers of a space share a counter in one page. Each fork makes them copy it anew while all
 * look at it: that is where a stale TLB entry, or a page shared with the child for too long, shows.
 * The others go on with it while the one that forked is in the child, whose counter goes in steps
 * that its parents never make.
 *
 * That it can fail: busted= plants mistakes in the memory manager. How soon one is found
 * depends on how long the wrong moment lasts, so random delays stretch some of them, and a child
 * that shall write while a parent copies looks at what the other CPUs are at (debug builds
 * only: sync points). cow_put_early needs the most: a copy here, a write in the child
 * that comes meanwhile, and a look by a parent before the copy is there: see cow_copy(). Some runs
 * of 20 s find it, others do not; mm.cow_put_twin arranges it. On a busy host the same is true
 * of fork_no_flush (mm.fork_flush_twin), as others must write just then. The host tool's
 * check plants the rest.
 *
 * What a worker decides comes from its own random numbers, one for each turn, and from nothing that
 * happens: same seed, same decisions. The record holds a digest of the first of them (0 if a worker
 * did not come that far).
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/printk.h>
#include <kernel/sync_point.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>
#include <test/reclaim.h>
#include <test/step.h>
#include <test/storm.h>

#include "torture.h"

#define DIGEST_TURNS	32
#define COUNT_BURST	300 /* increments */
#define COUNTER_UNKNOWN (~0ULL)
#define WINDOW_NS	1000000 /* at most so long is a wrong moment of a copy on write stretched */
#define COPY_WAIT_NS	16000000 /* at most so long does a child wait for a parent to copy */
#define CHILD_TURNS	12
#define HELPERS		2 /* threads that are no workers */
#define FAIL_ONE_IN	400

struct torture tort;

static bool torture_done(const struct crew *c)
{
	return READ_ONCE(c->stop) || clock_ns() >= tort.deadline;
}

/* ---- forks ---- */

static void child_turns(struct worker *w, struct rng *rng, bool known, u64 val);

/* Into the child; what does not have to be done at once would give the parents time to be first. */
static void mm_switch(struct mm_struct *to)
{
	unuse_mm();
	use_mm(to);
}

/* Is another CPU between the copy of a page for a write and the change of the entry? */
static bool copy_under_way(void)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		if (cpu != smp_processor_id() && cpu_is_at(cpu, "cow.locked"))
			return true;
	return false;
}

/* The child shall write while a parent copies, if one does so soon. */
static void copy_wait(struct rng *rng)
{
	u64 end = clock_ns() + rng_below(rng, COPY_WAIT_NS);

	spin_until_awake_or("a copy", copy_under_way(), clock_ns() > end);
}

static bool fork_enter(struct worker *w, struct mm_struct *mm, struct rng *rng, u64 *val)
{
	u64 floor = counter_known(w), parents;
	struct mm_struct *child = dup_mm(mm);

	if (!child)
		return false;
	counter_forked(w);
	/*
	 * Who writes to the counter's page first? We, with others looking on; or one of them, and
	 * the child while that is at it: then a look at what the parents see.
	 */
	if (rng_below(rng, 2)) {
		counter_add(w);
		mm_switch(child);
	} else {
		mm_switch(child);
		copy_wait(rng);
	}
	if (user_read64(COUNTER_ADDR, val)) {
		*val = COUNTER_UNKNOWN;
	} else {
		if (*val < floor)
			torture_fail(w, "the counter of a child went back", floor, *val);
		counter_child(w, val);
		mm_switch(mm);
		counter_look(w, &parents);
		mm_switch(child);
	}
	mmput(child);
	return true;
}

/* Fork @mm, the current one, whose model is @r; live in the child for a while; come back. */
static void do_fork(struct worker *w, struct region *r, struct mm_struct *mm, u64 seed)
{
	struct rng rng = { { seed, seed ^ 0x2545f4914f6cdd1dULL } };
	u64 val = COUNTER_UNKNOWN;
	bool forked;

	counter_invite(w);
	forked = fork_enter(w, mm, &rng, &val);
	counter_invite_end(w);
	if (!forked) {
		w->nomem++;
		return;
	}
	w->forks++;
	w->child = *r;
	child_turns(w, &rng, val != COUNTER_UNKNOWN, val);
	unuse_mm();
	use_mm(mm);
	region_check(w, r, "parent, after its child");
}

/* @val: what the child's counter is, if @known. */
static void child_turns(struct worker *w, struct rng *rng, bool known, u64 val)
{
	region_check(w, &w->child, "child");
	for (unsigned int i = 0; i < CHILD_TURNS && !READ_ONCE(w->c->stop); i++) {
		region_turn(w, &w->child, rng_next(rng), w->id + 100);
		if (known)
			counter_child(w, &val);
	}
	region_check(w, &w->child, "child, after its turns");
}

/* One turn in sixteen is a fork; in a child it is none. */
static void do_turn(struct worker *w, u64 dice)
{
	if (dice % DICE == DICE_FORK)
		do_fork(w, &w->r, current->mm, dice | 1);
	else
		region_turn(w, &w->r, dice, w->id);
}

/* ---- threads ---- */

static void worker_thread(struct crew *c, unsigned int me)
{
	unsigned int n = me - HELPERS;
	struct worker *w = &tort.worker[n];
	struct rng *rng = &c->rng[me];

	*w = (struct worker){ .c = c, .me = me, .id = 1 + n };
	w->base = TEST_ADDR + n * REGION_SPAN;
	use_mm(tort.mm[n / SPACE_CREW]);
	/* One turn at least, however late the host let this thread begin. */
	do {
		u64 dice = rng_next(rng);

		if (w->turns++ < DIGEST_TURNS)
			w->digest = digest_add(w->digest, dice);
		do_turn(w, dice);
		for (int i = 0; i < COUNT_BURST && !counter_invited(w); i++)
			counter_add(w);
		counter_watch(w);
	} while (!torture_done(c));
	if (!READ_ONCE(c->stop))
		region_check(w, &w->r, "at the end");
	test_check(c->t);
	unuse_mm();
}

/* Take memory until little is left, hold it, give it back. */
static void squeezer_thread(struct crew *c)
{
	LIST_HEAD(hog);

	while (!torture_done(c)) {
		hog_take(&hog, page_alloc_reserve() + 600);
		tort.pressure++;
		for (int i = 0; i < 4 && !torture_done(c); i++) {
			reclaim_pages(1 + rng_below(&c->rng[0], 32));
			sleep_ns(20 * 1000 * 1000);
		}
		/* The smallest ones: enough for a while without pressure. */
		hog_release(&hog, 24);
		if (!torture_done(c))
			sleep_ns(300 * 1000 * 1000);
	}
	hog_release_all(&hog);
}

static void disturber_thread(struct crew *c)
{
	struct rng *rng = &c->rng[1];

	while (!torture_done(c)) {
		struct page *page = victim_pick(rng);

		if (page)
			victim_disturb(page, rng);
		storm_turn(rng);
		yield();
	}
	storm_end();
}

static void torture_thread(struct crew *c, unsigned int me)
{
	if (me == 0)
		squeezer_thread(c);
	else if (me == 1)
		disturber_thread(c);
	else
		worker_thread(c, me);
}

static void no_thread(struct crew *c, unsigned int me)
{
}

static bool spaces_begin(struct test *t, unsigned int workers)
{
	bool ok = true;

	memset(&tort, 0, sizeof(tort));
	for (unsigned int i = 0; i * SPACE_CREW < workers && ok; i++) {
		tort.mm[i] = mm_alloc();
		ok = EXPECT(t, tort.mm[i] != NULL);
		if (!ok)
			break;
		use_mm(tort.mm[i]);
		ok = EXPECT(t, sys_mmap(COUNTER_ADDR, PAGE_SIZE, RW) == COUNTER_ADDR);
		unuse_mm();
	}
	return ok;
}

/* The counters are right; what is left of the spaces goes. */
static void spaces_end(struct test *t, unsigned int workers)
{
	for (unsigned int i = 0; i * SPACE_CREW < workers && tort.mm[i]; i++) {
		u64 sum = 0, val = ~0ULL;

		for (unsigned int n = 0; n < SPACE_CREW && i * SPACE_CREW + n < workers; n++)
			sum += tort.worker[i * SPACE_CREW + n].shared;
		use_mm(tort.mm[i]);
		EXPECT_MSG(t, !user_read64(COUNTER_ADDR, &val) && val == sum,
			   "space %u: %llu increments of %llu are there", i,
			   (unsigned long long)val, (unsigned long long)sum);
		down_read(&tort.mm[i]->mmap_sem);
		mm_check(tort.mm[i]);
		up_read(&tort.mm[i]->mmap_sem);
		unuse_mm();
		mmput(tort.mm[i]);
	}
}

static void torture_record(struct test *t, unsigned int workers, const struct reclaim_stats *before,
			   unsigned long collisions, u64 failed)
{
	u64 turns = 0, nomem = 0, forks = 0, digest = 0;
	bool complete = true; /* every worker came far enough for the digest */
	struct reclaim_stats now;

	for (unsigned int i = 0; i < workers; i++) {
		const struct worker *w = &tort.worker[i];

		turns += w->turns;
		nomem += w->nomem;
		forks += w->forks;
		digest ^= w->digest;
		complete &= w->turns >= DIGEST_TURNS;
	}
	reclaim_read_stats(&now);
	EXPECT_MSG(t, turns, "nobody did anything");
	EXPECT_MSG(t, lru_collisions() == collisions, "a page was isolated by two");
	test_record(t,
		    "\"iterations\":%llu,\"workers\":%u,\"nomem\":%llu,\"forks\":%llu,"
		    "\"decisions\":\"%llx\"",
		    (unsigned long long)turns, workers, (unsigned long long)nomem,
		    (unsigned long long)forks, complete ? (unsigned long long)digest : 0ULL);
	test_record(t,
		    "\"swapped_out\":%lu,\"swapped_in\":%lu,\"migrated\":%lu,\"pressure\":%llu,"
		    "\"injected\":%llu",
		    now.swapped_out - before->swapped_out, now.swapped_in - before->swapped_in,
		    now.migrated - before->migrated, (unsigned long long)tort.pressure,
		    (unsigned long long)failed);
}

/* Moments that a mistake would make wrong last longer, at random. */
static void delays_begin(struct test *t)
{
	static const struct sync_rule rules[] = {
		/* between the copy for a write, and the change of the entry */
		{ .at = "cow.locked", .cpu = -1, .delay_max_ns = WINDOW_NS },
		/* between the choice of a page on the LRU, and its leaving it */
		{ .at = "isolate.chosen", .cpu = -1, .delay_max_ns = 20000 },
		/* in every other window */
		{ .at = "*", .cpu = -1, .delay_one_in = 16, .delay_max_ns = 20000 },
	};

	sync_rules_arm(rules, ARRAY_SIZE(rules), rng_next(&t->rng));
}

static void test_mm_torture(struct test *t)
{
	unsigned int nr = MIN(2 * smp_nr_online() + HELPERS, CREW_MAX);
	unsigned long collisions = lru_collisions();
	struct reclaim_stats before;
	struct mm_balance b;
	u64 failed;

	/* The memory of threads is kept for good: have it all made before the count. */
	crew_run_fixed(t, nr, no_thread, NULL);
	balance_begin(t, &b);
	reclaim_read_stats(&before);
	if (!spaces_begin(t, nr - HELPERS))
		return;
	fail_inject(FAIL_PAGE, FAIL_ONE_IN, rng_next(&t->rng));
	fail_inject(FAIL_SLAB, FAIL_ONE_IN, rng_next(&t->rng));
	delays_begin(t);
	tort.deadline = clock_ns() + t->budget_ns;
	crew_run_fixed(t, nr, torture_thread, NULL);
	sync_rules_disarm();
	failed = fail_count(FAIL_PAGE) + fail_count(FAIL_SLAB);
	fail_inject(FAIL_PAGE, 0, 0);
	fail_inject(FAIL_SLAB, 0, 0);
	spaces_end(t, nr - HELPERS);
	torture_record(t, nr - HELPERS, &before, collisions, failed);
	EXPECT_MSG(t, !swap_slots_used(), "%lu slots of swap in use", swap_slots_used());
	EXPECT_MSG(t, !anon_vma_count(), "%lu anon_vmas", anon_vma_count());
	balance_end(t, &b);
}
TEST(torture, mm, TEST_TORTURE, test_mm_torture);
