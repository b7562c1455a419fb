/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A wake-up that comes so late that its thread has ended, and the thread's slot is another's, does
 * not queue that one a second time (the race of kernel/thread.c, head). Who does what:
 *
 *	thread "late", CPU 2		thread "maker", CPU 0		thread "old", CPU 1
 *									about to sleep
 *	old's state -> RUNNING
 *	(wake.found) ...						ends
 *					join old
 *	(wake.locked) old's queue	(test.joined) ...
 *	...				make and start "new": (wake.locked)
 *	new is RUNNING, not on_rq	the same
 *	(wake.queues) onto a queue	(wake.queues) onto a queue
 *
 * In code that is sound the maker cannot come by while "late" has old's queue locked, so that two
 * of the waits end by their time.
 */
#include <arch/atomic.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <test/step.h>
#include <test/test.h>

#define TRIES	     3
#define FORBIDDEN_US 6000 /* so long the one waits for what must not come */

static const struct sync_rule rules[] = {
	{ .at = "wake.found", .cpu = 2, .task = "late", .until = "test.joined", .until_cpu = 0 },
	{ .at = "test.joined", .cpu = 0, .until = "wake.locked", .until_cpu = 2 },
	{ .at = "wake.locked",
	  .cpu = 2,
	  .task = "late",
	  .until = "wake.locked",
	  .until_cpu = 0,
	  .until_task = "maker",
	  .timeout_us = FORBIDDEN_US },
	{ .at = "wake.queues",
	  .cpu = 0,
	  .task = "maker",
	  .until = "wake.queues",
	  .until_cpu = 2,
	  .timeout_us = FORBIDDEN_US },
};

static struct {
	struct task_struct *old;
	u32 about_to_sleep; /* by release */
	u32 go;		    /* a step */
	u32 runs;	    /* of "new" */
	bool same_slot, woken;
} late;

static void old_run(void *arg)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	/* release: pairs with the acquire in late_try() */
	smp_store_release(&late.about_to_sleep, 1);
	spin_until_awake("a late wake-up", READ_ONCE(current->state) == TASK_RUNNING);
}

static void late_run(void *arg)
{
	step_wait("late_try()", &late.go, 1);
	late.woken = wake_up_process(late.old);
}

static void new_run(void *arg)
{
	fetch_add(&late.runs, 1);
}

static void maker_run(void *arg)
{
	struct task_struct *new;

	thread_join(late.old);
	sync_point("test.joined");
	new = thread_prepare("new", 1, new_run, NULL);
	late.same_slot = new == late.old;
	if (!new)
		return;
	thread_start(new);
	thread_join(new);
}

/* Returns whether it came about: the late waker had the lock when the slot was made anew. */
static bool late_try(struct test *t)
{
	struct task_struct *waker, *maker;
	struct sync_stats found, joined;

	memset(&late, 0, sizeof(late));
	waker = thread_create("late", 1ULL << 2, late_run, NULL);
	late.old = thread_create("old", 1ULL << 1, old_run, NULL);
	/* Made now: a stack that is mapped wants to interrupt every CPU. */
	maker = thread_prepare("maker", 1, maker_run, NULL);
	if (!EXPECT(t, waker && late.old && maker))
		return false;
	/* acquire: pairs with the release in old_run() */
	while (!smp_load_acquire(&late.about_to_sleep))
		yield();
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	step_to(&late.go, 1);
	thread_start(maker);
	thread_join(maker);
	thread_join(waker);
	sync_rules_disarm();
	sync_rule_stats_read(0, &found);
	sync_rule_stats_read(1, &joined);
	EXPECT_MSG(t, late.runs == 1, "the new thread ran %u times", late.runs);
	return found.met && joined.met && late.woken && late.same_slot;
}

static void test_late_wakeup(struct test *t)
{
	unsigned int came = 0;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	for (int i = 0; i < TRIES; i++)
		came += late_try(t);
	EXPECT_MSG(t, came, "in none of %d tries the wake-up was late", TRIES);
	test_record(t, "\"late\":%u", came);
}
TEST(threads, late_wakeup, TEST_RACE, test_late_wakeup, .min_cpus = 3);
