/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single promises of grace periods, each forced: readers in interrupts on idle CPUs, the change of
 * flavour, readers that are switched away from, and that waits end at once.
 */
#include <arch/atomic.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <test/others.h>
#include <test/slow_tick.h>
#include <test/test.h>

#include "forced.h"

static void wait_flag(const u32 *flag)
{
	/* acquire: pairs with the release in read_shared(), blocked_run() and stream_run() */
	while (!smp_load_acquire(flag))
		yield();
}

/* Be switched away from, where this thread may be, as if its slice were over. */
static void switch_away(void)
{
	preempt_disable();
	WRITE_ONCE(current->need_resched, 1);
	preempt_enable();
}

/* ---- a reader that is waited for, or not ---- */

enum element_state { ELEMENT_LIVE = 0x600d, ELEMENT_FREED = 0xdead };

struct shared {
	u32 *element; /* published by release */
	u32 old, new;
	u32 reading; /* by release: the reader has found the element */
	u32 end;     /* the reader shall end */
	bool saw_freed;
	bool gives_way; /* the reader is switched away from all the time, where it may be */
	u32 waits;	/* who replaces it is about to wait: from now on the reader holds it */
};

static void shared_init(struct shared *s)
{
	*s = (struct shared){ .element = &s->old, .old = ELEMENT_LIVE, .new = ELEMENT_LIVE };
}

/* One look of a reader, which is switched away from before it if it gives way. */
static bool sees_freed(struct shared *s, const u32 *element)
{
	if (s->gives_way)
		switch_away();
	s->saw_freed = READ_ONCE(*element) == ELEMENT_FREED;
	return s->saw_freed;
}

/* Has who waits for the reader, and whoever works for it, had the time to be back too early? */
static bool held_enough(const struct shared *s, struct others *o)
{
	if (!READ_ONCE(s->waits)) {
		others_begin(o);
		return false;
	}
	return others_lived(o);
}

static void read_shared(void *arg)
{
	struct shared *s = arg;
	struct others o;
	u32 *element;

	rcu_read_lock();
	/* dependency: pairs with rcu_assign_pointer() in shared_replace() */
	element = rcu_dereference(s->element);
	/* release: pairs with the acquire in wait_flag() */
	smp_store_release(&s->reading, 1);
	spin_until_awake("the reader's time",
			 held_enough(s, &o) || READ_ONCE(s->end) || sees_freed(s, element));
	rcu_read_unlock();
}

/* Replace the element, and free the old one when @wait says that its readers have ended. */
static void shared_replace(struct shared *s, void (*wait)(void))
{
	/* release: pairs with the dependency in read_shared() */
	rcu_assign_pointer(s->element, &s->new);
	WRITE_ONCE(s->waits, 1);
	wait();
	WRITE_ONCE(s->old, ELEMENT_FREED);
}

/* ---- readers in interrupts on an idle CPU ---- */

#define IDLE_CPU 1

static void (*const waits[])(void) = { synchronize_rcu_expedited, synchronize_rcu };

static bool cpu_idles(unsigned int cpu)
{
	return !(READ_ONCE(per_cpu(rcu_cpu, cpu).idle_seq) & 1);
}

static void wait_idles(struct test *t, unsigned int cpu)
{
	struct patience patience;
	bool idles;

	patience_begin(&patience, 3000 * MS, 0);
	/* The next look may meet it in its tick. */
	while (!(idles = cpu_idles(cpu)) && !patience_is_over(&patience))
		sleep_ns(MS);
	EXPECT_MSG(t, idles, "CPU %u has nothing to do, and is not idle to RCU", cpu);
}

/* @begin has the idle CPU read in an interrupt; @end is called after. */
static void irq_reader_on_idle(struct test *t, const char *what, void (*begin)(struct shared *s),
			       void (*end)(void))
{
	static struct shared s;

	for (unsigned int i = 0; i < ARRAY_SIZE(waits); i++) {
		wait_idles(t, IDLE_CPU);
		shared_init(&s);
		begin(&s);
		/* acquire: as in wait_flag() */
		spin_until_awake("the reader", smp_load_acquire(&s.reading));
		shared_replace(&s, waits[i]);
		end();
		EXPECT_MSG(t, !s.saw_freed, "%s: way %u did not wait for it", what, i);
		wait_idles(t, IDLE_CPU);
	}
}

