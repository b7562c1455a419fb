/* SPDX-License-Identifier: GPL-2.0-only */
/* Sync points force an order between CPUs, and an order that cannot be had ends in time. */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <test/step.h>
#include <test/test.h>

static u32 sequence;
static u32 first_at, second_at;

static void second_half(void *arg)
{
	sync_point("test.second");
	WRITE_ONCE(second_at, fetch_add(&sequence, 1));
}

static void first_half(void)
{
	clock_delay_ns(2000000);
	WRITE_ONCE(first_at, fetch_add(&sequence, 1));
	sync_point("test.first_done");
}

static bool first_was_first(const struct sync_rule *rules, unsigned int n, unsigned long *timed_out)
{
	unsigned long met;

	WRITE_ONCE(sequence, 0);
	sync_rules_arm(rules, n, 1);
	cpu_work_start(1, second_half, NULL);
	first_half();
	cpu_work_wait(1);
	sync_rules_stats(&met, timed_out);
	sync_rules_disarm();
	return READ_ONCE(first_at) < READ_ONCE(second_at);
}

static const void *called_with;
static unsigned int calls;

static void called(const void *obj)
{
	called_with = obj;
	calls++;
}

/* A rule that calls does so there, and nowhere else. */
static void expect_called(struct test *t)
{
	static const struct sync_rule call = { .at = "test.called", .cpu = 0, .call = called };

	calls = 0;
	sync_rules_arm(&call, 1, 1);
	sync_point_on("test.called", &calls);
	sync_point_on("test.not_called", t);
	sync_rules_disarm();
	sync_point_on("test.called", t);
	EXPECT_MSG(t, calls == 1 && called_with == &calls, "%u calls", calls);
}

/* "*" is for the points that no rule before it names. */
static void expect_rest_called(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ .at = "test.called", .cpu = 0 },
		{ .at = "*", .cpu = 0, .call = called },
	};

	calls = 0;
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	sync_point_on("test.called", t);
	sync_point_on("test.not_called", &calls);
	sync_rules_disarm();
	EXPECT_MSG(t, calls == 1 && called_with == &calls, "%u calls", calls);
}

static void test_sync_point(struct test *t)
{
	static const struct sync_rule in_order = {
		.at = "test.second",
		.cpu = 1,
		.until = "test.first_done",
		.until_cpu = 0,
		.timeout_us = 10000000,
	};
	static const struct sync_rule never = {
		.at = "test.second",
		.cpu = 1,
		.until = "test.never",
		.until_cpu = 0,
		.timeout_us = 1000,
	};
	/* Passed by another CPU, or thread, than is waited for. */
	static const struct sync_rule other_cpu = { .at = "test.second",
						    .cpu = 1,
						    .until = "test.first_done",
						    .until_cpu = 1,
						    .timeout_us = 1000 };
	static const struct sync_rule other_task = { .at = "test.second",
						     .cpu = 1,
						     .until = "test.first_done",
						     .until_cpu = 0,
						     .timeout_us = 1000,
						     .until_task = "nobody" };
	unsigned long timed_out;
	bool in_order_always = true;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	for (int i = 0; i < 50; i++) {
		EXPECT(t, first_was_first(&in_order, 1, &timed_out));
		EXPECT(t, timed_out == 0);
	}
	/* Twins: without a rule the other order comes up too; an unmet rule ends, and says so. */
	for (int i = 0; i < 1000 && in_order_always; i++)
		in_order_always = first_was_first(NULL, 0, &timed_out);
	EXPECT(t, !in_order_always);
	expect_called(t);
	expect_rest_called(t);
	first_was_first(&never, 1, &timed_out);
	EXPECT_MSG(t, timed_out == 1, "%lu waits timed out", timed_out);
	first_was_first(&other_cpu, 1, &timed_out);
	EXPECT_MSG(t, timed_out == 1, "another CPU: %lu waits timed out", timed_out);
	first_was_first(&other_task, 1, &timed_out);
	EXPECT_MSG(t, timed_out == 1, "another thread: %lu waits timed out", timed_out);
}
TEST(kernel, sync_point, TEST_RACE, test_sync_point, .min_cpus = 2);

/* ---- quiet points ---- */

static unsigned int quiet_calls;

static void called_quietly(const void *obj)
{
	quiet_calls++;
}

static void tick_twice(void)
{
	unsigned long ticks = READ_ONCE(this_cpu(timer_count));

	spin_until_awake("two ticks", READ_ONCE(this_cpu(timer_count)) - ticks >= 2);
}

