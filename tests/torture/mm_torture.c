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
 * This file is long because what a worker does and what it then finds belong together.
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

#define REGION_PAGES	48
#define STACK_PAGES	24 /* to which a stack may grow here */
#define REGION_SPAN	(64UL << 20)
#define DIGEST_TURNS	32
#define SPACE_CREW	4   /* workers that share a space: one may fork, and two still race */
#define COUNT_BURST	300 /* increments */
#define WATCHERS	2   /* for whom a fork waits, so long: */
#define COUNTER_UNKNOWN (~0ULL)
#define INVITE_NS	100000000
#define WINDOW_NS	1000000 /* at most so long is a wrong moment of a copy on write stretched */
#define COPY_WAIT_NS	16000000     /* at most so long does a child wait for a parent to copy */
#define CHILD_STEP	(1ULL << 32) /* of the counter in a child; no parent comes that far */
#define RETRIES		2000
#define HELPERS		2 /* threads that are no workers */
#define FAIL_ONE_IN	400

/* What a worker knows of one page of its region. */
struct expected {
	u32 seq; /* turn of the stamp; 0: never written to */
	u8 prot; /* VM_* */
	bool mapped;
	bool unknown; /* a write failed halfway */
};

struct region {
	struct expected page[REGION_PAGES];
	u32 owner[REGION_PAGES];    /* of the stamp */
	unsigned int stack;	    /* pages of the stack that are there; 0: none */
	u32 stack_owner, stack_seq; /* of the stamp in its lowest page */
};

struct worker {
	struct crew *c;
	unsigned int me;
	u32 id;		     /* owner of its stamps */
	unsigned long base;  /* of its region; its stack ends REGION_SPAN / 2 above */
	u32 seq;	     /* last turn */
	struct region r;     /* in the address space that it shares */
	struct region child; /* in a child of it */
	u64 shared;	     /* successful increments of the common counter */
	u64 turns, nomem, forks, digest;
};

struct torture {
	struct mm_struct *mm[CREW_MAX]; /* one for each SPACE_CREW workers */
	u32 invites[CREW_MAX];		/* workers of that space about to fork; atomic */
	u32 forked[CREW_MAX];		/* forks in that space; atomic */
	u32 watchers[CREW_MAX];		/* workers that look on; atomic */
	u64 floor[CREW_MAX];		/* its counter has had this value; atomic */
	struct worker worker[CREW_MAX];
	u64 pressure; /* how often memory was taken */
	u64 deadline; /* clock_ns() */
};
static struct torture tort;

#define COUNTER_ADDR (TEST_ADDR - 16 * PAGE_SIZE)

static void torture_fail(struct worker *w, const char *what, unsigned long page, long ret)
{
	test_fail(w->c->t, "worker %u turn %llu: %s: page %lu: %ld", w->me,
		  (unsigned long long)w->turns, what, page, ret);
	crew_stop(w->c);
}

static bool torture_done(const struct crew *c)
{
	return READ_ONCE(c->stop) || clock_ns() >= tort.deadline;
}

/* ---- operations, and what they do to the model ---- */

/* Was it for want of memory? Else it should not have failed. */
static bool was_nomem(struct worker *w, const char *what, unsigned long page, long ret)
{
	if (ret == -ENOMEM)
		w->nomem++;
	else
		torture_fail(w, what, page, ret);
	return ret == -ENOMEM;
}

/* What a range holds is in doubt: unmap it, however often that takes. */
static void region_give_up(struct worker *w, struct region *r, unsigned int first, unsigned int nr)
{
	long ret = -ENOMEM;

	for (int i = 0; i < RETRIES && ret == -ENOMEM && !READ_ONCE(w->c->stop); i++) {
		ret = sys_munmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE);
		if (ret)
			yield();
	}
	if (ret && !READ_ONCE(w->c->stop))
		torture_fail(w, "munmap never succeeds", first, ret);
	memset(&r->page[first], 0, nr * sizeof(r->page[0]));
}

