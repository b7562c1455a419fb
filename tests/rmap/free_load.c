/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The workload of the free-running race tests: many short lives of address spaces, in which the
 * reverse map is used in every way that it was made for, and anon_vmas are made, published, found,
 * freed, and made anew as fast as possible. Nothing is arranged; there are only random delays where
 * the code has sync points.
 *
 *	parties		of 1 to 4 threads share an address space for one life: all write to the same
 *			new areas at the same time (prepare against prepare, and against the page
 *			of another thread), some of which neighbours may share an anon_vma, some of
 *			which are stacks; then each for itself maps, writes, splits, joins and
 *			unmaps, forks and lives in the child; in the end the space is torn down
 *	reapers		pick pages by the LRU lists, the newest or any, and look for their entries,
 *			swap them out, move them: at once, or after they have held the page for a
 *			while, so that its areas and its anon_vma may be gone
 *	the moon	makes the tides: now and then all parties go ashore, when the last anon_vma
 *			is freed; the empty slabs are given back, and a grace period passes
 *	the storm	(a knob) interrupts
 *
 * For half of the time the threads share as many CPUs as the host can truly run at once, where
 * races are densest; then they are spread over all, and the host takes CPUs away wherever they are.
 *
 * All address spaces use the same addresses: so a page->index that is looked for in the list of a
 * wrong anon_vma meets areas that could have the page.
 *
 * Each thread stamps pages of its own (one in each area), so it knows what it should read, whatever
 * the others do. Its decisions come from its random numbers alone. What it finds wrong is reported
 * as DETECT_STAMP.
 *
 * This file is long because all that runs here shares one state, of which nobody else knows.
 *
 * Spaces belong to the thread that leads the party; others have a reference by use_mm(). A page
 * that a reaper holds is the reaper's reference.
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <test/reclaim.h>
#include <test/storm.h>

#include "free.h"

#define AREAS		6 /* that a party shares */
#define AREA_PAGES	8
#define AREA_GAP	4  /* pages before an area that is to have no neighbour */
#define PRIVATE_PAGES	4  /* of a thread's own area */
#define HELD		16 /* pages that a reaper keeps back */
#define DIGEST_LIVES	4
#define STORM_TURNS	8
#define TURN_MAX_NS	2000000ULL /* longer is not the machine, but a host that runs others */
#define CALIBRATE_TURNS 100
#define CALIBRATE_NS	300000000ULL
#define LATE_NS		5000000000ULL
#define RWX		(RW | VM_EXEC)
#define PRIVATE_ADDR	(TEST_ADDR + (16UL << 20))

/*
 * What the first threads are; the parties follow. With two CPUs to share (or few more) the moon is
 * not where a reaper may hold it up.
 */
enum { THREAD_MOON, THREAD_REAPER_1, THREAD_STORM, THREAD_REAPER_2, HELPERS };

enum area_kind {
	AREA_APART, /* no neighbour: an anon_vma of its own */
	AREA_NEXT,  /* touches the one before, with other permissions: may share its anon_vma */
	AREA_STACK, /* grows downwards by the writes */
	AREA_KINDS,
};

struct area {
	enum area_kind kind;
	unsigned long first; /* page of thread 0 of the party */
	unsigned long start, len;
	unsigned long flags;
	bool mapped;
};

/* Threads that share an address space, and meet after each step. */
struct party {
	unsigned int nr;
	struct wait_queue queue;
	u32 arrived; /* at all meetings so far; atomic */
	/* The rest is the leader's; others read it between two meetings. */
	struct mm_struct *mm;
	unsigned int rounds;
	bool over;
	struct area area[AREAS];
};

struct member {
	struct crew *c;
	struct party *p;
	unsigned int me; /* in the party; 0 leads */
	u32 id;		 /* owner of its stamps */
	u32 turn;	 /* meetings so far */
	u32 seq;	 /* of its last stamp */
	u32 stamp[AREAS];
	struct free_stats s;
};

static struct {
	const struct free_knobs *knobs;
	u64 deadline;		 /* clock_ns() */
	unsigned int nr_parties; /* constant while they run */
	struct party party[CREW_MAX];
	struct member member[CREW_MAX]; /* by number of the thread */
	bool spread;			/* threads are on all CPUs */
	u32 calibrating;
	u64 turn_ns, turns;			   /* see note_turn() */
	u64 looked, reclaimed, moved, dead, tides; /* atomic */
} load;

