/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An expedited grace period comes at once, though a CPU runs on and on, is seldom outside of what
 * the classic rule takes for a reader, and has its next tick late: it is interrupted, and told to
 * switch as soon as it may. The tick is slow, as in tests/kernel/wakeups.c.
 */
#include <kernel/clock.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <test/slow_tick.h>
#include <test/test.h>

#define BUSY_NS 500000ULL

static void busy_run(void *stop)
{
	while (!READ_ONCE(*(u32 *)stop)) {
		preempt_disable();
		clock_delay_ns(BUSY_NS);
		preempt_enable();
	}
}

static u64 expedited_once(struct test *t)
{
	u64 start = clock_ns();

	synchronize_rcu_expedited();
	return clock_ns() - start;
}

static void test_expedited(struct test *t)
{
	struct task_struct *busy;
	u32 stop = 0;

	if (!EXPECT(t, rcu_set_flavour(t->tc->data) == 0))
		return;
	busy = thread_create("busy", 1ULL << 1, busy_run, &stop);
	if (!EXPECT(t, busy != NULL))
		return;
	soon(t, "expedited", expedited_once);
	WRITE_ONCE(stop, 1);
	thread_join(busy);
}
TEST(rcu, expedited_classic, TEST_RACE, test_expedited, .data = "classic", .min_cpus = 2);
TEST(rcu, expedited_preempt, TEST_RACE, test_expedited, .data = "preempt", .min_cpus = 2);