static void do_map(struct worker *w, struct region *r, unsigned int first, unsigned int nr, u8 prot)
{
	long ret = sys_mmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE, prot);

	if (ret < 0) {
		if (was_nomem(w, "mmap", first, ret))
			region_give_up(w, r, first, nr);
		return;
	}
	for (unsigned int i = first; i < first + nr; i++)
		r->page[i] = (struct expected){ .prot = prot, .mapped = true };
}

static void do_unmap(struct worker *w, struct region *r, unsigned int first, unsigned int nr)
{
	long ret = sys_munmap(w->base + first * PAGE_SIZE, nr * PAGE_SIZE);

	if (!ret)
		memset(&r->page[first], 0, nr * sizeof(r->page[0]));
	else
		was_nomem(w, "munmap", first, ret);
}

static void do_protect(struct worker *w, struct region *r, unsigned int first, unsigned int nr,
		       u8 prot)
{
	bool hole = false;
	long ret;

	for (unsigned int i = first; i < first + nr; i++)
		hole |= !r->page[i].mapped;
	if (hole) /* an error half-way: not what we are after */
		return;
	ret = sys_mprotect(w->base + first * PAGE_SIZE, nr * PAGE_SIZE, prot);
	if (ret) {
		if (was_nomem(w, "mprotect", first, ret))
			region_give_up(w, r, first, nr);
		return;
	}
	for (unsigned int i = first; i < first + nr; i++)
		r->page[i].prot = prot;
}

static void do_write(struct worker *w, struct region *r, unsigned int i, u32 owner)
{
	struct expected *e = &r->page[i];
	struct stamp s = { owner, ++w->seq, w->base + i * PAGE_SIZE };
	int err = stamp_write(&s);

	if (!e->mapped || !(e->prot & VM_WRITE)) {
		if (err != -EFAULT && err != -ENOMEM)
			torture_fail(w, "write that is not permitted", i, err);
	} else if (!err) {
		e->seq = s.seq;
		e->unknown = false;
		r->owner[i] = owner;
	} else if (was_nomem(w, "write", i, err)) {
		e->unknown = true;
	}
}

static void do_check(struct worker *w, struct region *r, unsigned int i, const char *what)
{
	const struct expected *e = &r->page[i];
	struct stamp s = { r->owner[i], e->seq, w->base + i * PAGE_SIZE };
	struct stamp_found f = { 0 };
	int ret = stamp_check(&s, &f);

	if (ret == -ENOMEM) {
		w->nomem++;
	} else if (!e->mapped || !(e->prot & VM_ACCESS)) {
		if (ret != -EFAULT)
			torture_fail(w, "read that is not permitted", i, ret);
	} else if (ret < 0) {
		torture_fail(w, what, i, ret);
	} else if (ret && !e->unknown) {
		test_fail(
			w->c->t,
			"worker %u turn %llu: %s: page %u: %llx at %lx (owner %u turn %u page %lx) "
			"instead of owner %u turn %u",
			w->me, (unsigned long long)w->turns, what, i, (unsigned long long)f.raw,
			f.addr, f.stamp.owner, f.stamp.seq, f.stamp.addr >> PAGE_SHIFT, s.owner,
			s.seq);
		crew_stop(w->c);
	}
}

static void check_all(struct worker *w, struct region *r, const char *what)
{
	for (unsigned int i = 0; i < REGION_PAGES && !READ_ONCE(w->c->stop); i++)
		do_check(w, r, i, what);
}

/* ---- stacks ---- */

static unsigned long stack_top(const struct worker *w)
{
	return w->base + REGION_SPAN / 2;
}

static void stack_drop(struct worker *w, struct region *r)
{
	long ret = -ENOMEM;

	for (int i = 0; i < RETRIES && ret == -ENOMEM; i++)
		ret = sys_munmap(stack_top(w) - STACK_PAGES * PAGE_SIZE, STACK_PAGES * PAGE_SIZE);
	if (ret)
		torture_fail(w, "munmap of a stack", 0, ret);
	r->stack = 0;
	r->stack_seq = 0;
}

