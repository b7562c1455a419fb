/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests that go wrong on purpose, each in another way. They run only by name, one a boot; the host
 * tool's selftest checks that each ends in its own verdict.
 */
#include <arch/irq.h>
#include <arch/power.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <test/balance.h>
#include <test/test.h>

static void self_pass(struct test *t)
{
	EXPECT(t, t->tc != NULL);
}
TEST(self, pass, TEST_ASSERT, self_pass, .flags = TEST_MANUAL);

static void self_fail(struct test *t)
{
	EXPECT_MSG(t, smp_nr_online() > NR_CPUS, "%u CPUs, as it should be", smp_nr_online());
}
TEST(self, fail, TEST_ASSERT, self_fail, .flags = TEST_MANUAL);

/* Of several failures the first is the reason. */
static void self_fail_twice(struct test *t)
{
	test_fail(t, "the first of two");
	test_fail(t, "the second of two");
}
TEST(self, fail_twice, TEST_ASSERT, self_fail_twice, .flags = TEST_MANUAL);

static void self_skip(struct test *t)
{
	test_skip(t, "skipped on purpose");
}
TEST(self, skip, TEST_ASSERT, self_skip, .flags = TEST_MANUAL);

/* What failed before the test found that it cannot run here has failed all the same. */
static void self_fail_and_skip(struct test *t)
{
	EXPECT(t, smp_nr_online() > NR_CPUS);
	test_skip(t, "skipped on purpose");
}
TEST(self, fail_and_skip, TEST_ASSERT, self_fail_and_skip, .flags = TEST_MANUAL);

/* What a record has no room for is not cut in silence. */
static void self_long_record(struct test *t)
{
	static const char text[] = "a text of some length, again and again";

	for (unsigned int i = 0; i < TEST_DETAIL_MAX / sizeof(text) + 1; i++)
		test_record(t, "\"text_%u\":\"%s\"", i, text);
	test_check(t);
}
TEST(self, long_record, TEST_ASSERT, self_long_record, .flags = TEST_MANUAL);

/* Needs more CPUs than there can be: the runner itself must skip it. */
TEST(self, too_few_cpus, TEST_ASSERT, self_pass, .flags = TEST_MANUAL, .min_cpus = NR_CPUS + 1);

/* Needs a CPU that self_dead_cpu= takes away: skipped as well, though there are enough others. */
TEST(self, two_cpus, TEST_ASSERT, self_pass, .flags = TEST_MANUAL, .min_cpus = 2);

/* Checks nothing, which must not count as a pass. */
static void self_empty(struct test *t)
{
}
TEST(self, empty, TEST_ASSERT, self_empty, .flags = TEST_MANUAL);

static noinline void self_spin(void *arg)
{
	spin_until("the end of the run", false);
}

/* Never returns, interrupts enabled: the deadline ends it. */
static void self_timeout(struct test *t)
{
	self_spin(NULL);
}
TEST(self, timeout, TEST_ASSERT, self_timeout, .flags = TEST_MANUAL);

static u32 self_is_deaf; /* lockless, a flag */

static noinline void self_spin_irqs_off(void *arg)
{
	arch_irq_disable();
	WRITE_ONCE(self_is_deaf, 1);
	spin_until("the end of the run", false);
}

/* Another CPU hangs with interrupts disabled: its neighbour's tick notices. */
static void self_hang(struct test *t)
{
	/* Of which its last tick is told. */
	spin_until("a tick of CPU 1", READ_ONCE(per_cpu(timer_count, 1)));
	cpu_work_start(1, self_spin_irqs_off, NULL);
	cpu_work_wait(1);
}
TEST(self, hang, TEST_ASSERT, self_hang, .flags = TEST_MANUAL, .min_cpus = 2);

static noinline void self_asked(void *arg)
{
}