static void ipi_begin(struct shared *s)
{
	smp_call_function_single(IDLE_CPU, read_shared, s, false);
}

static void ipi_end(void)
{
	rcu_barrier();
}

static struct shared *tick_shared; /* NULL: was read; the idle CPU's, once the rule is armed */

static void tick_reader(const void *obj)
{
	struct shared *s = tick_shared;

	if (s) {
		tick_shared = NULL;
		read_shared(s);
	}
}

static const struct sync_rule tick_rule = { .at = "tick", .cpu = IDLE_CPU, .call = tick_reader };

static void tick_begin(struct shared *s)
{
	tick_shared = s;
	sync_rules_arm(&tick_rule, 1, 1);
}

static void test_irq_idle(struct test *t)
{
	if (!flavour_enter(t))
		return;
	others_hurry();
	irq_reader_on_idle(t, "a reader in a call", ipi_begin, ipi_end);
	if (sync_points_enabled())
		irq_reader_on_idle(t, "a reader in the tick", tick_begin, sync_rules_disarm);
	others_hurry_end();
}
TEST_BOTH(irq_idle, test_irq_idle);

/* ---- the change of flavour ---- */

static void change_to_classic(void *arg)
{
	rcu_set_flavour("classic");
}

static struct task_struct *reader_start(struct test *t, struct shared *s, unsigned int cpu)
{
	struct task_struct *reader;

	shared_init(s);
	s->gives_way = true;
	reader = thread_create("reader", 1ULL << cpu, read_shared, s);
	if (EXPECT(t, reader != NULL))
		wait_flag(&s->reading);
	return reader;
}

static void end_of_old(struct shared *s)
{
	WRITE_ONCE(s->end, 1);
}

/*
 * A reader that began as a preemptible one is not lost when the flavour becomes classic, whose rule
 * takes a switch for its end: the change waits for it.
 */
static void test_change_waits(struct test *t)
{
	static struct shared s;
	struct task_struct *reader;

	if (!EXPECT(t, rcu_set_flavour("preempt") == 0))
		return;
	reader = reader_start(t, &s, 1);
	if (!reader)
		return;
	/* All that follows shall wait for it. */
	others_hurry();
	WRITE_ONCE(s.waits, 1);
	EXPECT(t, rcu_set_flavour("classic") == 0);
	shared_replace(&s, synchronize_rcu);
	others_hurry_end();
	thread_join(reader);
	EXPECT_MSG(t, !s.saw_freed, "a preemptible reader was lost in the change to classic");
}
TEST(rcu, change_waits, TEST_RACE, test_change_waits, .min_cpus = 2);

/*
 * One that begins while the change waits is of the new kind: the change need not know of it.
 *
 *	old reader	change			new reader
 *	begins
 *			new flavour
 *			wait for readers ...	begins, as a classic one
 *	ends		... over
 *			synchronize: by the classic rule it waits for the new reader
 */
static void test_change_first(struct test *t)
{
	static struct shared old, new;
	struct task_struct *old_reader, *new_reader, *change;

	if (!EXPECT(t, rcu_set_flavour("preempt") == 0))
		return;
	old_reader = reader_start(t, &old, 1);
	if (!old_reader)
		return;
	change = thread_create("change", 1, change_to_classic, NULL);
	if (EXPECT(t, change != NULL)) {
		/* Until it waits. */
		while (READ_ONCE(change->on_rq) || READ_ONCE(change->on_cpu) ||
		       READ_ONCE(change->state) != TASK_UNINTERRUPTIBLE)
			yield();
		new_reader = reader_start(t, &new, smp_nr_online() - 1);
		end_of_old(&old);
		thread_join(change);
		shared_replace(&new, synchronize_rcu);
		if (new_reader)
			thread_join(new_reader);
		EXPECT_MSG(t, !new.saw_freed, "a reader that began during the change was lost");
	}
	end_of_old(&old);
	thread_join(old_reader);
}
TEST(rcu, change_first, TEST_RACE, test_change_first, .min_cpus = 3);

