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
 * ordered before the race by gate.lock, which meet() takes; so is each chunk before the tally of
 * who comes last, and that before the next chunk.
 */
#include "race.h"

#include <kernel/clock.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <lib/string.h>

#define GIVE_UP_NS  4000000ULL /* within an instance: what is waited for never comes */
#define GROUPS_MAX  8
#define THREADS_MAX 48 /* at least LITMUS_MAX */

static struct group {
	struct wait_queue gate;
	unsigned int nr, waiting; /* members, and how many are at the gate; under gate.lock */
	u32 round;		  /* meetings; under gate.lock, lockless by those who wait */
	/* Of who comes last to a meeting, while all others wait; then constant until the next. */
	unsigned long first, end; /* its instances, */
	unsigned long now, next;  /* those of this chunk; those before it have been raced */
	bool raced, stop;
	struct litmus_histogram found;
} groups[GROUPS_MAX];

static struct member {
	struct group *group;
	struct racer *racer;
	struct task_struct *thread;
} members[THREADS_MAX];

/* All are at the gate: what comes next? Count what was raced, when it is a whole share. */
static void group_advance(struct group *g)
{
	/* One chunk at least, however late the threads came. */
	g->stop = g->raced &&
		  (clock_ns() >= READ_ONCE(litmus_job.end_ns) || READ_ONCE(litmus_job.deadlock));
	if (g->next == g->end || g->stop) {
		litmus_instances_tally(&litmus_job.in, &g->found, g->first, g->next);
		g->next = g->first;
	}
	g->now = g->next;
	g->next = MIN(g->now + litmus_job.chunk, g->end);
	g->raced = true;
}

static bool meet_last(struct group *g)
{
	bool last;

	spin_lock(&g->gate.lock);
	last = ++g->waiting == g->nr;
	spin_unlock(&g->gate.lock);
	return last;
}

/* All members come here before one goes on. False: they shall end. */
static bool meet(struct group *g)
{
	u32 round = READ_ONCE(g->round);

	if (!meet_last(g)) {
		wait_event(&g->gate, READ_ONCE(g->round) != round);
		return !g->stop;
	}
	group_advance(g);
	spin_lock(&g->gate.lock);
	g->waiting = 0;
	WRITE_ONCE(g->round, round + 1);
	spin_unlock(&g->gate.lock);
	wake_up_all(&g->gate);
	return !g->stop;
}

static void member_run(void *arg)
{
	struct member *m = arg;
	struct group *g = m->group;

	while (meet(g)) {
		race_skew(m->racer);
		m->racer->body(&m->racer->args, g->now, g->next);
	}
}

static void group_init(struct group *g, unsigned int n, unsigned int nr_groups)
{
	wait_queue_init(&g->gate, "litmus.gate");
	g->nr = litmus_job.nr_racers;
	g->waiting = g->round = 0;
	g->raced = g->stop = false;
	g->first = g->next = litmus_job.in.n * n / nr_groups;
	g->end = litmus_job.in.n * (n + 1) / nr_groups;
	litmus_histogram_init(&g->found, litmus_is_packed(litmus_job.test));
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

/* How many threads there are now; with too little memory less than they shall be. */
static unsigned int make_members(unsigned int nr)
{
	unsigned int made;

	for (made = 0; made < nr; made++) {
		struct member *m = &members[made];

		m->group = &groups[made / litmus_job.nr_racers];
		m->racer = &litmus_job.racer[made % litmus_job.nr_racers];
		m->thread = thread_create("racer", 1ULL << m->racer->cpu, member_run, m);
		if (!m->thread)
			break;
	}
	return made;
}

/* Bodies that wait for a grace period: the more of them, the more it serves. */
static unsigned int choose_groups(void)
{
	unsigned int nr = THREADS_MAX / litmus_job.nr_racers;

	if (!(litmus_job.test->flags & LITMUS_SLEEPS))
		return 1;
	litmus_job.chunk = 1;
	nr = MAX(MIN(nr, GROUPS_MAX), 1U);
	return MIN((unsigned long)nr, litmus_job.in.n);
}

int race_in_turns(void)
{
	unsigned int nr_groups = choose_groups(), nr = nr_groups * litmus_job.nr_racers, made, i;
	u64 slice = litmus_job.end_ns - clock_ns();

	litmus_instances_reset(&litmus_job.in, 0, litmus_job.in.n);
	for (i = 0; i < nr_groups; i++)
		group_init(&groups[i], i, nr_groups);
	WRITE_ONCE(litmus_job.end_ns, ~0ULL);
	made = make_members(nr);
	/* To make threads takes longer than many a slice. */
	WRITE_ONCE(litmus_job.end_ns, clock_ns() + slice);
	for (i = 0; made < nr && i < nr_groups; i++)
		group_dismiss(&groups[i]);
	for (i = 0; i < made; i++)
		thread_join(members[i].thread);
	for (i = 0; i < nr_groups; i++)
		litmus_histogram_merge(&litmus_job.racer[0].hist, &groups[i].found);
	return made == nr ? 0 : -ENOMEM;
}

bool litmus_gives_up(u64 since_ns)
{
	if (litmus_job.scheme != SCHEME_MEET && preemptible() && !rcu_read_lock_held())
		yield();
	if (clock_ns() - since_ns > GIVE_UP_NS)
		WRITE_ONCE(litmus_job.deadlock, 1);
	return READ_ONCE(litmus_job.deadlock) || READ_ONCE(litmus_job.abort);
}