/* Let the stack grow to @pages, or begin anew. */
static void do_stack(struct worker *w, struct region *r, unsigned int pages, u32 owner)
{
	struct stamp s = { r->stack_owner, r->stack_seq, stack_top(w) - r->stack * PAGE_SIZE };
	struct stamp_found f = { 0 };
	long ret;

	if (!r->stack) {
		ret = sys_mmap(stack_top(w) - PAGE_SIZE, PAGE_SIZE, RW | VM_GROWSDOWN);
		if (ret < 0) {
			was_nomem(w, "mmap of a stack", 0, ret);
			return;
		}
		r->stack = 1;
		r->stack_seq = 0;
		return;
	}
	ret = stamp_check(&s, &f);
	if (ret == -ENOMEM)
		return;
	if (ret)
		torture_fail(w, "stack", r->stack, ret);
	if (pages <= r->stack) {
		stack_drop(w, r);
		return;
	}
	s = (struct stamp){ owner, ++w->seq, stack_top(w) - pages * PAGE_SIZE };
	ret = stamp_write(&s);
	if (ret && was_nomem(w, "stack growth", pages, ret)) {
		stack_drop(w, r); /* it may have grown or not */
		return;
	}
	r->stack = pages;
	r->stack_owner = owner;
	r->stack_seq = s.seq;
}

/* ---- the counter that all workers of a space increment ---- */

static u64 *counter_floor(const struct worker *w)
{
	return &tort.floor[(w->id - 1) / SPACE_CREW];
}

/* So far the counter of @w's space has come, at least. */
static u64 counter_known(const struct worker *w)
{
	/*
	 * acquire: pairs with the full cmpxchg() in count_shared(); what the other workers have
	 * counted is there for us to read; tests: litmus.MP+rel+acq
	 */
	return smp_load_acquire(counter_floor(w));
}

/* No increment may be forgotten: see floor. */
static bool counter_look(struct worker *w, u64 *val)
{
	u64 known = counter_known(w);

	if (user_read64(COUNTER_ADDR, val)) {
		w->nomem++;
		return false;
	}
	if (*val < known)
		torture_fail(w, "the counter went back", known, *val);
	if (*val >= CHILD_STEP)
		torture_fail(w, "the counter has what a child wrote", known, *val);
	return true;
}

/* Nor may one get lost. */
static void count_shared(struct worker *w)
{
	u64 *floor = counter_floor(w), old, found, was;

	if (!counter_look(w, &old))
		return;
	if (user_cmpxchg64(COUNTER_ADDR, old, old + 1, &found)) {
		w->nomem++;
		return;
	}
	if (old != found)
		return;
	w->shared++;
	/* full: pairs with the acquire in counter_known(); the count before the news of it */
	do
		was = READ_ONCE(*floor);
	while (was < old + 1 && cmpxchg(floor, was, old + 1) != was);
}

static u32 *fork_invites(const struct worker *w)
{
	return &tort.invites[(w->id - 1) / SPACE_CREW];
}

/*
 * Somebody is about to fork: look at the counter all the while. Only after the fork every other
 * watcher also counts: who writes earlier finds the page protected, and sleeps when it gets
 * interesting.
 */
static void watch_shared(struct worker *w)
{
	u32 *watchers = &tort.watchers[(w->id - 1) / SPACE_CREW];
	u32 *forked = &tort.forked[(w->id - 1) / SPACE_CREW], seen = READ_ONCE(*forked);
	bool counts;
	u64 val;

	counts = fetch_add_relaxed(watchers, 1) % 2 == 0;
	while (READ_ONCE(*fork_invites(w)) && !READ_ONCE(w->c->stop) && counter_look(w, &val)) {
		if (READ_ONCE(*forked) == seen)
			continue;
		seen = READ_ONCE(*forked);
		if (counts)
			count_shared(w);
	}
	fetch_add_relaxed(watchers, -1);
}

