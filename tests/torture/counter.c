/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counter in one page that the workers of a space share, and its values that all of them know
 * of. Each fork makes them copy the page anew while all look at it: that is where a stale TLB
 * entry, or a page shared with the child for too long, shows. Lockless: the counter is atomic, and
 * tort.floor follows it.
 */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/sched.h>

#include "torture.h"

#define WATCHERS  2 /* for whom a fork waits, so long: */
#define INVITE_NS 100000000

static u64 *counter_floor(const struct worker *w)
{
	return &tort.floor[(w->id - 1) / SPACE_CREW];
}

u64 counter_known(const struct worker *w)
{
	/*
	 * acquire: pairs with the full cmpxchg() in counter_add(); what the other workers have
	 * counted is there for us to read; tests: litmus.MP+rel+acq
	 */
	return smp_load_acquire(counter_floor(w));
}

bool counter_look(struct worker *w, u64 *val)
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

void counter_add(struct worker *w)
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

bool counter_invited(const struct worker *w)
{
	return READ_ONCE(*fork_invites(w));
}

/*
 * Only after the fork every other watcher also counts: who writes earlier finds the page protected,
 * and sleeps when it gets interesting.
 */
void counter_watch(struct worker *w)
{
	u32 *watchers = &tort.watchers[(w->id - 1) / SPACE_CREW];
	u32 *forked = &tort.forked[(w->id - 1) / SPACE_CREW], seen = READ_ONCE(*forked);
	bool counts;
	u64 val;

	counts = fetch_add_relaxed(watchers, 1) % 2 == 0;
	while (counter_invited(w) && !READ_ONCE(w->c->stop) && counter_look(w, &val)) {
		if (READ_ONCE(*forked) == seen)
			continue;
		seen = READ_ONCE(*forked);
		if (counts)
			counter_add(w);
	}
	fetch_add_relaxed(watchers, -1);
}

void counter_invite(struct worker *w)
{
	u32 *watchers = &tort.watchers[(w->id - 1) / SPACE_CREW];
	u64 start = clock_ns();

	fetch_add_relaxed(fork_invites(w), 1);
	while (READ_ONCE(*watchers) < WATCHERS && clock_ns() - start < INVITE_NS &&
	       !READ_ONCE(w->c->stop))
		yield();
}

void counter_invite_end(struct worker *w)
{
	fetch_add_relaxed(fork_invites(w), -1);
}

void counter_child(struct worker *w, u64 *val)
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

void counter_forked(struct worker *w)
{
	fetch_add_relaxed(&tort.forked[(w->id - 1) / SPACE_CREW], 1);
}
