/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wake-ups come at once, and not by the next tick, which would hide one that was lost. So that the
 * two are far apart on a crowded host too, the tick is made slow, and the middle one of several
 * times is compared with it: without its interrupt an idle CPU would take half a tick on average.
 * A host that is busy for longer than that gets more tries.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <test/slow_tick.h>
#include <test/test.h>

#define ROUNDS 9
#define TRIES  6

static unsigned int last_cpu(void)
{
	unsigned int cpu, last = 0;

	for_each_cpu_in(cpu, smp_online_mask())
		last = cpu;
	return last;
}

/* ---- the slow tick ---- */

static void tick_restart(void *arg)
{
	tick_start_cpu();
}

void slow_tick_begin(void)
{
	tick_set_rate(SLOW_TICK_HZ);
	on_each_cpu(tick_restart, NULL);
}

void slow_tick_end(void)
{
	tick_set_rate(0);
	on_each_cpu(tick_restart, NULL);
}

u64 median_ns(u64 *ns, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		for (unsigned int j = i; j && ns[j - 1] > ns[j]; j--) {
			u64 t = ns[j];

			ns[j] = ns[j - 1];
			ns[j - 1] = t;
		}
	return ns[n / 2];
}

bool soon(struct test *t, const char *what, u64 (*once)(struct test *t))
{
	u64 ns[ROUNDS], middle = 0;

	slow_tick_begin();
	for (int i = 0; i < TRIES; i++) {
		for (unsigned int r = 0; r < ROUNDS; r++)
			ns[r] = once(t);
		middle = median_ns(ns, ROUNDS);
		if (middle < SOON_NS || t->failures)
			break;
	}
	slow_tick_end();
	test_record(t, "\"%s_us\":%llu", what, (unsigned long long)middle / 1000);
	return EXPECT_MSG(t, middle < SOON_NS, "%s: %llu us, with a tick of %llu us", what,
			  (unsigned long long)middle / 1000, SLOW_TICK_NS / 1000);
}

/* ---- an idle CPU is woken ---- */

/* A thread that sleeps on a CPU until it is told to note the time, as often as it is told. */
static struct {
	struct wait_queue q;
	struct task_struct *task;
	u32 asked, done; /* by release */
	u32 over;
	u64 at_ns;
} clerk;

static void clerk_run(void *arg)
{
	for (u32 i = 1;; i++) {
		/* acquire: pairs with the release in clerk_ask() */
		wait_event(&clerk.q, smp_load_acquire(&clerk.asked) == i || READ_ONCE(clerk.over));
		if (READ_ONCE(clerk.over))
			return;
		clerk.at_ns = clock_ns();
		/* release: pairs with the acquire in clerk_ask() */
		smp_store_release(&clerk.done, i);
	}
}

static bool clerk_start(struct test *t, unsigned int cpu)
{
	clerk.asked = clerk.done = clerk.over = 0;
	wait_queue_init(&clerk.q, "clerk");
	clerk.task = thread_create("clerk", 1ULL << cpu, clerk_run, NULL);
	return EXPECT(t, clerk.task != NULL);
}

static void clerk_stop(void)
{
	WRITE_ONCE(clerk.over, 1);
	wake_up_all(&clerk.q);
	thread_join(clerk.task);
}

/* Until it sleeps, and its CPU too. */
static void clerk_wait_idle(void)
{
	while (READ_ONCE(clerk.task->on_rq) || READ_ONCE(clerk.task->on_cpu) ||
	       READ_ONCE(clerk.task->state) != TASK_UNINTERRUPTIBLE)
		cpu_relax();
}

/* How long from the wake-up until it runs. Spins: the caller's CPU is not the clerk's. */
static u64 clerk_ask(void)
{
	u64 start = clock_ns();

	/* release: pairs with the acquire in clerk_run() */
	smp_store_release(&clerk.asked, clerk.asked + 1);
	wake_up_all(&clerk.q);
	sync_point("test.woken");
	/* acquire: pairs with the release in clerk_run() */
	while (smp_load_acquire(&clerk.done) != clerk.asked)
		cpu_relax();
	return clerk.at_ns - start;
}

static u64 wake_idle_once(struct test *t)
{
	clerk_wait_idle();
	return clerk_ask();
}

static void test_wake_idle(struct test *t)
{
	if (!clerk_start(t, last_cpu()))
		return;
	soon(t, "wake_idle", wake_idle_once);
	clerk_stop();
}
TEST(threads, wake_idle, TEST_RACE, test_wake_idle, .min_cpus = 2);

/*
 * The wake-up comes when the idle CPU has looked for work and found none, but does not sleep yet:
 *
 *	idle loop			waker
 *	interrupts off
 *	need_resched? no		(test.wakes) ...
 *	(idle.looked) ...		need_resched, interrupt
 *	sleep: the interrupt is there	(test.woken)
 */
static u64 wake_falling_once(struct test *t)
{
	unsigned int cpu = last_cpu();
	struct sync_rule rules[] = {
		{ .at = "idle.looked", .cpu = cpu, .until = "test.woken", .until_cpu = 0 },
		{ .at = "test.wakes", .cpu = 0, .until = "idle.looked", .until_cpu = cpu },
	};
	struct sync_stats s;
	u64 ns;

	clerk_wait_idle();
	/* Not to be preempted or moved: the rules name the CPU. */
	preempt_disable();
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	ipi_send_noise(cpu);
	sync_point("test.wakes");
	ns = clerk_ask();
	sync_rules_disarm();
	preempt_enable();
	sync_stats_read(&s);
	/* More, if the CPU went round its loop again before the rules were gone. */
	EXPECT_MSG(t, s.met >= 2 && !s.timed_out, "%lu waits were met, %lu not", s.met,
		   s.timed_out);
	return ns;
}

