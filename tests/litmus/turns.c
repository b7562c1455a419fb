/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A race of kernel threads, for tests with more threads than there are CPUs, and for bodies that
 * sleep. Each is bound to a CPU; those of one CPU take turns where they sleep, and where the tick
 * preempts them. They meet before each chunk, asleep.
 *
 * A grace period takes a thousand times as long as a reader. So bodies that wait for one race in
 * several groups at once, each with a thread for each of the test's and its own share of the
 * instances: a grace period then serves all groups.
 *
 * CPU 0's test thread makes the threads and sleeps until all have ended. What it did before is
 * ordered before the race by gate.lock, which meet() takes, and so is one chunk before the next;
 * the race is ordered before the tally by thread_join().
 */
#include "race.h"

#include <kernel/clock.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/errno.h>

#define GIVE_UP_NS  4000000ULL /* within an instance: what is waited for never comes */
#define GROUPS_MAX  8
#define THREADS_MAX 64

static struct group {
	struct wait_queue gate;
	unsigned int nr, waiting;     /* members, and how many are at the gate; under gate.lock */
	u32 round;		      /* meetings; under gate.lock, lockless by those who wait */
	bool stop;		      /* under gate.lock; constant until the next meeting */
	unsigned long first, reached; /* its instances; those before this are done; member 0's */
} groups[GROUPS_MAX];

static struct member {
	struct group *group;
	struct racer *racer;
	unsigned long end;
	struct task_struct *thread;
} members[THREADS_MAX];

/* All members come here before one goes on. False: they shall end. */
static bool meet(struct group *g)
{
	u32 round;
	bool last;

	spin_lock(&g->gate.lock);
	round = g->round;
	last = ++g->waiting == g->nr;
	if (last) {
		g->waiting = 0;
		g->stop = clock_ns() >= litmus_job.end_ns || READ_ONCE(litmus_job.deadlock);
		WRITE_ONCE(g->round, round + 1);
	}
	spin_unlock(&g->gate.lock);
	if (last)
		wake_up_all(&g->gate);
	else
		wait_event(&g->gate, READ_ONCE(g->round) != round);
	return !g->stop;
}

static void member_run(void *arg)
{
	struct member *m = arg;
	struct group *g = m->group;
	unsigned long first, end;

	for (first = g->first; first < m->end && meet(g); first = end) {
		end = MIN(first + litmus_job.chunk, m->end);
		race_skew(m->racer);
		m->racer->body(&m->racer->args, first, end);
		if (m->racer->index == 0)
			g->reached = end;
	}
}

static void group_init(struct group *g, unsigned int n, unsigned int nr_groups)
{
	wait_queue_init(&g->gate, "litmus.gate");
	g->nr = litmus_job.nr_racers;
	g->waiting = g->round = 0;
	g->first = g->reached = litmus_job.in.n * n / nr_groups;
}

/* Who was made waits for who could not be: let them go. */
static void group_dismiss(struct group *g)
{
	spin_lock(&g->gate.lock);
	g->stop = true;
	WRITE_ONCE(g->round, g->round + 1);
	spin_unlock(&g->gate.lock);
	wake_up_all(&g->gate);
}

/* One batch. 0 or -ENOMEM. */
static int race_batch(unsigned int nr_groups)
{
	unsigned int nr = nr_groups * litmus_job.nr_racers, made, i;

	for (i = 0; i < nr_groups; i++)
		group_init(&groups[i], i, nr_groups);
	for (made = 0; made < nr; made++) {
		struct member *m = &members[made];
		unsigned int n = made / litmus_job.nr_racers;

		m->group = &groups[n];
		m->racer = &litmus_job.racer[made % litmus_job.nr_racers];
		m->end = litmus_job.in.n * (n + 1) / nr_groups;
		m->thread = thread_create("racer", 1ULL << m->racer->cpu, member_run, m);
		if (!m->thread)
			break;
	}
	for (i = 0; made < nr && i < nr_groups; i++)
		group_dismiss(&groups[i]);
	for (i = 0; i < made; i++)
		thread_join(members[i].thread);
	return made == nr ? 0 : -ENOMEM;
}

int race_in_turns(void)
{
	bool sleeps = litmus_job.in.wide && (litmus_job.in.wide->flags & LITMUS_SLEEPS);
	unsigned int nr_groups = 1;
	int err;

	if (sleeps) {
		nr_groups = MIN(GROUPS_MAX, MAX(THREADS_MAX / litmus_job.nr_racers, 1U));
		nr_groups = MIN((unsigned long)nr_groups, litmus_job.in.n);
		litmus_job.chunk = 1;
	}
	race_reset(0, litmus_job.in.n);
	do {
		err = race_batch(nr_groups);
		if (err)
			break;
		for (unsigned int i = 0; i < nr_groups; i++)
			race_tally(&litmus_job.racer[0], groups[i].first, groups[i].reached);
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