/* Ask the others of the space to watch, and wait for some, but not long. */
static void fork_invite(struct worker *w)
{
	u32 *watchers = &tort.watchers[(w->id - 1) / SPACE_CREW];
	u64 start = clock_ns();

	fetch_add_relaxed(fork_invites(w), 1);
	while (READ_ONCE(*watchers) < WATCHERS && clock_ns() - start < INVITE_NS &&
	       !READ_ONCE(w->c->stop))
		yield();
}

static void fork_invite_end(struct worker *w)
{
	fetch_add_relaxed(fork_invites(w), -1);
}

/*
 * A child has the counter for itself, while its parents go on with theirs: @val is what it read or
 * wrote last.
 */
static void count_child(struct worker *w, u64 *val)
{
	u64 old = 0, found = 0;

	if (user_read64(COUNTER_ADDR, &old)) {
		w->nomem++;
		return;
	}
	if (old != *val)
		torture_fail(w, "the counter of a child changed", *val, old);
	if (user_cmpxchg64(COUNTER_ADDR, old, old + CHILD_STEP, &found))
		w->nomem++;
	else if (old != found)
		torture_fail(w, "the counter of a child changed at once", old, found);
	else
		*val = old + CHILD_STEP;
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
	fetch_add_relaxed(&tort.forked[(w->id - 1) / SPACE_CREW], 1);
	/*
	 * Who writes to the counter's page first? We, with others looking on; or one of them, and
	 * the child while that is at it: then a look at what the parents see.
	 */
	if (rng_below(rng, 2)) {
		count_shared(w);
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
		count_child(w, val);
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

	fork_invite(w);
	forked = fork_enter(w, mm, &rng, &val);
	fork_invite_end(w);
	if (!forked) {
		w->nomem++;
		return;
	}
	w->forks++;
	w->child = *r;
	child_turns(w, &rng, val != COUNTER_UNKNOWN, val);
	unuse_mm();
	use_mm(mm);
	check_all(w, r, "parent, after its child");
}

static void do_turn(struct worker *w, struct region *r, u64 dice, u32 owner, bool may_fork)
{
	unsigned int first = (dice >> 8) % REGION_PAGES;
	unsigned int nr = 1 + (dice >> 16) % MIN(12U, REGION_PAGES - first);
	static const u8 prots[] = { RW, RW, RW, VM_READ, RW | VM_EXEC, 0 };
	u8 prot = prots[(dice >> 24) % ARRAY_SIZE(prots)];

	switch (dice % 16) {
	case 0:
	case 1:
		do_map(w, r, first, nr, prot);
		break;
	case 2:
		do_unmap(w, r, first, nr);
		break;
	case 3:
	case 4:
		do_protect(w, r, first, nr, prot);
		break;
	case 5:
		do_stack(w, r, 1 + first % STACK_PAGES, owner);
		break;
	case 6:
		if (may_fork)
			do_fork(w, r, current->mm, dice | 1);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		for (unsigned int i = first; i < first + nr; i++)
			do_write(w, r, i, owner);
		break;
	case 11: /* two that isolate pages at the same time come to the same one */
		reclaim_pages(1);
		break;
	default:
		for (unsigned int i = first; i < first + nr; i++)
			do_check(w, r, i, "own page");
	}
}

/* @val: what the child's counter is, if @known. */
static void child_turns(struct worker *w, struct rng *rng, bool known, u64 val)
{
	check_all(w, &w->child, "child");
	for (unsigned int i = 0; i < 12 && !READ_ONCE(w->c->stop); i++) {
		do_turn(w, &w->child, rng_next(rng), w->id + 100, false);
		if (known)
			count_child(w, &val);
	}
	check_all(w, &w->child, "child, after its turns");
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
		do_turn(w, &w->r, dice, w->id, true);
		for (int i = 0; i < COUNT_BURST && !READ_ONCE(*fork_invites(w)); i++)
			count_shared(w);
		watch_shared(w);
	} while (!torture_done(c));
	if (!READ_ONCE(c->stop))
		check_all(w, &w->r, "at the end");
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
