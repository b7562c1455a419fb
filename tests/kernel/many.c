/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleeping and waking of several: everybody on a queue is woken, who sleeps for a short time does
 * not wait for who sleeps for long, calls come in their order, and no hand-over of work or count of
 * readers is lost when it goes quickly.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <test/others.h>
#include <test/step.h>
#include <test/test.h>

#define MS     1000000ULL
#define CROWD  6
#define ROUNDS 2000

/* ---- everybody on a queue ---- */

static struct {
	struct wait_queue q;
	u32 over, woken;
} crowd;

static void crowd_run(void *arg)
{
	wait_event(&crowd.q, READ_ONCE(crowd.over));
	fetch_add(&crowd.woken, 1);
}

static bool sleeps(const struct task_struct *task)
{
	return !READ_ONCE(task->on_rq) && !READ_ONCE(task->on_cpu) &&
	       READ_ONCE(task->state) == TASK_UNINTERRUPTIBLE;
}

static void test_wake_everybody(struct test *t)
{
	struct task_struct *task[CROWD];
	struct patience patience;

	for (int round = 0; round < 10; round++) {
		crowd.over = crowd.woken = 0;
		wait_queue_init(&crowd.q, "crowd");
		for (unsigned int i = 0; i < CROWD; i++) {
			task[i] = thread_create("crowd", ~0ULL, crowd_run, NULL);
			if (!EXPECT(t, task[i] != NULL))
				return;
		}
		for (unsigned int i = 0; i < CROWD; i++)
			while (!sleeps(task[i]))
				yield();
		WRITE_ONCE(crowd.over, 1);
		wake_up_all(&crowd.q);
		patience_begin(&patience, 3000 * MS, 0);
		while (READ_ONCE(crowd.woken) < CROWD && !patience_is_over(&patience))
			yield();
		if (!EXPECT_MSG(t, crowd.woken == CROWD, "%u of %u were woken", crowd.woken, CROWD))
			return;
		for (unsigned int i = 0; i < CROWD; i++)
			thread_join(task[i]);
		EXPECT(t, list_empty(&crowd.q.waiters));
	}
}
TEST(threads, wake_everybody, TEST_RACE, test_wake_everybody);

/* ---- time ---- */

static u32 long_is_over;

static void long_run(void *arg)
{
	sleep_ns(300 * MS);
	WRITE_ONCE(long_is_over, 1);
}

static void short_run(void *arg)
{
	sleep_ns(MS);
	*(bool *)arg = !READ_ONCE(long_is_over);
}

/* On one CPU, the long one first on its list. On a host that stops us for so long: once more. */
static void test_sleep_many(struct test *t)
{
	struct task_struct *longer, *shorter;
	bool before = false;

	for (int i = 0; i < 3 && !before; i++) {
		WRITE_ONCE(long_is_over, 0);
		longer = thread_create("long", 1, long_run, NULL);
		if (!EXPECT(t, longer != NULL))
			return;
		while (!sleeps(longer))
			yield();
		shorter = thread_create("short", 1, short_run, &before);
		if (EXPECT(t, shorter != NULL))
			thread_join(shorter);
		thread_join(longer);
	}
	EXPECT_MSG(t, before, "1 ms took longer than 300");
}
TEST(threads, sleep_many, TEST_RACE, test_sleep_many);

/* ---- preempted when about to sleep ---- */

static void about_to_sleep(void *arg)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	preempt_disable();
	WRITE_ONCE(current->need_resched, 1);
	preempt_enable();
	set_current_state(TASK_RUNNING);
	WRITE_ONCE(*(u32 *)arg, 1);
}

/* It has not said that it sleeps: it comes back by itself. */
static void test_preempted(struct test *t)
{
	static u32 back;
	struct task_struct *task;
	struct patience patience;

	back = 0;
	task = thread_create("preempted", ~0ULL, about_to_sleep, &back);
	if (!EXPECT(t, task != NULL))
		return;
	patience_begin(&patience, 3000 * MS, 0);
	while (!READ_ONCE(back) && !patience_is_over(&patience))
		sleep_ns(MS);
	if (EXPECT_MSG(t, back, "a thread was preempted when it was about to sleep, and lost"))
		thread_join(task);
}
TEST(threads, preempted_about_to_sleep, TEST_RACE, test_preempted);

/* ---- calls in their order ---- */

static struct {
	u32 deaf, listen; /* by release: CPU 1 takes no interrupts; it may again */
	u32 nr, place[2];
} calls;

