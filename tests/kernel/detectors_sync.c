/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a forced race is judged by: how waits at sync points end, and what is kept of the events for
 * its report. See detectors.c.
 */
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/held_locks.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <test/step.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static DEFINE_SPINLOCK(irq_lock); /* taken in interrupts */

/* ---- where it was found ---- */

static noinline void finds_it(void)
{
	detect(DETECT_ASSERT, NULL, "found here");
}

/* A report names the function that found something, and not one that it goes through. */
static void test_report_place(struct test *t)
{
	unsigned long off = 0, pc;

	trap_begin();
	finds_it();
	trap_end(t, DETECT_ASSERT, "found here");
	pc = trap.first.pc - 1;
	EXPECT_MSG(t, ksym_lookup(pc, &off, NULL) && pc - off == ksym_find("finds_it"),
		   "found at %lx", trap.first.pc);
	EXPECT(t, trap.first.cpu == smp_processor_id() && trap.first.ns <= clock_ns());
}
TEST(detect, report_place, TEST_ASSERT, test_report_place);

/* ---- sync points: what cannot be is told from what did not happen ---- */

static void wants_lock_a(void *arg)
{
	sync_point("test.wants");
	spin_lock(&lock_a);
	sync_point("test.has");
	spin_unlock(&lock_a);
}

static void wants_lock_b(void *arg)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);
}

static void wants_grace_period(void *arg)
{
	sync_point("test.wants");
	synchronize_rcu();
	sync_point("test.has");
}

static void wants_barrier(void *arg)
{
	sync_point("test.wants");
	rcu_barrier();
	sync_point("test.has");
}

/* This CPU waits for CPU 1 to have what it gets from us only after the wait. */
static void excluded_once(struct test *t, void (*fn)(void *arg), unsigned int flags, bool lock)
{
	const struct sync_rule rules[] = {
		{ "test.wants", 1, "test.started", 0, 10000000 },
		{ "test.started", 0, "test.has", 1, 10000000, 0, flags },
	};
	struct sync_stats first, second, all;

	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	if (lock)
		spin_lock(&lock_a);
	else
		rcu_read_lock();
	cpu_work_start(1, fn, NULL);
	sync_point("test.started");
	if (lock)
		spin_unlock(&lock_a);
	else
		rcu_read_unlock();
	cpu_work_wait(1);
	sync_rules_disarm();
	sync_rule_stats_read(0, &first);
	sync_rule_stats_read(1, &second);
	sync_stats_read(&all);
	EXPECT_MSG(t, first.met == 1 && !first.timed_out && !first.excluded,
		   "met %lu timed out %lu", first.met, first.timed_out);
	EXPECT_MSG(t, second.excluded == 1 && !second.met && !second.timed_out,
		   "excluded %lu met %lu timed out %lu", second.excluded, second.met,
		   second.timed_out);
	EXPECT(t, all.met == 1 && all.excluded == 1);
}

static void test_sync_excluded(struct test *t)
{
	for (int i = 0; i < 8 && !t->failures; i++) {
		excluded_once(t, wants_lock_a, 0, true);
		excluded_once(t, wants_grace_period, SYNC_EXCLUDE_RCU, false);
		excluded_once(t, wants_barrier, SYNC_EXCLUDE_RCU, false);
		EXPECT_MSG(t, !rcu_sleeps_since(1), "CPU 1 still seems to wait for RCU");
	}
}
TEST(detect, sync_excluded, TEST_RACE, test_sync_excluded, .min_cpus = 2);

static u32 early; /* 1: the reader of before reads; 2: it shall end */

static void reads_early(void *arg)
{
	rcu_read_lock();
	step_to(&early, 1);
	step_wait("the reader's end", &early, 2);
	clock_delay_ns(20000000); /* while CPU 0 looks at its rule */
	rcu_read_unlock();
}

/*
 * A grace period that began before this CPU's reader does not wait for it, but for that of CPU 2:
 * who waits for its end is not excluded. True: it was met; else it began late, on a busy host.
 */
static bool early_once(struct test *t)
{
	static const struct sync_rule rule = { .at = "test.started",
					       .cpu = 0,
					       .until = "test.has",
					       .until_cpu = 1,
					       .timeout_us = 200000,
					       .flags = SYNC_EXCLUDE_RCU };
	struct sync_stats s;

	WRITE_ONCE(early, 0);
	sync_rules_arm(&rule, 1, 1);
	cpu_work_start(2, reads_early, NULL);
	step_wait("a reader", &early, 1);
	cpu_work_start(1, wants_grace_period, NULL);
	spin_until("CPU 1 to wait for RCU", rcu_sleeps_since(1));
	sleep_ns(20000000); /* for the grace period's beginning */
	rcu_read_lock();
	step_to(&early, 2);
	sync_point("test.started");
	rcu_read_unlock();
	cpu_work_wait(1);
	cpu_work_wait(2);
	sync_rules_disarm();
	sync_stats_read(&s);
	EXPECT_MSG(t, !s.excluded, "excluded by a grace period of before");
	return s.met;
}

