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
 * The members of parties are in free_member.c, the reapers in free_reap.c, the rest is here, and
 * what they share in free_load.h.
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/rcu.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/reclaim.h>
#include <test/storm.h>

#include "free_load.h"

#define STORM_TURNS	8
#define CALIBRATE_TURNS 100
#define CALIBRATE_NS	300000000ULL
#define LATE_NS		5000000000ULL

/*
 * What the first threads are; the parties follow. With two CPUs to share (or few more) the moon is
 * not where a reaper may hold it up.
 */
enum { THREAD_MOON, THREAD_REAPER_1, THREAD_STORM, THREAD_REAPER_2, HELPERS };

struct free_load free_load;
struct free_sea free_sea;

/* What came before this part of a run. CPU 0, while no other runs. */
static struct free_stats past;

bool free_load_done(const struct crew *c)
{
	u64 now = clock_ns();

	return READ_ONCE(c->stop) || now >= free_load.deadline + LATE_NS ||
	       (now >= free_load.deadline && READ_ONCE(free_load.looked));
}

/* ---- tides and storms ---- */

/* Let it all run for a while without delays, then make them as long as suits. */
static void calibrate(struct crew *c)
{
	u64 end = clock_ns() + CALIBRATE_NS, turn;

	while (clock_ns() < end && READ_ONCE(free_load.turns) < CALIBRATE_TURNS &&
	       !free_load_done(c))
		sleep_ns(1000); /* until the next tick */
	WRITE_ONCE(free_load.calibrating, 0);
	turn = READ_ONCE(free_load.turn_ns); /* 0: a crowded host let nobody get so far */
	sync_delays_scale(turn ? MAX(turn * 100 / DELAY_UNIT_NS, 1ULL) : 100);
}

static void moon_thread(struct crew *c, unsigned int me)
{
	struct rng *rng = &c->rng[me];

	calibrate(c);
	while (!free_load_done(c)) {
		sleep_ns(1000000 + rng_below(rng, 10000000));
		kmem_cache_shrink_all();
		WRITE_ONCE(free_sea.ebb, 1);
		while (READ_ONCE(free_sea.ashore) < free_load.nr_parties && !free_load_done(c))
			sleep_ns(1000); /* until the next tick */
		/* All areas are gone: give back what is empty, until it is free. */
		for (unsigned int i = 0; i < 3 && !free_load_done(c); i++) {
			kmem_cache_shrink_all();
			synchronize_rcu_expedited();
		}
		fetch_add_relaxed(&free_load.tides, 1);
		for (unsigned int i = rng_below(rng, 64); i && !free_load_done(c); i--)
			yield();
		WRITE_ONCE(free_sea.ebb, 0);
		wake_up_all(&free_sea.queue);
		while (READ_ONCE(free_sea.ashore) && !free_load_done(c))
			yield();
	}
	WRITE_ONCE(free_sea.ebb, 0);
	wake_up_all(&free_sea.queue);
}

static void storm_thread(struct crew *c, unsigned int me)
{
	while (free_load.knobs->storm && !free_load_done(c)) {
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
		free_reaper_thread(c, me);
		break;
	case THREAD_STORM:
		storm_thread(c, me);
		break;
	default:
		free_member_thread(c, me);
	}
}

/* ---- the whole ---- */

/* @size threads from number @first on are a party. */
static void party_found(unsigned int first, unsigned int size)
{
	struct party *p = &free_load.party[free_load.nr_parties++];

	p->nr = size;
	wait_queue_init(&p->queue, "party");
	for (unsigned int i = 0; i < size; i++)
		free_load.member[first + i] =
			(struct member){ .p = p, .me = i, .id = 1 + first + i };
}

/* Who is with whom: parties and hermits in turn. Returns how many threads, with the helpers. */
static unsigned int load_begin(const struct free_knobs *k, u64 ns)
{
	unsigned int left = MIN(k->per_cpu * smp_nr_online(), CREW_MAX - HELPERS);
	unsigned int nr = HELPERS;

	memset(&free_load, 0, sizeof(free_load));
	free_sea.ebb = 0;
	free_sea.ashore = 0;
	wait_queue_init(&free_sea.queue, "sea");
	free_load.knobs = k;
	while (left) {
		unsigned int size = MIN(k->party, MAX(left / 2, 1U));

		party_found(nr, size);
		nr += size;
		left -= size;
		for (; size && left; size--, left--)
			party_found(nr++, 1);
	}
	free_load.deadline = clock_ns() + ns;
	return nr;
}

static void part_run(struct test *t, const struct free_knobs *k, u64 ns, bool spread)
{
	unsigned int nr;

	free_load_stats(&past);
	nr = load_begin(k, ns);
	free_load.spread = spread;
	tick_set_rate(k->tick_hz);
	sync_rules_arm(k->rules, k->nr_rules, rng_next(&t->rng));
	sync_delays_scale(0);
	free_load.calibrating = 1;
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
	memset(&free_load, 0, sizeof(free_load));
	past = (struct free_stats){ 0 };
	if (spread != SPREAD_ON)
		part_run(t, k, spread == SPREAD_HALF ? ns / 2 : ns, false);
	if (spread != SPREAD_OFF && !t->failures)
		part_run(t, k, spread == SPREAD_HALF ? ns / 2 : ns, true);
}

void free_load_stats(struct free_stats *s)
{
	*s = past;
	s->looked += READ_ONCE(free_load.looked);
	s->reclaimed += READ_ONCE(free_load.reclaimed);
	s->moved += READ_ONCE(free_load.moved);
	s->dead += READ_ONCE(free_load.dead);
	s->tides += READ_ONCE(free_load.tides);
	s->turn_us = READ_ONCE(free_load.turn_ns) / 1000;
	for (unsigned int i = 0; i < CREW_MAX; i++) {
		const struct member *m = &free_load.member[i];
		u64 lives = m->me ? 0 : READ_ONCE(m->s.lives);

		s->lives += lives;
		s->spread_lives += free_load.spread ? lives : 0;
		s->writes += READ_ONCE(m->s.writes);
		s->checks += READ_ONCE(m->s.checks);
		s->forks += READ_ONCE(m->s.forks);
		s->nomem += READ_ONCE(m->s.nomem);
		s->digest ^= READ_ONCE(m->s.digest);
	}
}