static void call_note(void *arg)
{
	calls.place[(unsigned long)arg] = ++calls.nr;
}

static void calls_deaf(void *arg)
{
	unsigned long flags = arch_irq_save();

	step_to(&calls.deaf, 1);
	step_wait("two calls", &calls.listen, 1);
	arch_irq_restore(flags);
}

static void call_second(void *arg)
{
	smp_call_function_single(1, call_note, (void *)1UL, false);
}

static void test_call_order(struct test *t)
{
	for (int i = 0; i < 3; i++) {
		calls.deaf = calls.listen = calls.nr = 0;
		if (!EXPECT(t, cpu_work_start(1, calls_deaf, NULL) == 0))
			return;
		step_wait("CPU 1 to be deaf", &calls.deaf, 1);
		EXPECT(t, smp_call_function_single(1, call_note, (void *)0UL, false) == 0);
		if (EXPECT(t, cpu_work_start(2, call_second, NULL) == 0))
			cpu_work_wait(2);
		step_to(&calls.listen, 1);
		cpu_work_wait(1);
		/* Behind both. */
		EXPECT(t, smp_call_function_single(1, call_note, (void *)0UL, true) == 0);
		EXPECT_MSG(t, calls.place[0] == 3 && calls.place[1] == 2 && calls.nr == 3,
			   "the second call was run as number %u", calls.place[1]);
	}
}
TEST(kernel, call_order, TEST_RACE, test_call_order, .min_cpus = 3);

static void call_slow(void *arg)
{
	struct others o;

	others_begin(&o);
	spin_until_awake("who has called", others_lived(&o));
	WRITE_ONCE(*(u32 *)arg, 1);
}

/* Who waits for a call waits for its function's end. */
static void test_call_waits(struct test *t)
{
	static u32 ran;

	others_hurry();
	ran = 0;
	EXPECT(t, smp_call_function_single(1, call_slow, &ran, true) == 0 && READ_ONCE(ran));
	ran = 0;
	smp_call_function_many(2, call_slow, &ran, true);
	EXPECT(t, READ_ONCE(ran));
	others_hurry_end();
}
TEST(kernel, call_waits, TEST_RACE, test_call_waits, .min_cpus = 2);

/* ---- quickly, one after the other ---- */

static void work_nothing(void *arg)
{
}

/* Work comes at the very moment when the worker is about to sleep. */
static void test_work_storm(struct test *t)
{
	for (int i = 0; i < ROUNDS; i++) {
		EXPECT(t, cpu_work_start(1, work_nothing, NULL) == 0);
		cpu_work_wait(1);
	}
}
TEST(kernel, work_storm, TEST_RACE, test_work_storm, .min_cpus = 2);

static struct wait_queue storm_queue;

static void queue_storm_run(void *arg)
{
	for (int i = 0; i < 10 * ROUNDS; i++) {
		struct wait_entry e = { .task = NULL };

		wait_prepare(&storm_queue, &e);
		wait_finish(&storm_queue, &e);
	}
}

/* All CPUs come and go on one queue; a wake-up walks it meanwhile. */
static void test_queue_storm(struct test *t)
{
	unsigned int cpu;

	wait_queue_init(&storm_queue, "storm");
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		EXPECT(t, cpu_work_start(cpu, queue_storm_run, NULL) == 0);
	for (int i = 0; i < ROUNDS; i++)
		wake_up_all(&storm_queue);
	queue_storm_run(NULL);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_wait(cpu);
	EXPECT(t, list_empty(&storm_queue.waiters));
}
TEST(threads, queue_storm, TEST_RACE, test_queue_storm, .min_cpus = 2);

static struct rw_semaphore storm;

static void storm_run(void *arg)
{
	for (int i = 0; i < 10 * ROUNDS; i++) {
		down_read(&storm);
		up_read(&storm);
	}
}

/* Readers come and go without the lock inside; none is lost from the count. */
static void test_rwsem_storm(struct test *t)
{
	unsigned int cpu;

	init_rwsem(&storm, "storm");
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		EXPECT(t, cpu_work_start(cpu, storm_run, NULL) == 0);
	storm_run(NULL);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_wait(cpu);
	EXPECT_MSG(t, !rwsem_is_locked(&storm), "nobody reads, and the count is %llu",
		   (unsigned long long)storm.count);
}
TEST(threads, rwsem_storm, TEST_RACE, test_rwsem_storm, .min_cpus = 2);
