/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single promises of callbacks, each forced: what rcu_barrier() waits for, and that no callback is
 * forgotten.
 */
#include <arch/atomic.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <test/others.h>
#include <test/test.h>

#include "forced.h"

/* ---- rcu_barrier() waits for the callbacks of every CPU ---- */

/*
 * The RCU thread is kept busy until the callback of the other CPU is queued and the caller waits,
 * so that it comes to both in one go: to that of the caller's CPU first.
 *
 *	CPU 0			CPU n			RCU thread
 *	call_rcu(keeper)
 *							keeper begins
 *				call_rcu(slow)
 *	rcu_barrier()
 *	sleeps						keeper ends
 *							callbacks of CPU 0, of CPU n
 */
static struct {
	struct rcu_head keeper, head;
	struct task_struct *caller; /* of rcu_barrier() */
	u32 keeps, waits, ran, back;
} slow;

static void keeper_ran(struct rcu_head *head)
{
	struct patience patience;

	patience_begin(&patience, 3000 * MS, 0);
	WRITE_ONCE(slow.keeps, 1);
	spin_until_awake_or("the caller to sleep",
			    READ_ONCE(slow.waits) &&
				    READ_ONCE(slow.caller->state) == TASK_UNINTERRUPTIBLE,
			    patience_is_over(&patience));
}

/* Until the caller, woken too early, is back; or could be. */
static void slow_ran(struct rcu_head *head)
{
	struct others o;

	preempt_disable();
	others_begin(&o);
	spin_until_awake("the caller", others_lived(&o) || READ_ONCE(slow.back));
	preempt_enable();
	WRITE_ONCE(slow.ran, 1);
}

static void slow_queue(void *arg)
{
	call_rcu(&slow.head, slow_ran);
}

static void test_barrier_cpus(struct test *t)
{
	unsigned int cpu;
	u32 ran;

	if (!flavour_enter(t))
		return;
	slow.caller = current;
	others_hurry();
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL) {
		slow.keeps = slow.waits = slow.ran = slow.back = 0;
		call_rcu(&slow.keeper, keeper_ran);
		while (!READ_ONCE(slow.keeps))
			yield();
		if (!EXPECT(t, cpu_work_start(cpu, slow_queue, NULL) == 0))
			break;
		cpu_work_wait(cpu);
		WRITE_ONCE(slow.waits, 1);
		rcu_barrier();
		ran = READ_ONCE(slow.ran);
		WRITE_ONCE(slow.back, 1);
		EXPECT_MSG(t, ran, "rcu_barrier() on CPU 0 did not wait for CPU %u", cpu);
		rcu_barrier();
	}
	others_hurry_end();
}
TEST_BOTH(barrier_cpus, test_barrier_cpus);

#define CALLERS 4

static void caller_run(void *arg)
{
	for (int i = 0; i < 6; i++) {
		rcu_barrier();
		synchronize_rcu_expedited();
		rcu_set_flavour((long)arg & 1 ? "classic" : "preempt");
	}
}

/* Of each wait that has memory of its own, or heads, several callers take turns. */
static void test_callers(struct test *t)
{
	struct task_struct *task[CALLERS];
	const char *before = rcu_flavour();

	for (long i = 0; i < CALLERS; i++) {
		task[i] = thread_create("caller", ~0ULL, caller_run, (void *)i);
		EXPECT(t, task[i] != NULL);
	}
	for (unsigned int i = 0; i < CALLERS; i++)
		if (task[i])
			thread_join(task[i]);
	EXPECT(t, rcu_set_flavour(before) == 0);
}
TEST(rcu, callers, TEST_RACE, test_callers);

/* ---- no callback is forgotten ---- */

struct noted {
	struct rcu_head head;
	u32 ran;
};

static void noted_ran(struct rcu_head *head)
{
	/* release: pairs with the acquire in expect_ran() */
	smp_store_release(&container_of(head, struct noted, head)->ran, 1);
}

/* It runs, without anybody's queueing another one. */
static void expect_ran(struct test *t, struct noted *n)
{
	struct patience patience;

	patience_begin(&patience, 3000 * MS, 0);
	/* acquire: pairs with the release in noted_ran() */
	while (!smp_load_acquire(&n->ran) && !patience_is_over(&patience))
		sleep_ns(MS);
	if (!EXPECT_MSG(t, n->ran, "a callback was queued, and the RCU thread sleeps"))
		rcu_barrier();
}

/* The thread is woken after the callback was queued: before, it would find nothing, and sleep. */
static void test_queue_wake(struct test *t)
{
	static const struct sync_rule rule = { .at = "rcu.queue",
					       .cpu = 0,
					       .until = "rcu.taken",
					       .until_cpu = -1,
					       .until_task = "rcu",
					       .timeout_us = 8000 };
	static struct noted n;

	if (!flavour_enter(t))
		return;
	for (int i = 0; i < 4; i++) {
		n.ran = 0;
		rcu_barrier();
		preempt_disable();
		sync_rules_arm(&rule, 1, 1);
		call_rcu(&n.head, noted_ran);
		sync_rules_disarm();
		preempt_enable();
		expect_ran(t, &n);
	}
}

/*
 * A callback that comes when the thread has taken the lists is not taken for one of them:
 *
 *	RCU thread			call_rcu()
 *	has_work = 0
 *	take the lists
 *	(rcu.taken) ...			queue, has_work = 1
 *	grace period, callbacks
 *	has_work? yes
 */
static void test_queue_taken(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ .at = "rcu.taken",
		  .cpu = -1,
		  .task = "rcu",
		  .until = "test.queued",
		  .until_cpu = 0 },
		{ .at = "test.queues", .cpu = 0, .until = "rcu.taken", .until_cpu = -1 },
	};
	static struct noted first, second;
	struct sync_stats s;

	if (!flavour_enter(t))
		return;
	first.ran = second.ran = 0;
	rcu_barrier();
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	call_rcu(&first.head, noted_ran);
	sync_point("test.queues");
	call_rcu(&second.head, noted_ran);
	sync_point("test.queued");
	expect_ran(t, &second);
	sync_rules_disarm();
	sync_stats_read(&s);
	EXPECT_MSG(t, first.ran && s.met >= 2 && !s.timed_out, "%lu waits were met, %lu not", s.met,
		   s.timed_out);
}

static unsigned int requeued;

static void queues_itself(struct rcu_head *head)
{
	if (++requeued < 3)
		call_rcu(head, queues_itself);
}

/* A callback may queue its own head again: those behind it run all the same. */
static void test_requeue(struct test *t)
{
	static struct noted first, second;

	requeued = 0;
	first.ran = second.ran = 0;
	preempt_disable();
	call_rcu(&first.head, queues_itself);
	call_rcu(&second.head, noted_ran);
	preempt_enable();
	expect_ran(t, &second);
	for (int i = 0; i < 3; i++)
		rcu_barrier();
	EXPECT_MSG(t, requeued == 3, "it ran %u times", requeued);
}

static void test_queue(struct test *t)
{
	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	test_queue_wake(t);
	test_queue_taken(t);
	test_requeue(t);
}
TEST_BOTH(queue, test_queue);