/* Another CPU hangs with interrupts disabled, and this one calls it. */
static void self_call(struct test *t)
{
	cpu_work_start(1, self_spin_irqs_off, NULL);
	spin_until("CPU 1 to hang", READ_ONCE(self_is_deaf));
	smp_call_function_single(1, self_asked, NULL, true);
}
TEST(self, call, TEST_ASSERT, self_call, .flags = TEST_MANUAL, .min_cpus = 2);

static noinline void self_never_answer(void *arg)
{
	spin_until("the end of the run", false);
}

/* Another CPU does not come back from what it was called for, and this one wants to call again. */
static void self_call_again(struct test *t)
{
	smp_call_function_single(1, self_never_answer, NULL, false);
	smp_call_function_single(1, self_asked, NULL, false);
}
TEST(self, call_again, TEST_ASSERT, self_call_again, .flags = TEST_MANUAL, .min_cpus = 2);

/* Every CPU hangs with interrupts disabled: nobody is left but the host. */
static void self_hang_all(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_start(cpu, self_spin_irqs_off, NULL);
	self_spin_irqs_off(NULL);
}
TEST(self, hang_all, TEST_ASSERT, self_hang_all, .flags = TEST_MANUAL);

static noinline void self_crash_here(volatile u8 *p)
{
	*p = 1;
}

static void self_crash(struct test *t)
{
	volatile u8 *p = (volatile u8 *)16;

	OPTIMIZER_HIDE_VAR(p);
	self_crash_here(p);
}
TEST(self, crash, TEST_ASSERT, self_crash, .flags = TEST_MANUAL);

static void self_panic(struct test *t)
{
	/* What CPU 1 has worked at, and does no more. */
	if (!cpu_work_start(1, self_asked, NULL))
		cpu_work_wait(1);
	panic("on purpose, \"quoted\" and with a \\ backslash");
}
TEST(self, panic, TEST_ASSERT, self_panic, .flags = TEST_MANUAL);

static void self_panic_again(const void *arg)
{
	panic("on purpose, again");
}

/* While it reports, it crashes: that is the end, with both reasons on the console. */
static void self_panic_twice(struct test *t)
{
	panic_with(self_panic_again, NULL, "on purpose, once");
}
TEST(self, panic_twice, TEST_ASSERT, self_panic_twice, .flags = TEST_MANUAL);

static void self_panic_on(unsigned int cpu, void *arg)
{
	panic("on purpose, cpu %u", cpu);
}

/* All at once: one reports, and the others answer it. */
static void self_panic_all(struct test *t)
{
	test_on_cpus(0, self_panic_on, NULL);
}
TEST(self, panic_all, TEST_ASSERT, self_panic_all, .flags = TEST_MANUAL);

/* For so long as CPU @cpu takes some ticks, in each of which another thread could come in. */
static void self_wait_ticks(unsigned int cpu)
{
	unsigned long ticks = READ_ONCE(per_cpu(timer_count, cpu));

	spin_until_awake("some ticks", READ_ONCE(per_cpu(timer_count, cpu)) - ticks > 4);
}

static u32 self_second; /* 1: CPU 1 panics too; the other CPU: this one has begun to */

static void self_panic_second(void *arg)
{
	arch_irq_disable(); /* not yet to be preempted */
	thread_start(arg);
	WRITE_ONCE(self_second, 1);
	panic("on purpose, second");
}

static void self_take_cpu(void *unused)
{
	preempt_disable();
	spin_until("the end of the run", false);
}

static void self_second_stands(const void *bystander)
{
	cpu_work_start(1, self_panic_second, (void *)bystander);
	spin_until_awake("the second panic", READ_ONCE(self_second));
	self_wait_ticks(1);
}

/* Who stands by for the end of the run keeps its CPU, and is what the report says of that. */
static void self_stands_by(struct test *t)
{
	struct task_struct *bystander = thread_prepare("bystander", 2, self_take_cpu, NULL);

	if (EXPECT(t, bystander != NULL))
		panic_with(self_second_stands, bystander, "on purpose, first");
}
TEST(self, stands_by, TEST_ASSERT, self_stands_by, .flags = TEST_MANUAL, .min_cpus = 2);

