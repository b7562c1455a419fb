/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleepable RCU. A reader counts its begin, by the index that it found, and its end by the same
 * one; both on whatever CPU it is at that moment. No reader is inside when the sums over all CPUs
 * are the same. A grace period turns new readers over to the other index and waits for the old one
 * to empty; before that it waits for the other one, where readers of the last grace period may be
 * who had read the index and not counted themselves yet.
 *
 * The ends are summed first. Read after the begins, an end could be counted whose begin was not,
 * and make up for a reader that is inside:
 *
 *	grace period		a reader, on CPU 1	another, on CPU 2
 *				begun[CPU 1]++
 *	sum of begun: 1
 *							begun[CPU 2]++
 *							ended[CPU 2]++
 *	sum of ended: 1		(still inside)
 *
 * The barriers, by the letters of Linux's Tree SRCU:
 *
 *	grace period			reader
 *	unpublish			begun++
 *	full barrier			full barrier (B)
 *	index++				a reader's loads
 *	full barrier (D)		full barrier (C)
 *	sum of ended			ended++
 *	full barrier (A)
 *	sum of begun
 *	full barrier
 *	free
 *
 * A reader that is not seen in the sum of begun will, by A and B, see what was unpublished (store
 * buffering); one whose end is seen has, by C and A, done its loads (message passing).
 * tests: litmus.SB+mb+mb, litmus.MP+mb+mb, rcu.srcu
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/srcu.h>
#include <lib/string.h>

#define LOOKS_AWAKE 8	     /* so many looks at the counters one after the other, */
#define LOOK_NS	    1000000U /* and then a sleep before each */

void srcu_init(struct srcu_struct *s)
{
	memset(s, 0, sizeof(*s));
	mutex_init(&s->mutex, "srcu.mutex");
}

static struct srcu_count *count_here(struct srcu_struct *s)
{
	/* Another CPU's would do too, if this thread moves meanwhile: the counts are atomic. */
	return &s->count[smp_processor_id()];
}

int srcu_read_lock(struct srcu_struct *s)
{
	int index = READ_ONCE(s->index) & 1;

	fetch_add_relaxed(&count_here(s)->begun[index], 1);
	/* full: pairs with those in nobody_inside() and synchronize_srcu_or(): counted before the
	 * reader's loads;
	 * tests: litmus.SB+mb+mb, rcu.srcu */
	smp_mb();
	return index;
}

void srcu_read_unlock(struct srcu_struct *s, int index)
{
	/* full: pairs with those in nobody_inside() and synchronize_srcu_or(): the reader's loads
	 * before its end;
	 * tests: litmus.MP+mb+mb, rcu.srcu */
	smp_mb();
	fetch_add_relaxed(&count_here(s)->ended[index], 1);
}

static bool nobody_inside(struct srcu_struct *s, u32 index)
{
	u32 begun = 0, ended = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++)
		ended += READ_ONCE(s->count[cpu].ended[index]);
	/* full: pairs with those in srcu_read_lock() and srcu_read_unlock();
	 * tests: litmus.SB+mb+mb, litmus.MP+mb+mb */
	smp_mb();
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		begun += READ_ONCE(s->count[cpu].begun[index]);
	return begun == ended;
}

static bool wait_until_empty(struct srcu_struct *s, u32 index, bool (*gives_up)(u64 arg), u64 arg)
{
	unsigned int looks = 0;

	if (busted(BUSTED_SRCU_NO_WAIT))
		return true;
	while (!nobody_inside(s, index)) {
		if (gives_up && gives_up(arg))
			return false;
		if (++looks > LOOKS_AWAKE)
			sleep_ns(LOOK_NS);
		else
			yield();
	}
	return true;
}

bool synchronize_srcu_or(struct srcu_struct *s, bool (*gives_up)(u64 arg), u64 arg)
{
	bool done;

	might_sleep("synchronize_srcu()");
	mutex_lock(&s->mutex);
	/* full: pairs with the one in srcu_read_lock(): what the caller unpublished before the
	 * first look at the counters; tests: litmus.SB+mb+mb, rcu.srcu */
	smp_mb();
	done = wait_until_empty(s, ~s->index & 1, gives_up, arg);
	if (done) {
		WRITE_ONCE(s->index, s->index + 1);
		/* full: pairs with the one in srcu_read_lock(): the index before the counters, so
		 * that those who are waited for become fewer; tests: litmus.SB+mb+mb */
		smp_mb();
		done = wait_until_empty(s, ~s->index & 1, gives_up, arg);
	}
	/* full: pairs with the one in srcu_read_unlock(): all looks before what the caller frees;
	 * tests: litmus.MP+mb+mb, rcu.srcu */
	smp_mb();
	mutex_unlock(&s->mutex);
	return done;
}

void synchronize_srcu(struct srcu_struct *s)
{
	synchronize_srcu_or(s, NULL, 0);
}