/* ---- two that wait at once ---- */

static void expedited_run(void *unused)
{
	synchronize_rcu_expedited();
}

/* Both come while a reader lets neither end: they take turns with what one of them needs. */
static void test_two_wait(struct test *t)
{
	struct task_struct *task[2], *reader;
	static struct shared s;

	if (!flavour_enter(t))
		return;
	others_hurry();
	reader = reader_start(t, &s, 1);
	for (int i = 0; i < 2; i++) {
		task[i] =
			thread_create("expedited", smp_online_mask() & ~2ULL, expedited_run, NULL);
		EXPECT(t, task[i] != NULL);
	}
	WRITE_ONCE(s.waits, 1);
	for (int i = 0; i < 2; i++)
		if (task[i])
			thread_join(task[i]);
	if (reader)
		thread_join(reader);
	others_hurry_end();
}
TEST_BOTH(two_wait, test_two_wait);

/* ---- a reader is on the list before its CPU's switch counts ---- */

static void block_run(void *arg)
{
	struct shared *s = arg;
	u64 start = clock_ns();
	struct others o;
	u32 *element;

	rcu_read_lock();
	/* dependency: as in read_shared() */
	element = rcu_dereference(s->element);
	/* release: pairs with the acquire in test_block() */
	smp_store_release(&s->reading, 1);
	/* Its CPU is asked once the grace period has looked at all. */
	spin_until_awake_or("CPU 1 to be asked", READ_ONCE(per_cpu(rcu_cpu, 1).wanted),
			    clock_ns() - start >= 1000 * MS);
	switch_away();
	others_begin(&o);
	spin_until_awake("the others", others_lived(&o) || sees_freed(s, element));
	rcu_read_unlock();
}

/* With the reader stopped just before the list, no grace period comes by. */
static void test_block(struct test *t)
{
	static const struct sync_rule rule = { .at = "rcu.blocks",
					       .cpu = 1,
					       .task = "reader",
					       .until = "test.waited",
					       .until_cpu = 0,
					       .timeout_us = 10000 };
	static struct shared s;
	struct task_struct *reader;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (!flavour_enter(t))
		return;
	for (int i = 0; i < 3; i++) {
		shared_init(&s);
		reader = thread_prepare("reader", 1ULL << 1, block_run, &s);
		if (!EXPECT(t, reader != NULL))
			return;
		sync_rules_arm(&rule, 1, 1);
		thread_start(reader);
		/* acquire: pairs with the release in block_run() */
		spin_until_awake("the reader", smp_load_acquire(&s.reading));
		shared_replace(&s, synchronize_rcu);
		sync_point("test.waited");
		thread_join(reader);
		sync_rules_disarm();
		EXPECT_MSG(t, !s.saw_freed, "a reader was lost on its way to the list");
	}
}
TEST(rcu, block_preempt, TEST_RACE, test_block, .data = "preempt", .min_cpus = 2);

/* ---- a stream of readers that are switched away from holds nobody up ---- */

static struct {
	u32 round[2]; /* by release: its reader is the so-manieth, and was switched away from */
	u32 stop;
} stream;

/*
 * Each ends its reader when the other has begun one, so that there is always one:
 *
 *	reader 0	[-----]   [-----]   [--
 *	reader 1	    [-----]   [-----]
 */
static void stream_run(void *arg)
{
	unsigned int me = (unsigned long)arg;
	u32 theirs;

	for (u32 i = 1; !READ_ONCE(stream.stop); i++) {
		rcu_read_lock();
		switch_away();
		theirs = READ_ONCE(stream.round[!me]);
		/* release: pairs with the acquire in stream_run() and wait_flag() */
		smp_store_release(&stream.round[me], i);
		/* acquire: pairs with the release in stream_run() */
		spin_until_awake("the other reader",
				 smp_load_acquire(&stream.round[!me]) != theirs ||
					 READ_ONCE(stream.stop));
		rcu_read_unlock();
	}
}