static void self_let_test_end(const void *unused)
{
	WRITE_ONCE(self_second, 1);
	self_wait_ticks(0);
}

static void self_panic_late(void *unused)
{
	panic_with(self_let_test_end, NULL, "on purpose, beside");
}

/* The test ends while another CPU reports the end of the run: the runner does not go on. */
static void self_panic_beside(struct test *t)
{
	cpu_work_start(1, self_panic_late, NULL);
	spin_until("the panic", READ_ONCE(self_second));
	test_check(t);
}
TEST(self, panic_beside, TEST_ASSERT, self_panic_beside, .flags = TEST_MANUAL, .min_cpus = 2);

static noinline unsigned long self_recurse(unsigned long depth)
{
	volatile char frame[256];

	frame[depth % sizeof(frame)] = (char)depth;
	barrier();
	return depth == ~0UL ? 0 : self_recurse(depth + 1) + frame[depth % sizeof(frame)];
}

static void self_overflow_work(void *arg)
{
	self_recurse(0);
}

static void self_overflow(struct test *t)
{
	self_overflow_work(NULL);
}
TEST(self, overflow, TEST_ASSERT, self_overflow, .flags = TEST_MANUAL);

static void self_overflow_other(struct test *t)
{
	cpu_work_start(1, self_overflow_work, NULL);
	cpu_work_wait(1);
}
TEST(self, overflow_other, TEST_ASSERT, self_overflow_other, .flags = TEST_MANUAL, .min_cpus = 2);

/* Output that stops in the middle of a line, and no END. */
static void self_truncate(struct test *t)
{
	static const char half[] = "@TEST {\"n\":1,\"name\":\"self.trunc";

	console_raw(half, sizeof(half) - 1);
	arch_power_off(RUN_PASS);
}
TEST(self, truncate, TEST_ASSERT, self_truncate, .flags = TEST_MANUAL);

#ifdef CONFIG_DEBUG
static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

static u32 self_at_point;

static void self_pass_point(void *arg)
{
	sync_point("test.the_last");
	WRITE_ONCE(self_at_point, 1);
	spin_until("the end of the run", false);
}

/* What a CPU came by last is in every report. */
static void self_last_point(struct test *t)
{
	cpu_work_start(1, self_pass_point, NULL);
	spin_until("CPU 1 at its point", READ_ONCE(self_at_point));
	panic("on purpose, beyond a point");
}
TEST(self, last_point, TEST_ASSERT, self_last_point, .flags = TEST_MANUAL, .min_cpus = 2);

static const char *self_bad_kind(const void *obj, const void **base)
{
	detect(DETECT_ASSERT, obj, "on purpose, in a report");
	return NULL;
}

/* A detector reports in the midst of a report. */
static void self_report_twice(struct test *t)
{
	event_object_kind = self_bad_kind;
	detect(DETECT_ASSERT, t, "on purpose, in a test");
}
TEST(self, report_twice, TEST_ASSERT, self_report_twice, .flags = TEST_MANUAL);

static void self_deadlock_once(struct test *t)
{
	spin_lock(&lock_a);
	spin_lock(&lock_a);
}
TEST(self, self_deadlock, TEST_ASSERT, self_deadlock_once, .flags = TEST_MANUAL);

#define LIVES_NS 800000000ULL

static u32 lives_no_more; /* lockless, a flag */

/* For so long as the machine lives: a pause does not end it. */
static void self_live(u64 ns)
{
	struct patience patience;

	patience_begin(&patience, ns, 0);
	spin_until_awake("time to pass", patience_is_over(&patience));
}

static void self_lives_beside(void *arg)
{
	while (!READ_ONCE(lives_no_more)) {
		spin_lock(&lock_a);
		self_live(30000000); /* a host that stops finds somebody waiting */
		spin_unlock(&lock_a);
		sync_point("test.beside");
		self_live(5000000); /* who dozes shall find it free */
	}
}