/* What came before this part of a run. CPU 0, while no other runs. */
static struct free_stats past;

/* The tides: parties stay ashore between two lives while it ebbs. */
static struct {
	struct wait_queue queue;
	u32 ebb;
	u32 ashore; /* parties; atomic */
} sea;

/* Is the time up? Not before a reaper has had its turn, on a host that hardly lets us run. */
static bool load_done(const struct crew *c)
{
	u64 now = clock_ns();

	return READ_ONCE(c->stop) || now >= load.deadline + LATE_NS ||
	       (now >= load.deadline && READ_ONCE(load.looked));
}

/* ---- meetings ---- */

static bool party_complete(const struct member *m)
{
	/*
	 * acquire: pairs with the full fetch_add() in party_meet(); what the others did before the
	 * meeting comes before what we do after it; tests: litmus.MP+rel+acq
	 */
	return smp_load_acquire(&m->p->arrived) >= m->turn * m->p->nr || READ_ONCE(m->c->stop);
}

#define MEET_LOOKS 3 /* so long a thread spins before it sleeps: times SPIN_TURNS_PER_LOOK */

static void party_meet(struct member *m)
{
	u32 looks = 0;

	m->turn++;
	/* full: after all that this thread did; pairs with the acquire in party_complete() */
	if (fetch_add(&m->p->arrived, 1) + 1 == m->turn * m->p->nr) {
		wake_up_all(&m->p->queue);
		return;
	}
	if (!spin_until_awake_or("the party", party_complete(m), ++looks > MEET_LOOKS))
		wait_event(&m->p->queue, party_complete(m));
}

/* ---- pages and what they should hold ---- */

/* Write a new stamp to the page at @addr. Its number, or 0 if there was no memory. */
static u32 write_page(struct member *m, unsigned long addr)
{
	struct stamp s = { m->id, 0, addr };
	int err;

	do
		s.seq = ++m->seq & 0xfffff; /* as many bits as a stamp has */
	while (!s.seq);
	err = stamp_write(&s);
	m->s.writes++;
	if (!err)
		return s.seq;
	m->s.nomem++;
	if (err != -ENOMEM)
		detect(DETECT_STAMP, (void *)addr, "thread %u cannot write at %lx: error %d", m->id,
		       addr, err);
	return 0;
}

/* @seq: of the last write_page() there, or 0 if unknown. */
static void check_page(struct member *m, unsigned long addr, u32 seq)
{
	struct stamp s = { m->id, seq, addr };
	struct stamp_found f = { 0 };
	int ret;

	if (!seq)
		return;
	ret = stamp_check(&s, &f);
	m->s.checks++;
	if (ret == -ENOMEM)
		m->s.nomem++;
	else if (ret < 0)
		detect(DETECT_STAMP, (void *)addr, "thread %u cannot read at %lx: error %d", m->id,
		       addr, ret);
	else if (ret)
		detect(DETECT_STAMP, (void *)addr,
		       "thread %u: %llx at %lx (thread %u turn %u page %lx) instead of turn %u",
		       m->id, (unsigned long long)f.raw, f.addr, f.stamp.owner, f.stamp.seq,
		       f.stamp.addr >> PAGE_SHIFT, seq);
}

/*
 * How long a private area lives while nothing is delayed: the unit of the random delays. Ones that
 * the host held up hardly count. Any thread; a hint.
 */
static void note_turn(u64 ns)
{
	u64 old = READ_ONCE(load.turn_ns), new = ns;

	if (!READ_ONCE(load.calibrating))
		return;
	if (old)
		new = ns < old ? old - (old - ns) / 8 : old + MIN(ns - old, old / 2) / 8;
	WRITE_ONCE(load.turn_ns, MIN(new, TURN_MAX_NS));
	fetch_add_relaxed(&load.turns, 1);
}

static unsigned long own_page(const struct member *m, const struct area *a)
{
	return a->first + m->me * PAGE_SIZE;
}