static void stream_stop(void *arg)
{
	u64 until = clock_ns() + 1500 * MS;

	while (!READ_ONCE(stream.stop) && clock_ns() < until)
		sleep_ns(10 * MS);
	WRITE_ONCE(stream.stop, READ_ONCE(stream.stop) + 2);
}

static void test_stream(struct test *t)
{
	struct task_struct *reader[2], *stop;

	if (!flavour_enter(t))
		return;
	memset(&stream, 0, sizeof(stream));
	stop = thread_create("stop", 1, stream_stop, NULL);
	for (unsigned long i = 0; i < 2; i++)
		reader[i] = thread_create("stream", 2ULL << i, stream_run, (void *)i);
	if (EXPECT(t, stop && reader[0] && reader[1])) {
		wait_flag(&stream.round[0]);
		wait_flag(&stream.round[1]);
		synchronize_rcu();
		EXPECT_MSG(t, !READ_ONCE(stream.stop),
			   "a grace period waited for readers that began after it");
	}
	WRITE_ONCE(stream.stop, 1);
	for (int i = 0; i < 2; i++)
		if (reader[i])
			thread_join(reader[i]);
	if (stop)
		thread_join(stop);
}
TEST(rcu, stream_preempt, TEST_RACE, test_stream, .data = "preempt", .min_cpus = 3);

/* ---- waits end at once ---- */

static struct {
	u32 stop;
	u64 ended_ns; /* when the reader ended */
	u32 reading;
} quick;

/* Passes a quiescent state at each turn. */
static void turn_run(void *arg)
{
	while (!READ_ONCE(quick.stop)) {
		clock_delay_ns(MS / 5);
		yield();
	}
}

static u64 grace_period_once(struct test *t)
{
	u64 start = clock_ns();

	synchronize_rcu();
	return clock_ns() - start;
}

/* A CPU that is asked for a quiescent state says so when it passes one. */
static void test_asked(struct test *t)
{
	struct task_struct *turns;

	if (!flavour_enter(t))
		return;
	quick.stop = 0;
	turns = thread_create("turns", 1ULL << 1, turn_run, NULL);
	if (!EXPECT(t, turns != NULL))
		return;
	soon(t, "asked", grace_period_once);
	WRITE_ONCE(quick.stop, 1);
	thread_join(turns);
}
TEST_BOTH(asked, test_asked);

/* A reader that was switched away from, and ends. */
static void blocked_run(void *arg)
{
	u64 start = clock_ns();

	rcu_read_lock();
	switch_away();
	/* release: pairs with the acquire in wait_flag() */
	smp_store_release(&quick.reading, 1);
	/* Its CPU goes through quiescent states: what is waited for is the reader alone. */
	while (clock_ns() - start < 5 * MS)
		switch_away();
	quick.ended_ns = clock_ns();
	rcu_read_unlock();
}

static u64 blocked_once(struct test *t)
{
	struct task_struct *reader;
	u64 now;

	quick.reading = 0;
	reader = thread_create("reader", 1ULL << 1, blocked_run, NULL);
	if (!EXPECT(t, reader != NULL))
		return 0;
	wait_flag(&quick.reading);
	synchronize_rcu();
	now = clock_ns();
	thread_join(reader);
	/* On a host that kept us too long it may have ended before we waited: says nothing. */
	return now > quick.ended_ns ? now - quick.ended_ns : slow_tick_ns();
}

/* The end of a reader that was switched away from wakes who waits for it. */
static void test_blocked_end(struct test *t)
{
	if (flavour_enter(t))
		soon(t, "blocked_end", blocked_once);
}
TEST(rcu, blocked_end_preempt, TEST_RACE, test_blocked_end, .data = "preempt", .min_cpus = 2);