/* A point that everything passes all the time can be named by a rule, but leaves no trace. */
static void test_sync_quiet(struct test *t)
{
	static const struct sync_rule named = { .at = "tick", .cpu = 0, .call = called_quietly };
	static const struct sync_rule any = { .at = "*", .cpu = 0, .call = called_quietly };

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	preempt_disable();
	sync_point("test.last");
	quiet_calls = 0;
	sync_rules_arm(&named, 1, 1);
	tick_twice();
	EXPECT(t, quiet_calls >= 2);
	sync_rules_arm(&any, 1, 1);
	quiet_calls = 0;
	tick_twice();
	sync_rules_disarm();
	EXPECT_MSG(t, !quiet_calls, "%u times one of \"*\"", quiet_calls);
	EXPECT_MSG(t, cpu_is_at(0, "test.last"), "the last point is %s",
		   READ_ONCE(per_cpu(last_sync_point, 0)));
	preempt_enable();
}
TEST(kernel, sync_quiet, TEST_ASSERT, test_sync_quiet);

/* ---- delays ---- */

#define DELAYS	 40
#define DELAY_NS 2000000ULL

/* How long DELAYS passes of a point take, by a rule that delays one in @one_in. */
static u64 delays_ns(u32 one_in, u32 percent)
{
	const struct sync_rule rule = {
		.at = "test.delayed", .cpu = 0, .delay_max_ns = DELAY_NS, .delay_one_in = one_in
	};
	u64 start;

	sync_rules_arm(&rule, 1, 1);
	sync_delays_scale(percent);
	start = clock_ns();
	for (int i = 0; i < DELAYS; i++)
		sync_point("test.delayed");
	start = clock_ns() - start;
	sync_rules_disarm();
	return start;
}

/* The shortest of some: a host may put us aside in one. */
static u64 delays_best_ns(u32 one_in, u32 percent)
{
	u64 best = ~0ULL;

	for (int i = 0; i < 5; i++)
		best = MIN(best, delays_ns(one_in, percent));
	return best;
}

/* A delay is half of its most on average; it is so often, and so much of it, as is asked for. */
static void test_sync_delays(struct test *t)
{
	const u64 half = DELAYS * DELAY_NS / 2;
	u64 all, some, none;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	all = delays_ns(1, 100);
	some = delays_best_ns(1000, 100);
	none = delays_best_ns(1, 1);
	EXPECT_MSG(t, all > half / 2, "%llu ns", (unsigned long long)all);
	EXPECT_MSG(t, some < half / 2, "one in a thousand: %llu ns", (unsigned long long)some);
	EXPECT_MSG(t, none < half / 2, "of a hundredth: %llu ns", (unsigned long long)none);
}
TEST(kernel, sync_delays, TEST_RACE, test_sync_delays);

/* ---- delays that are not preempted ---- */

#define KEPT_TRIES 10
#define KEPT_HZ	   500
#define KEPT_NS	   40000000ULL
#define SOON_NS	   5000000ULL

static u64 delay_ns;	/* when the delay began; 0: nobody is to note when it comes in */
static u64 came_in_ns;	/* when another thread that is ready on the same CPU came in after that */
static u32 beside_over; /* lockless, a flag */

static void run_beside(void *unused)
{
	while (!READ_ONCE(beside_over))
		if (READ_ONCE(delay_ns) && !READ_ONCE(came_in_ns))
			WRITE_ONCE(came_in_ns, clock_ns());
}

static void note_delay(const void *unused)
{
	WRITE_ONCE(delay_ns, clock_ns());
}

/* How long after the beginning of a delay another thread comes in. */
static u64 delayed_once(void)
{
	u64 ns;

	WRITE_ONCE(came_in_ns, 0);
	sync_point("test.delayed");
	while (!READ_ONCE(came_in_ns))
		yield();
	ns = READ_ONCE(came_in_ns) - READ_ONCE(delay_ns);
	WRITE_ONCE(delay_ns, 0);
	return ns;
}

/* In a delay that shall not be preempted no other thread comes in, though many a tick does. */
static void test_sync_delay_kept(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ .at = "test.delayed", .cpu = 0, .call = note_delay },
		{ .at = "test.delayed",
		  .cpu = 0,
		  .delay_max_ns = KEPT_NS,
		  .flags = SYNC_NO_PREEMPT },
	};
	struct task_struct *task;
	unsigned int soon = 0;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	beside_over = 0;
	task = thread_create("beside", 1, run_beside, NULL);
	if (!EXPECT(t, task != NULL))
		return;
	tick_set_rate(KEPT_HZ);
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	for (int i = 0; i < KEPT_TRIES; i++)
		soon += delayed_once() < SOON_NS;
	sync_rules_disarm();
	tick_set_rate(0);
	WRITE_ONCE(beside_over, 1);
	thread_join(task);
	/* Some delays are as short as that. */
	EXPECT_MSG(t, soon <= KEPT_TRIES / 2, "in %u of %d delays", soon, KEPT_TRIES);
}
TEST(kernel, sync_delay_kept, TEST_RACE, test_sync_delay_kept);