static void check_own(struct member *m)
{
	for (unsigned int i = 0; i < AREAS; i++)
		check_page(m, own_page(m, &m->p->area[i]), m->stamp[i]);
}

/* ---- what threads do each for itself ---- */

/* An area of its own that lives for a moment: one anon_vma made and freed, or two. */
static void do_private(struct member *m, u64 dice)
{
	unsigned long addr = PRIVATE_ADDR + m->me * 2 * PRIVATE_PAGES * PAGE_SIZE;
	u32 seq[PRIVATE_PAGES] = { 0 };

	if (sys_mmap(addr, PRIVATE_PAGES * PAGE_SIZE, RW) < 0) {
		m->s.nomem++;
		return;
	}
	/* Cut first, then write: the parts get their anon_vma one from the other. */
	if (dice & 1)
		sys_mprotect(addr + PAGE_SIZE, PAGE_SIZE, RWX);
	for (unsigned int i = 0; i < 1 + (dice >> 8) % PRIVATE_PAGES; i++)
		seq[i] = write_page(m, addr + i * PAGE_SIZE);
	if (dice & 2)
		sys_mprotect(addr, 2 * PAGE_SIZE, RWX);
	if (dice & 4)
		sys_mprotect(addr, PRIVATE_PAGES * PAGE_SIZE, RW);
	for (unsigned int i = 0; i < PRIVATE_PAGES; i++)
		check_page(m, addr + i * PAGE_SIZE, seq[i]);
	if (sys_munmap(addr, PRIVATE_PAGES * PAGE_SIZE))
		m->s.nomem++;
}

/* The same as quickly as can be, many times, with the same anon_vma: last in, first out. */
static void do_turnover(struct member *m, u64 dice)
{
	unsigned long addr = PRIVATE_ADDR + m->me * 2 * PRIVATE_PAGES * PAGE_SIZE;

	for (unsigned int i = 8 + dice % 16; i; i--) {
		u64 start = clock_ns();

		if (sys_mmap(addr, PAGE_SIZE, RW) < 0 || !write_page(m, addr) ||
		    sys_munmap(addr, PAGE_SIZE))
			m->s.nomem++;
		note_turn(clock_ns() - start);
	}
}

/* Change what a part of a shared area permits: it stays writable, but is cut and joined. */
static void do_protect(struct member *m, u64 dice)
{
	struct area *a = &m->p->area[dice % AREAS];
	unsigned int first = (dice >> 8) % AREA_PAGES;
	unsigned int nr = 1 + (dice >> 16) % (AREA_PAGES - first);

	if (a->kind == AREA_STACK || !a->mapped)
		return;
	/* Without memory some of it is done, which harms nobody. */
	if (sys_mprotect(a->start + first * PAGE_SIZE, nr * PAGE_SIZE, dice & 0x100000 ? RWX : RW))
		m->s.nomem++;
}

static void do_fork(struct member *m, u64 dice)
{
	struct mm_struct *mm = m->p->mm, *child = dup_mm(mm);

	if (!child) {
		m->s.nomem++;
		return;
	}
	m->s.forks++;
	space_switch(child);
	mmput(child);
	check_own(m);
	for (unsigned int i = 0; i < AREAS; i++)
		if (m->p->area[i].mapped && (dice >> i & 1))
			write_page(m, own_page(m, &m->p->area[i]));
	/* Nobody else uses this space, so no other CPU need be told of what goes: it is quick. */
	do_private(m, dice >> 8);
	do_turnover(m, dice >> 16);
	space_switch(mm);
	check_own(m);
}

static void do_something(struct member *m, u64 dice)
{
	switch (dice % 8) {
	case 0:
	case 1:
	case 4:
		do_fork(m, dice >> 8);
		break;
	case 2:
		do_protect(m, dice >> 8);
		break;
	case 3:
		check_own(m);
		break;
	case 5:
		do_private(m, dice >> 8);
		break;
	default:
		/* In a space that is shared it is slow. */
		if (m->p->nr == 1)
			do_turnover(m, dice >> 8);
		else
			do_private(m, dice >> 8);
	}
}

/* ---- reapers ---- */

/* A page that came into use lately: it is near the head of the active list. */
static struct page *newest_pick(struct rng *rng)
{
	unsigned long before = lru_count(LRU_INACTIVE);