static void test_sync_not_excluded(struct test *t)
{
	bool met = false;

	for (int i = 0; i < 10 && !met && !t->failures; i++)
		met = early_once(t);
	EXPECT_MSG(t, met || t->failures, "not met, though nothing stood in the way");
}
TEST(detect, sync_not_excluded, TEST_RACE, test_sync_not_excluded, .min_cpus = 3);

static u32 may_pass; /* a step */

static void passes_then_wants(void *arg)
{
	step_wait("CPU 0 at its look", &may_pass, 1);
	sync_point("test.passed");
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
}

/* CPU 0 waits, and has not been met; it is about to look whether it can be. */
static void lets_it_pass(const void *obj)
{
	step_to(&may_pass, 1);
	spin_until_awake("CPU 1 behind CPU 0", spin_waits_behind(1, 0));
}

/* CPU 1 passes the point, and only then spins for what we have: that is met, and not excluded. */
static void test_sync_met_first(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ .at = "test.started", .cpu = 0, .until = "test.passed", .until_cpu = 1 },
		{ .at = "sync.look", .cpu = 0, .call = lets_it_pass },
	};
	struct sync_stats s;

	WRITE_ONCE(may_pass, 0);
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	spin_lock(&lock_a);
	cpu_work_start(1, passes_then_wants, NULL);
	sync_point("test.started");
	spin_unlock(&lock_a);
	cpu_work_wait(1);
	sync_rules_disarm();
	sync_stats_read(&s);
	EXPECT_MSG(t, s.met == 1 && !s.excluded && !s.timed_out,
		   "met %lu excluded %lu timed out %lu", s.met, s.excluded, s.timed_out);
}
TEST(detect, sync_met_first, TEST_RACE, test_sync_met_first, .min_cpus = 2);

static u32 passing; /* 1: the interrupt has its lock; 2: it may release it */

static void takes_irq_lock_for_a_while(void *arg)
{
	spin_lock(&irq_lock);
	step_to(&passing, 1);
	step_wait("the order to release irq_lock", &passing, 2);
	spin_unlock(&irq_lock);
}

static void wants_lock(void *l)
{
	spin_lock(l);
	spin_unlock(l);
}

static void wants_irq_lock(void *unused)
{
	spin_unlock_irqrestore(&irq_lock, spin_lock_irqsave(&irq_lock));
}

/*
 * CPU 1 waits for ever for what CPU 0 has; but an interrupt of its has a lock that CPU 2 wants, and
 * will release it: CPU 2 does not wait for CPU 0.
 */
static void test_sync_passing(struct test *t)
{
	WRITE_ONCE(passing, 0);
	spin_lock(&lock_a);
	cpu_work_start(1, wants_lock, &lock_a);
	spin_until("CPU 1 behind CPU 0", spin_waits_behind(1, 0));
	smp_call_function_single(1, takes_irq_lock_for_a_while, NULL, false);
	step_wait("irq_lock to be taken", &passing, 1);
	EXPECT(t, spin_holder(&irq_lock) == 1);
	cpu_work_start(2, wants_irq_lock, NULL);
	spin_until("CPU 2 to want irq_lock", cpu_waits_for(2) == &irq_lock);
	for (int i = 0; i < 1000; i++)
		EXPECT(t, !spin_waits_behind(2, 0));
	EXPECT(t, spin_waits_behind(1, 0));
	step_to(&passing, 2);
	cpu_work_wait(2);
	spin_unlock(&lock_a);
	cpu_work_wait(1);
}
TEST(detect, sync_passing, TEST_RACE, test_sync_passing, .min_cpus = 3);

/* CPU 2 wants what CPU 1 has, which wants what CPU 0 has. */
static void test_sync_excluded_chain(struct test *t)
{
	spin_lock(&lock_b);
	cpu_work_start(1, wants_lock_b, NULL);
	spin_until("CPU 1 behind CPU 0", spin_waits_behind(1, 0));
	EXPECT(t, !spin_waits_behind(0, 1) && !spin_waits_behind(0, 0) && !spin_waits_behind(1, 1));
	cpu_work_start(2, wants_lock, &lock_a);
	spin_until("CPU 2 behind CPU 0", spin_waits_behind(2, 0));
	spin_unlock(&lock_b);
	cpu_work_wait(1);
	cpu_work_wait(2);
	/* They have had them, and wait no more. */
	spin_lock(&lock_a);
	EXPECT(t, !spin_waits_behind(2, 0));
	spin_unlock(&lock_a);
	spin_lock(&lock_b);
	EXPECT(t, !spin_waits_behind(1, 0));
	spin_unlock(&lock_b);
}
TEST(detect, sync_excluded_chain, TEST_RACE, test_sync_excluded_chain, .min_cpus = 3);

/* ---- the report ---- */

