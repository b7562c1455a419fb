/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wake-ups come at once, and not by the next tick, which would hide one that was lost. So that the
 * two are far apart on a crowded host too, the tick is made slow, and begins anew on all CPUs
 * before each try: who is woken by nothing else takes all of it, each time. A host can make it
 * longer, but never shorter: a few that come soon are enough.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <test/slow_tick.h>
#include <test/step.h>
#include <test/test.h>

static unsigned int last_cpu(void)
{
	unsigned int cpu, last = 0;

	for_each_cpu_in(cpu, smp_online_mask())
		last = cpu;
	return last;
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

static bool clerk_start(struct test *t, cpumask_t allowed)
{
	clerk.asked = clerk.done = clerk.over = 0;
	wait_queue_init(&clerk.q, "clerk");
	clerk.task = thread_create("clerk", allowed, clerk_run, NULL);
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
	spin_until_awake("the clerk's sleep",
			 !READ_ONCE(clerk.task->on_rq) && !READ_ONCE(clerk.task->on_cpu) &&
				 READ_ONCE(clerk.task->state) == TASK_UNINTERRUPTIBLE);
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
	spin_until_awake("the clerk", smp_load_acquire(&clerk.done) == clerk.asked);
	return clerk.at_ns - start;
}

static u64 wake_idle_once(struct test *t)
{
	clerk_wait_idle();
	return clerk_ask();
}

static void test_wake_idle(struct test *t)
{
	if (!clerk_start(t, 1ULL << last_cpu()))
		return;
	soon(t, "wake_idle", wake_idle_once);
	clerk_stop();
}
TEST(threads, wake_idle, TEST_RACE, test_wake_idle, .min_cpus = 2);

/* ---- who sleeps at a sync point ---- */

static struct spinlock napper_lock;
static u64 napped_ns;  /* when the napper went on */
static u32 nap_locked; /* release: it has the lock */

static void nap_run(void *locks)
{
	if (locks)
		spin_lock(&napper_lock);
	/* release: pairs with the acquire in nap_once() */
	smp_store_release(&nap_locked, 1);
	sync_point("test.naps");
	WRITE_ONCE(napped_ns, clock_ns());
	if (locks)
		spin_unlock(&napper_lock);
}

/* CPU 1 sleeps at a point until CPU 0 comes to another, or (@locks) cannot come. */
static u64 nap_once(struct test *t, bool locks)
{
	static const struct sync_rule rule = {
		.at = "test.naps", .cpu = 1, .until = "test.comes", .until_cpu = 0
	};
	u64 start, until;

	WRITE_ONCE(napped_ns, 0);
	nap_locked = 0;
	preempt_disable(); /* the rule names the CPU */
	sync_rules_arm(&rule, 1, 1);
	if (!EXPECT(t, cpu_work_start(1, nap_run, locks ? &napper_lock : NULL) == 0))
		locks = false;
	else /* acquire: pairs with the release in nap_run() */
		spin_until_awake("the napper", smp_load_acquire(&nap_locked));
	until = clock_ns() + 200000000ULL;
	spin_until_awake_or("a doze", spin_dozers() & 2, clock_ns() > until);
	start = clock_ns();
	if (locks) {
		spin_lock(&napper_lock);
		spin_unlock(&napper_lock);
	} else {
		sync_point("test.comes");
	}
	spin_until_awake("the napper", READ_ONCE(napped_ns) || t->failures);
	sync_rules_disarm();
	preempt_enable();
	cpu_work_wait(1);
	return napped_ns > start ? napped_ns - start : 0;
}

static u64 nap_passed_once(struct test *t)
{
	return nap_once(t, false);
}

static u64 nap_stuck_once(struct test *t)
{
	return nap_once(t, true);
}

static void test_wake_napping(struct test *t)
{
	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	spin_lock_init(&napper_lock, "napper_lock");
	spin_wait_pretend(true, 1000);
	soon(t, "passed", nap_passed_once);
	soon(t, "stuck", nap_stuck_once);
	spin_wait_pretend(false, 0);
}
TEST(kernel, wake_napping, TEST_RACE, test_wake_napping, .min_cpus = 2);

/* ---- where a woken thread runs ---- */

static void hog_run(void *arg)
{
	u32 *state = arg; /* 1: it runs; 2: it shall end */

	WRITE_ONCE(*state, 1);
	spin_until_awake("the hog's end", READ_ONCE(*state) != 1);
}

/* Somebody runs where it slept, with nobody behind: it does not queue up there, but goes on. */
static u64 wake_busy_once(struct test *t)
{
	struct task_struct *hog;
	u32 state = 0;
	u64 ns;

	clerk_wait_idle();
	hog = thread_create("hog", 1ULL << READ_ONCE(clerk.task->cpu), hog_run, &state);
	if (!EXPECT(t, hog != NULL))
		return 0;
	spin_until_awake("the hog", READ_ONCE(state));
	ns = clerk_ask();
	WRITE_ONCE(state, 2);
	thread_join(hog);
	return ns;
}

static void test_wake_busy(struct test *t)
{
	if (!clerk_start(t, 1ULL << 1 | 1ULL << last_cpu()))
		return;
	soon(t, "wake_busy", wake_busy_once);
	clerk_stop();
}
TEST(threads, wake_busy, TEST_RACE, test_wake_busy, .min_cpus = 3);

/* It may run there only, but need not wait for the end of a slice. */
static void test_wake_urgent(struct test *t)
{
	if (!clerk_start(t, 1ULL << last_cpu()))
		return;
	clerk_wait_idle();
	clerk.task->urgent = true;
	soon(t, "wake_urgent", wake_busy_once);
	clerk_stop();
}
TEST(threads, wake_urgent, TEST_RACE, test_wake_urgent, .min_cpus = 2);

static void hog_keep(void *arg)
{
	preempt_disable();
	hog_run(arg);
	preempt_enable();
}

#define QUEUED 2

/*
 * With ready threads behind a CPU that does not give way, and no CPU idle, one is taken over by a
 * CPU that has something to do, but nobody behind it: by its tick. CPU 0, which is idle now and
 * then, may not.
 */
static void test_balance_busy(struct test *t)
{
	struct task_struct *hogs[NR_CPUS], *queued[QUEUED];
	cpumask_t others = smp_online_mask() & ~1ULL;
	u32 state[NR_CPUS] = { 0 }, ran[QUEUED] = { 0 };
	unsigned int cpu, last = last_cpu();
	struct patience patience;

	for_each_cpu_in(cpu, others) {
		hogs[cpu] = thread_create("hog", 1ULL << cpu, cpu == last ? hog_keep : hog_run,
					  &state[cpu]);
		if (!EXPECT(t, hogs[cpu] != NULL))
			continue;
		spin_until_awake("a hog", READ_ONCE(state[cpu]));
	}
	for (int i = 0; i < QUEUED; i++) {
		queued[i] = thread_prepare("queued", 1ULL << last, hog_run, &ran[i]);
		if (!EXPECT(t, queued[i] != NULL))
			continue;
		thread_start(queued[i]);
		WRITE_ONCE(queued[i]->allowed, others);
	}
	patience_begin(&patience, 5000000000ULL, 0);
	while (!READ_ONCE(ran[0]) && !READ_ONCE(ran[1]) && !patience_is_over(&patience))
		sleep_ns(1000000);
	EXPECT_MSG(t, ran[0] || ran[1], "both wait behind the busy CPU");
	for_each_cpu_in(cpu, others)
		WRITE_ONCE(state[cpu], 2);
	for_each_cpu_in(cpu, others)
		if (hogs[cpu])
			thread_join(hogs[cpu]);
	for (int i = 0; i < QUEUED; i++) {
		if (!queued[i])
			continue;
		while (READ_ONCE(ran[i]) != 1)
			yield();
		WRITE_ONCE(ran[i], 2);
		thread_join(queued[i]);
	}
}
TEST(threads, balance_busy, TEST_RACE, test_balance_busy, .min_cpus = 3);

/*
 * The wake-up comes when the idle CPU has looked for work and found none, but does not sleep yet:
 *
 *	idle loop			waker
 *	interrupts off
 *	need_resched? no		(test.wakes) ...
 *	(idle.looked) ...		need_resched, interrupt
 *	sleep: the interrupt is there	(test.woken)
 */
static void nothing(void *arg)
{
}

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
	/* Until the CPU has left its point, where it has interrupts disabled: else it could come
	 * to the next round's rules in the midst of them, and be waited for in vain. */
	EXPECT(t, smp_call_function_single(cpu, nothing, NULL, true) == 0);
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
	if (!clerk_start(t, 1ULL << last_cpu()))
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

static void bystander_run(void *arg)
{
	struct urgent *u = arg;

	WRITE_ONCE(u->steps, u->steps + 1);
}

/*
 * Woken while preemption is off, it runs as soon as that is on again; and so behind a lock that was
 * taken with interrupts disabled, which are to be enabled first.
 */
static void test_urgent_enable(struct test *t)
{
	struct urgent u = { .steps = 0 };
	struct task_struct *bystander;
	bool locked = t->tc->data;
	static DEFINE_SPINLOCK(lock);
	unsigned int at_once = 0;
	unsigned long flags = 0;

	slow_tick_begin();
	for (int i = 0; i < URGENT_TRIES; i++) {
		u.steps = 0;
		bystander = thread_prepare("bystander", 1, bystander_run, &u);
		if (!EXPECT(t, bystander != NULL) || !urgent_prepare(t, &u, 0))
			break;
		if (locked)
			flags = spin_lock_irqsave(&lock);
		else
			preempt_disable();
		thread_start(bystander);
		thread_start(u.task);
		EXPECT_MSG(t, !READ_ONCE(u.ran), "it ran where preemption is disabled");
		if (locked)
			spin_unlock_irqrestore(&lock, flags);
		else
			preempt_enable();
		/* And before who was woken first. */
		at_once += READ_ONCE(u.ran) && !u.seen;
		thread_join(u.task);
		thread_join(bystander);
	}
	slow_tick_end();
	EXPECT_MSG(t, at_once >= URGENT_MIN, "%s gave way %u times of %u",
		   locked ? "spin_unlock_irqrestore()" : "preempt_enable()", at_once, URGENT_TRIES);
}
TEST(threads, urgent_enable, TEST_RACE, test_urgent_enable);
TEST(threads, urgent_unlock, TEST_RACE, test_urgent_enable, .data = "locked");

/* With interrupts disabled nobody switches, though preemption is enabled. */
static void test_urgent_irqs_off(struct test *t)
{
	struct urgent u = { .steps = 0 };
	unsigned long flags;

	if (!urgent_prepare(t, &u, 0))
		return;
	flags = arch_irq_save();
	thread_start(u.task);
	preempt_disable();
	preempt_enable();
	EXPECT_MSG(t, !READ_ONCE(u.ran), "it ran where interrupts are disabled");
	arch_irq_restore(flags);
	thread_join(u.task);
	EXPECT(t, u.ran);
}
TEST(threads, urgent_irqs_off, TEST_RACE, test_urgent_irqs_off);

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

		spin_until_awake("a step", READ_ONCE(u.steps) != last);
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
	step_to(arg, 1);
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
		if (!EXPECT_MSG(t, step_wait_for("the call", &called, 1, 2000000000ULL),
				"the call was not run: nobody looked for it"))
			ipi_send_noise(1);
	}
}
TEST(kernel, call_pushed, TEST_RACE, test_call_pushed, .min_cpus = 2);