	return lru_pick(before + rng_below(rng, 8));
}

/* Look for the entries of a page that we know nothing of but that it was on the LRU. */
static void reap(struct page *page, u64 dice, struct rng *rng)
{
	fetch_add_relaxed(&load.looked, 1);
	if (!page_mapped(page))
		fetch_add_relaxed(&load.dead, 1);
	page_referenced(page);
	if (dice & 3) {
		put_anon_page(page);
	} else if (dice & 4) {
		fetch_add_relaxed(&load.reclaimed, !reclaim_page(page));
	} else {
		fetch_add_relaxed(&load.moved, !migrate_page(page));
		put_anon_page(page);
	}
}

/* Pages that a reaper holds back: the upper half of them until it has seen a tide. */
struct held {
	struct page *page;
	u64 tide; /* of when it was picked */
};

static void reap_held(struct held *h, unsigned int i, u64 dice, struct rng *rng)
{
	if (!h->page || (i >= HELD / 2 && h->tide == READ_ONCE(load.tides)))
		return;
	reap(h->page, dice, rng);
	h->page = NULL;
}

static void reaper_thread(struct crew *c, unsigned int me)
{
	struct held held[HELD] = { 0 };
	struct rng *rng = &c->rng[me];

	while (!load_done(c)) {
		u64 dice = rng_next(rng);
		struct page *page = dice & 1 ? newest_pick(rng) : victim_pick(rng);
		unsigned int i = (dice >> 8) % HELD;

		if (page && !held[i].page && (dice & 6)) {
			held[i] = (struct held){ page, READ_ONCE(load.tides) };
		} else if (page && page_mapped(page)) {
			reap(page, dice >> 16, rng);
		} else if (page) {
			/* One that a reaper holds: there is little else at the moment. */
			put_anon_page(page);
			sleep_ns(1000); /* until the next tick */
		} else {
			sleep_ns(1000);
		}
		i = (dice >> 12) % HELD;
		reap_held(&held[i], i, dice >> 24, rng);
		if (dice & 0x10)
			yield();
	}
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i].page)
			put_anon_page(held[i].page);
}

/* ---- the life of an address space ---- */

/* Lay out the areas of the next life. */
static void plan_areas(struct party *p, struct rng *rng)
{
	unsigned long at = TEST_ADDR;

	for (unsigned int i = 0; i < AREAS; i++) {
		struct area *a = &p->area[i];
		enum area_kind kind = rng_below(rng, AREA_KINDS);

		if (kind == AREA_NEXT && (!i || p->area[i - 1].kind == AREA_STACK))
			kind = AREA_APART;
		*a = (struct area){ .kind = kind, .len = AREA_PAGES * PAGE_SIZE, .flags = RW };
		if (kind != AREA_NEXT)
			at += AREA_GAP * PAGE_SIZE;
		else if (p->area[i - 1].flags == RW)
			a->flags = RWX;
		a->first = a->start = at;
		at += a->len;
		if (kind == AREA_STACK) {
			/* Its last page, and the others by growth. */
			a->start = at - PAGE_SIZE;
			a->len = PAGE_SIZE;
			a->flags |= VM_GROWSDOWN;
		}
	}
}

/* New areas take the place of those that are there. */
static void map_areas(struct member *m)
{
	for (unsigned int i = 0; i < AREAS; i++) {
		struct area *a = &m->p->area[i];

		if (a->kind == AREA_STACK)
			sys_munmap(a->first, AREA_PAGES * PAGE_SIZE);
		a->mapped = sys_mmap(a->start, a->len, a->flags) >= 0;
		m->s.nomem += !a->mapped;
	}
}

/* One round: new areas, everybody writes to them at once, and then does as he likes. */
static void do_round(struct member *m, struct rng *rng)
{
	unsigned int turns = rng_below(rng, 4);

	if (!m->me)
		map_areas(m);
	party_meet(m);
	for (unsigned int i = 0; i < AREAS; i++) {
		const struct area *a = &m->p->area[i];

		m->stamp[i] = a->mapped ? write_page(m, own_page(m, a)) : 0;
	}
	while (turns-- && !READ_ONCE(sea.ebb))
		do_something(m, rng_next(rng));
	check_own(m);
	party_meet(m);
}