/* By these a report is known, to people and to the host tool. */
static void test_names(struct test *t)
{
	static const char *const expected[DETECT_NR] = {
		[DETECT_NONE] = "",
		[DETECT_SELF_DEADLOCK] = "self-deadlock",
		[DETECT_LOCK_ORDER] = "lock-order",
		[DETECT_LOCK_LEAKED] = "lock-leaked",
		[DETECT_LOCK_STOLEN] = "lock-stolen",
		[DETECT_LOCK_FREED] = "lock-held-at-free",
		[DETECT_LOCK_TYPE] = "type-canary",
		[DETECT_UNINIT] = "uninitialised-use",
		[DETECT_LIST_UNLOCKED] = "list-unlocked",
		[DETECT_LIST_CORRUPT] = "list-check",
		[DETECT_RMAP_INCOMPLETE] = "rmap-incomplete",
		[DETECT_PAGE_MAPPED] = "page-freed-mapped",
		[DETECT_STAMP] = "content-stamp",
		[DETECT_POISON] = "slab-poison",
		[DETECT_CONTEXT] = "wrong-context",
		[DETECT_ADDRESS] = "address-sanitizer",
		[DETECT_UNDEFINED] = "undefined-behaviour",
		[DETECT_ASSERT] = "assertion",
	};

	for (enum detector d = 0; d < DETECT_NR; d++)
		EXPECT_MSG(t, expected[d] && !strcmp(detector_name(d), expected[d]), "%d: %s", d,
			   detector_name(d));
	EXPECT(t, !strcmp(detector_name(DETECT_NR), "?"));
}
TEST(detect, names, TEST_ASSERT, test_names);

/* What a ring keeps: what was noted since the last reset, until it is frozen; the newest. */
static void test_events(struct test *t)
{
	const char *what = "";
	const void *obj = NULL;

	trap_begin();
	EXPECT(t, !events_kept(0));
	for (int i = 0; i < 3; i++)
		event("page noted", &lock_a);
	EXPECT(t, events_kept(0) == 3);
	EXPECT(t, event_peek(0, 0, &what, &obj) && !strcmp(what, "page noted") && obj == &lock_a);
	EXPECT(t, !event_peek(0, 3, &what, &obj));
	event_tear(0, 1);
	EXPECT(t, !event_peek(0, 1, &what, &obj) && events_kept(0) == 2);
	for (int i = 0; i < 100; i++)
		event("page noted", NULL);
	EXPECT(t, events_kept(0) == 64);
	event("the last", NULL);
	detect(DETECT_ASSERT, NULL, "freezes");
	event("too late", NULL);
	EXPECT(t, event_peek(0, 0, &what, &obj) && !strcmp(what, "assertion"));
	EXPECT(t, event_peek(0, 1, &what, &obj) && !strcmp(what, "the last"));
	trap_end(t, DETECT_ASSERT, "freezes");
	EXPECT(t, !events_kept(0));
	event("once more", NULL);
	EXPECT(t, events_kept(0) == 1);
}
TEST(detect, events, TEST_ASSERT, test_events);

static const char *const told[2] = { "lock_a told", "lock_b told" };
static const void *const told_of[2] = { &lock_a, &lock_b };
static u32 tell_no_more; /* lockless, a flag */

static void tells(void *arg)
{
	for (unsigned int n = 0; !READ_ONCE(tell_no_more); n++)
		event_note(told[n / 64 % 2], told_of[n / 64 % 2]);
}

/* Who reads a ring while its CPU writes: no event is made of two. */
static void test_events_torn(struct test *t)
{
	struct patience patience;
	const char *what;
	const void *obj;
	u64 whole = 0;

	WRITE_ONCE(tell_no_more, 0);
	trap_begin();
	cpu_work_start(1, tells, NULL);
	patience_begin(&patience, 50000000, 0);
	while (!patience_is_over(&patience)) {
		for (unsigned int back = 0; back < 64; back++) {
			if (!event_peek(1, back, &what, &obj) ||
			    (what != told[0] && what != told[1]))
				continue;
			whole++;
			EXPECT(t, obj == told_of[what == told[1]]);
		}
	}
	WRITE_ONCE(tell_no_more, 1);
	cpu_work_wait(1);
	detect_trap_clear();
	EXPECT(t, whole);
}
TEST(detect, events_torn, TEST_RACE, test_events_torn, .min_cpus = 2);

#define ROUNDS	4
#define REPORTS 1000 /* of each CPU in a round */

static void report_on_cpu(unsigned int cpu, void *arg)
{
	for (int i = 0; i < REPORTS; i++)
		detect(DETECT_ASSERT, NULL, "cpu %u", cpu);
}

/* All CPUs report at once: one is the first, all are counted. */
static void test_many_reports(struct test *t)
{
	char expected[16];

	trap_begin();
	for (int i = 0; i < ROUNDS; i++)
		test_on_cpus(0, report_on_cpu, NULL);
	snprintf(expected, sizeof(expected), "cpu %u", trap.first.cpu);
	EXPECT_MSG(t, trap.count == ROUNDS * REPORTS * smp_nr_online(), "%u reports", trap.count);
	trap_end(t, DETECT_ASSERT, expected);
}
TEST(detect, many_reports, TEST_RACE, test_many_reports);

#endif