static void test_wake_falling_asleep(struct test *t)
{
	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (!clerk_start(t, last_cpu()))
		return;
	soon(t, "wake_falling_asleep", wake_falling_once);
	clerk_stop();
}
TEST(threads, wake_falling_asleep, TEST_RACE, test_wake_falling_asleep, .min_cpus = 2);

/*
 * ---- one that runs gives way to an urgent one, at once ----
 *
 * A tick may come when the urgent one has just begun and take the CPU away again, as from anybody:
 * with a slow tick that is seldom.
 */

#define URGENT_TRIES 20
#define URGENT_MIN   15 /* of these so many at once */

struct urgent {
	struct task_struct *task;
	u64 steps;  /* of who is to give way */
	u64 before; /* its steps when the urgent one was woken ... */
	u64 seen;   /* ... and when that ran */
	u32 ran, stop;
};

static void urgent_run(void *arg)
{
	struct urgent *u = arg;

	u->seen = READ_ONCE(u->steps);
	WRITE_ONCE(u->ran, 1);
}

static bool urgent_prepare(struct test *t, struct urgent *u, unsigned int cpu)
{
	u->ran = 0;
	u->task = thread_prepare("urgent", 1ULL << cpu, urgent_run, u);
	if (!EXPECT(t, u->task != NULL))
		return false;
	u->task->urgent = true;
	return true;
}

/* Woken while preemption is off, it runs as soon as that is on again. */
static void test_urgent_enable(struct test *t)
{
	struct urgent u = { .steps = 0 };
	unsigned int at_once = 0;

	slow_tick_begin();
	for (int i = 0; i < URGENT_TRIES; i++) {
		if (!urgent_prepare(t, &u, 0))
			break;
		preempt_disable();
		thread_start(u.task);
		EXPECT_MSG(t, !READ_ONCE(u.ran), "it ran where preemption is disabled");
		preempt_enable();
		at_once += READ_ONCE(u.ran);
		thread_join(u.task);
	}
	slow_tick_end();
	EXPECT_MSG(t, at_once >= URGENT_MIN, "preempt_enable() gave way %u times of %u", at_once,
		   URGENT_TRIES);
}
TEST(threads, urgent_enable, TEST_RACE, test_urgent_enable);

static void step_run(void *arg)
{
	struct urgent *u = arg;

	while (!READ_ONCE(u->stop))
		WRITE_ONCE(u->steps, u->steps + 1);
}

static void urgent_wake(void *arg)
{
	struct urgent *u = arg;

	u->before = READ_ONCE(u->steps);
	thread_start(u->task);
}

/* Woken by an interrupt, it runs before what was interrupted goes on. */
static void test_urgent_irq(struct test *t)
{
	struct urgent u = { .steps = 0 };
	unsigned int cpu = last_cpu(), at_once = 0;
	struct task_struct *steps = thread_create("steps", 1ULL << cpu, step_run, &u);

	if (!EXPECT(t, steps != NULL))
		return;
	slow_tick_begin();
	for (int i = 0; i < URGENT_TRIES; i++) {
		u64 last = READ_ONCE(u.steps);

		while (READ_ONCE(u.steps) == last)
			cpu_relax();
		if (!urgent_prepare(t, &u, cpu))
			break;
		EXPECT(t, smp_call_function_single(cpu, urgent_wake, &u, true) == 0);
		thread_join(u.task);
		at_once += u.seen == u.before;
	}
	WRITE_ONCE(u.stop, 1);
	thread_join(steps);
	slow_tick_end();
	EXPECT_MSG(t, at_once >= URGENT_MIN, "the interrupted thread gave way %u times of %u",
		   at_once, URGENT_TRIES);
}
TEST(threads, urgent_irq, TEST_RACE, test_urgent_irq, .min_cpus = 2);

/* ---- a call is pushed before its interrupt is sent ---- */

static void call_note(void *arg)
{
	/* release: pairs with the acquire in test_call_pushed() */
	smp_store_release((u32 *)arg, 1);
}

/* With a delay before the push, an interrupt that was sent too early finds nothing. */
static void test_call_pushed(struct test *t)
{
	static const struct sync_rule rule = { .at = "ipi.push",
					       .cpu = 0,
					       .until = "test.never",
					       .until_cpu = 0,
					       .timeout_us = 3000 };
	static u32 called;
	u64 until;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	for (int i = 0; i < 3; i++) {
		called = 0;
		preempt_disable();
		sync_rules_arm(&rule, 1, 1);
		EXPECT(t, smp_call_function_single(1, call_note, &called, false) == 0);
		sync_rules_disarm();
		preempt_enable();
		until = clock_ns() + 2000000000ULL;
		/* acquire: pairs with the release in call_note() */
		while (!smp_load_acquire(&called) && clock_ns() < until)
			cpu_relax();
		if (!EXPECT_MSG(t, called, "the call was not run: nobody looked for it"))
			ipi_send_noise(1);
	}
}
TEST(kernel, call_pushed, TEST_RACE, test_call_pushed, .min_cpus = 2);