/*
 * Between two lives: is it ebb? Then wait until the flood comes. While others are still out we look
 * for their pages, which are about to go.
 */
static void stay_ashore(struct crew *c, struct rng rng)
{
	struct page *page;

	if (!READ_ONCE(sea.ebb))
		return;
	fetch_add(&sea.ashore, 1);
	while (READ_ONCE(sea.ashore) < load.nr_parties && READ_ONCE(sea.ebb) && !load_done(c)) {
		page = newest_pick(&rng);
		if (page)
			reap(page, rng_next(&rng), &rng);
		yield();
	}
	wait_event(&sea.queue, !READ_ONCE(sea.ebb) || load_done(c));
	fetch_add(&sea.ashore, -1);
}

/* The leader begins a life, or says that there will be no more. */
static void life_prepare(struct member *m, struct rng *rng)
{
	struct party *p = m->p;

	stay_ashore(m->c, *rng); /* a copy: what is decided does not depend on it */
	p->rounds = 1 + rng_below(rng, 2);
	plan_areas(p, rng);
	p->mm = NULL;
	/* One life at least, however late the host let this thread begin. */
	p->over = READ_ONCE(m->c->stop) || (m->s.lives && load_done(m->c));
	if (!p->over)
		p->mm = mm_alloc();
}

static void member_thread(struct crew *c, unsigned int me)
{
	struct member *m = &load.member[me];
	struct rng *rng = &c->rng[me];
	struct rng life; /* how far a life comes depends on more than decisions */
	unsigned int rounds;

	m->c = c;
	for (;;) {
		life = (struct rng){ { rng_next(rng), rng_next(rng) | 1 } };
		if (!m->me)
			life_prepare(m, &life);
		party_meet(m);
		if (READ_ONCE(c->stop) || m->p->over)
			break;
		rounds = m->p->rounds;
		if (m->s.lives++ < DIGEST_LIVES)
			m->s.digest = digest_add(m->s.digest, life.s[0]);
		if (!m->p->mm) {
			m->s.nomem++;
		} else {
			use_mm(m->p->mm);
			while (rounds--)
				do_round(m, &life);
			unuse_mm();
		}
		/*
		 * Nobody needs the leader's reference any more: all have their own, or had it. But
		 * a crew that was stopped did not meet.
		 */
		if (!m->me && m->p->mm && !READ_ONCE(c->stop))
			mmput(m->p->mm);
	}
	test_check(c->t);
}

/* ---- tides and storms ---- */

/* Let it all run for a while without delays, then make them as long as suits. */
static void calibrate(struct crew *c)
{
	u64 end = clock_ns() + CALIBRATE_NS, turn;

	while (clock_ns() < end && READ_ONCE(load.turns) < CALIBRATE_TURNS && !load_done(c))
		sleep_ns(1000); /* until the next tick */
	WRITE_ONCE(load.calibrating, 0);
	turn = READ_ONCE(load.turn_ns); /* 0: a crowded host let nobody get so far */
	sync_delays_scale(turn ? MAX(turn * 100 / DELAY_UNIT_NS, 1ULL) : 100);
}

static void moon_thread(struct crew *c, unsigned int me)
{
	struct rng *rng = &c->rng[me];

	calibrate(c);
	while (!load_done(c)) {
		sleep_ns(1000000 + rng_below(rng, 10000000));
		kmem_cache_shrink_all();
		WRITE_ONCE(sea.ebb, 1);
		while (READ_ONCE(sea.ashore) < load.nr_parties && !load_done(c))
			sleep_ns(1000); /* until the next tick */
		/* All areas are gone: give back what is empty, until it is free. */
		for (unsigned int i = 0; i < 3 && !load_done(c); i++) {
			kmem_cache_shrink_all();
			synchronize_rcu_expedited();
		}
		fetch_add_relaxed(&load.tides, 1);
		for (unsigned int i = rng_below(rng, 64); i && !load_done(c); i--)
			yield();
		WRITE_ONCE(sea.ebb, 0);
		wake_up_all(&sea.queue);
		while (READ_ONCE(sea.ashore) && !load_done(c))
			yield();
	}
	WRITE_ONCE(sea.ebb, 0);
	wake_up_all(&sea.queue);
}

