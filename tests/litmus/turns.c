/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A race of kernel threads, for tests with more threads than there are CPUs, and for bodies that
 * sleep. Each is bound to a CPU; those of one CPU take turns after each chunk, and where the tick
 * preempts them.
 *
 * CPU 0's test thread makes them, opens the gate, and sleeps until all have ended. What it did
 * before is ordered before the race by gate.lock, the race before the tally by thread_join().
 */
#include "race.h"

#include <kernel/clock.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/errno.h>

#define GIVE_UP_NS 4000000ULL /* within an instance: what is waited for never comes */

static struct wait_queue gate; /* the threads wait here for */
static bool go;		       /* this; under gate.lock */

static void racer_take_turns(void *arg)
{
	struct racer *me = arg;
	unsigned long first, end;

	wait_event(&gate, go);
	for (first = 0; first < litmus_job.in.n && clock_ns() < litmus_job.late_ns; first = end) {
		end = MIN(first + litmus_job.chunk, litmus_job.in.n);
		race_skew(me);
		me->body(&me->args, first, end);
		me->reached = end;
		yield();
	}
}

/* One batch by threads, each bound to its CPU. 0 or -ENOMEM. */
static int race_by_threads(void)
{
	struct task_struct *thread[LITMUS_WIDE_MAX];
	unsigned int i, n;

	go = false;
	for (n = 0; n < litmus_job.nr_racers; n++) {
		struct racer *r = &litmus_job.racer[n];

		r->reached = 0;
		r->cut = true;
		thread[n] = thread_create("racer", 1ULL << r->cpu, racer_take_turns, r);
		if (!thread[n])
			break;
	}
	spin_lock(&gate.lock);
	go = true;
	spin_unlock(&gate.lock);
	wake_up_all(&gate);
	for (i = 0; i < n; i++)
		thread_join(thread[i]);
	return n == litmus_job.nr_racers ? 0 : -ENOMEM;
}

int race_in_turns(void)
{
	int err;

	wait_queue_init(&gate, "litmus.gate");
	race_reset(0, litmus_job.in.n);
	do {
		err = race_by_threads();
		if (err)
			break;
		race_tally_cut();
		race_reset(0, litmus_job.in.n);
	} while (clock_ns() < litmus_job.end_ns && !litmus_job.deadlock);
	return err;
}

bool litmus_gives_up(u64 since_ns)
{
	if (litmus_job.scheme != SCHEME_MEET && preemptible() && !rcu_read_lock_held())
		yield();
	if (clock_ns() - since_ns > GIVE_UP_NS)
		WRITE_ONCE(litmus_job.deadlock, 1);
	return READ_ONCE(litmus_job.deadlock) || READ_ONCE(litmus_job.abort);
}