/*
 * Waits for locks, for another CPU's sync points and for grace periods, for so long as the machine
 * lives: however often and however long the host puts it aside meanwhile, no limit runs out.
 */
static void self_lives(struct test *t)
{
	static const struct sync_rule rule = {
		.at = "test.lives", .cpu = 0, .until = "test.beside", .until_cpu = 1
	};
	struct patience life;
	struct sync_stats stats;

	patience_begin(&life, LIVES_NS, 0);
	cpu_work_start(1, self_lives_beside, NULL);
	for (unsigned int i = 0; !patience_is_over(&life); i++) {
		/* Two times it comes while CPU 1 has the lock, the third it finds the gap. */
		if (i % 3)
			self_live(10000000);
		sync_rules_arm(&rule, 1, 1);
		spin_lock(&lock_a);
		spin_unlock(&lock_a);
		sync_point("test.lives");
		sync_rules_disarm();
		sync_stats_read(&stats);
		synchronize_rcu();
		EXPECT_MSG(t, stats.met && !stats.timed_out, "a wait has timed out");
	}
	WRITE_ONCE(lives_no_more, 1);
	cpu_work_wait(1);
}
TEST(self, lives, TEST_ASSERT, self_lives, .flags = TEST_MANUAL, .min_cpus = 2);

static u32 has_b;

static void self_take_b_then_a(void *arg)
{
	spin_lock(&lock_b);
	WRITE_ONCE(has_b, 1);
	spin_until("lock_a to be taken", spin_is_locked(&lock_a));
	spin_lock(&lock_a);
}

static void self_deadlock(struct test *t)
{
	cpu_work_start(1, self_take_b_then_a, NULL);
	spin_until("lock_b to be taken", READ_ONCE(has_b));
	spin_lock(&lock_a);
	spin_lock(&lock_b);
}
TEST(self, deadlock, TEST_ASSERT, self_deadlock, .flags = TEST_MANUAL, .min_cpus = 2);

static void self_keep_b(void *arg)
{
	spin_lock(&lock_b);
	WRITE_ONCE(has_b, 1);
	spin_until("the end of the run", false);
}

/* In no wrong order, and not twice: just never released. */
static void self_lock_kept(struct test *t)
{
	cpu_work_start(1, self_keep_b, NULL);
	spin_until("lock_b to be taken", READ_ONCE(has_b));
	spin_lock(&lock_b);
}
TEST(self, lock_kept, TEST_ASSERT, self_lock_kept, .flags = TEST_MANUAL, .min_cpus = 2);

static void self_keep_for_long(void *unused)
{
	spin_lock(&lock_b);
	WRITE_ONCE(has_b, 1);
	spin_until_awake("a report", detect_trapped());
	self_live(600000000); /* three times the limit */
	spin_unlock(&lock_b);
}

/* A lock that is released late, under a trap: that is reported once, and then it is had. */
static void self_lock_late(struct test *t)
{
	static struct detect_trap trap;

	detect_trap_set(&trap);
	cpu_work_start(1, self_keep_for_long, NULL);
	spin_until("lock_b to be taken", READ_ONCE(has_b));
	spin_lock(&lock_b);
	EXPECT(t, spin_is_mine(&lock_b));
	spin_unlock(&lock_b);
	cpu_work_wait(1);
	detect_trap_clear();
	EXPECT_MSG(t, trap.count == 1 && trap.first.detector == DETECT_LOCK_LEAKED,
		   "%u reports, the first of %s", trap.count, detector_name(trap.first.detector));
}
TEST(self, lock_late, TEST_ASSERT, self_lock_late, .flags = TEST_MANUAL, .min_cpus = 2);

static void self_unlock_foreign(struct test *t)
{
	spin_unlock(&lock_a);
}
TEST(self, bad_unlock, TEST_ASSERT, self_unlock_foreign, .flags = TEST_MANUAL);
#endif