static void storm_thread(struct crew *c, unsigned int me)
{
	while (load.knobs->storm && !load_done(c)) {
		for (unsigned int i = 0; i < STORM_TURNS; i++)
			storm_turn(&c->rng[me]);
		sleep_ns(1000); /* until the next tick */
	}
}

static void load_thread(struct crew *c, unsigned int me)
{
	switch (me) {
	case THREAD_MOON:
		moon_thread(c, me);
		break;
	case THREAD_REAPER_1:
	case THREAD_REAPER_2:
		reaper_thread(c, me);
		break;
	case THREAD_STORM:
		storm_thread(c, me);
		break;
	default:
		member_thread(c, me);
	}
}

/* ---- the whole ---- */

/* @size threads from number @first on are a party. */
static void party_found(unsigned int first, unsigned int size)
{
	struct party *p = &load.party[load.nr_parties++];

	p->nr = size;
	wait_queue_init(&p->queue, "party");
	for (unsigned int i = 0; i < size; i++)
		load.member[first + i] = (struct member){ .p = p, .me = i, .id = 1 + first + i };
}

/* Who is with whom: parties and hermits in turn. Returns how many threads, with the helpers. */
static unsigned int load_begin(const struct free_knobs *k, u64 ns)
{
	unsigned int left = MIN(k->per_cpu * smp_nr_online(), CREW_MAX - HELPERS);
	unsigned int nr = HELPERS;

	memset(&load, 0, sizeof(load));
	sea.ebb = 0;
	sea.ashore = 0;
	wait_queue_init(&sea.queue, "sea");
	load.knobs = k;
	while (left) {
		unsigned int size = MIN(k->party, MAX(left / 2, 1U));

		party_found(nr, size);
		nr += size;
		left -= size;
		for (; size && left; size--, left--)
			party_found(nr++, 1);
	}
	load.deadline = clock_ns() + ns;
	return nr;
}

static void part_run(struct test *t, const struct free_knobs *k, u64 ns, bool spread)
{
	unsigned int nr;

	free_load_stats(&past);
	nr = load_begin(k, ns);
	load.spread = spread;
	tick_set_rate(k->tick_hz);
	sync_rules_arm(k->rules, k->nr_rules, rng_next(&t->rng));
	sync_delays_scale(0);
	load.calibrating = 1;
	if (spread)
		crew_run_fixed(t, nr, load_thread, NULL);
	else
		crew_run(t, nr, load_thread, NULL, 0);
	sync_rules_disarm();
	storm_end();
}

void free_load_run(struct test *t, const struct free_knobs *k, u64 ns)
{
	enum free_spread spread = k->spread;

	if (spread == SPREAD_HALF && smp_nr_online() <= crew_racers())
		spread = SPREAD_OFF;
	memset(&load, 0, sizeof(load));
	past = (struct free_stats){ 0 };
	if (spread != SPREAD_ON)
		part_run(t, k, spread == SPREAD_HALF ? ns / 2 : ns, false);
	if (spread != SPREAD_OFF && !t->failures)
		part_run(t, k, spread == SPREAD_HALF ? ns / 2 : ns, true);
}

void free_load_stats(struct free_stats *s)
{
	*s = past;
	s->looked += READ_ONCE(load.looked);
	s->reclaimed += READ_ONCE(load.reclaimed);
	s->moved += READ_ONCE(load.moved);
	s->dead += READ_ONCE(load.dead);
	s->tides += READ_ONCE(load.tides);
	s->turn_us = READ_ONCE(load.turn_ns) / 1000;
	for (unsigned int i = 0; i < CREW_MAX; i++) {
		const struct member *m = &load.member[i];
		u64 lives = m->me ? 0 : READ_ONCE(m->s.lives);

		s->lives += lives;
		s->spread_lives += load.spread ? lives : 0;
		s->writes += READ_ONCE(m->s.writes);
		s->checks += READ_ONCE(m->s.checks);
		s->forks += READ_ONCE(m->s.forks);
		s->nomem += READ_ONCE(m->s.nomem);
		s->digest ^= READ_ONCE(m->s.digest);
	}
}
