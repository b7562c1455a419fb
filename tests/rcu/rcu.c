/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU, both flavours in one boot: each test is there for each of them and goes over to its flavour
 * at run time. A reader who holds an element while it is replaced must not see it freed; twins with
 * grace periods that wait for less than they must are caught by the very same test.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <test/others.h>
#include <test/test.h>

#define MS 1000000ULL

enum element_state { ELEMENT_LIVE = 0x600d, ELEMENT_FREED = 0xdead };

struct element {
	u32 state; /* enum element_state */
	struct rcu_head rcu;
};

static bool flavour_enter(struct test *t)
{
	return EXPECT(t, rcu_set_flavour(t->tc->data) == 0 && !strcmp(rcu_flavour(), t->tc->data));
}

static bool is_preempt(const struct test *t)
{
	return !strcmp(t->tc->data, "preempt");
}

/* Be switched away from, where this thread may be, as if its slice were over. */
static void give_way(void)
{
	preempt_disable();
	WRITE_ONCE(current->need_resched, 1);
	preempt_enable();
}

/* ---- one reader, one replacement ---- */

enum how { HOW_CALL, HOW_SYNCHRONIZE, HOW_EXPEDITED, NR_HOW };
static const char *const how_names[] = { "call_rcu", "synchronize_rcu",
					 "synchronize_rcu_expedited" };

struct hold {
	struct element *shared; /* published by release */
	struct element old, new;
	u64 hold_ns;
	unsigned int nest; /* readers that the outermost one contains */
	bool gives_way;	   /* is switched away from all the time */
	bool saw_freed;
	u32 reading;
};

/* One look of a reader, which is switched away from before it if it gives way. */
static bool sees_freed(struct hold *h, const struct element *e)
{
	if (h->gives_way)
		give_way();
	h->saw_freed = READ_ONCE(e->state) == ELEMENT_FREED;
	return h->saw_freed;
}

static void hold_run(void *arg)
{
	struct hold *h = arg;
	struct element *e;
	u64 start;

	rcu_read_lock();
	/* dependency: pairs with rcu_assign_pointer() in reader_sees_freed() */
	e = rcu_dereference(h->shared);
	for (unsigned int i = 0; i < h->nest; i++)
		rcu_read_lock();
	for (unsigned int i = 0; i < h->nest; i++)
		rcu_read_unlock();
	/* release: pairs with the acquire in reader_sees_freed() and readers_beside_ns() */
	smp_store_release(&h->reading, 1);
	start = clock_ns();
	spin_until_awake("the reader's time", clock_ns() - start >= h->hold_ns || sees_freed(h, e));
	rcu_read_unlock();
}

static void element_free(struct rcu_head *head)
{
	WRITE_ONCE(container_of(head, struct element, rcu)->state, ELEMENT_FREED);
}

/* Replace and free what a reader on @cpu holds; does it see the free? */
static bool reader_sees_freed(struct test *t, struct hold *h, unsigned int cpu, enum how how)
{
	struct task_struct *reader;

	h->old.state = h->new.state = ELEMENT_LIVE;
	h->shared = &h->old;
	h->reading = 0;
	h->saw_freed = false;
	reader = thread_create("reader", 1ULL << cpu, hold_run, h);
	if (!EXPECT(t, reader != NULL))
		return false;
	/* acquire: pairs with the release in hold_run() */
	while (!smp_load_acquire(&h->reading))
		sleep_ns(MS);
	/* release: pairs with the dependency in hold_run() */
	rcu_assign_pointer(h->shared, &h->new);
	if (how == HOW_CALL) {
		call_rcu(&h->old.rcu, element_free);
	} else {
		if (how == HOW_SYNCHRONIZE)
			synchronize_rcu();
		else
			synchronize_rcu_expedited();
		WRITE_ONCE(h->old.state, ELEMENT_FREED);
	}
	thread_join(reader);
	if (how == HOW_CALL)
		rcu_barrier();
	EXPECT_MSG(t, READ_ONCE(h->old.state) == ELEMENT_FREED, "%s freed nothing", how_names[how]);
	return h->saw_freed;
}

static unsigned int reader_cpu(void)
{
	return smp_nr_online() > 1 ? 1 : 0;
}

static void test_hold(struct test *t)
{
	static struct hold h;

	if (!flavour_enter(t))
		return;
	for (enum how how = HOW_CALL; how < NR_HOW; how++) {
		for (unsigned int i = 0; i < 4; i++) {
			h = (struct hold){ .hold_ns = 40 * MS,
					   .nest = i & 1 ? 3 : 0,
					   .gives_way = i & 2 };
			EXPECT_MSG(t, !reader_sees_freed(t, &h, reader_cpu(), how),
				   "%s did not wait for a reader%s", how_names[how],
				   h.gives_way ? " that gives way" : "");
		}
	}
}
TEST(rcu, hold_classic, TEST_RACE, test_hold, .data = "classic");
TEST(rcu, hold_preempt, TEST_RACE, test_hold, .data = "preempt");

/* The busted twins must be seen to free too early, each way of waiting. */
static void expect_caught(struct test *t, enum busted_switch s, bool gives_way)
{
	static struct hold h;
	unsigned int caught;

	busted_set(s);
	for (enum how how = HOW_CALL; how < NR_HOW; how++) {
		caught = 0;
		for (int i = 0; i < 5 && !caught; i++) {
			h = (struct hold){ .hold_ns = 1000 * MS, .gives_way = gives_way };
			caught += reader_sees_freed(t, &h, reader_cpu(), how);
		}
		EXPECT_MSG(t, caught, "%s with a reader left out was not caught", how_names[how]);
	}
	busted_clear(s);
}

static void test_skip_cpu_twin(struct test *t)
{
	if (switches_missing(t) || !flavour_enter(t))
		return;
	rcu_skip_cpu = reader_cpu();
	expect_caught(t, BUSTED_RCU_SKIP_CPU, false);
}
TEST(rcu, skip_cpu_twin_classic, TEST_RACE, test_skip_cpu_twin, .data = "classic", .min_cpus = 2);
TEST(rcu, skip_cpu_twin_preempt, TEST_RACE, test_skip_cpu_twin, .data = "preempt", .min_cpus = 2);

static void test_ignore_blocked_twin(struct test *t)
{
	if (switches_missing(t) || !flavour_enter(t))
		return;
	expect_caught(t, BUSTED_RCU_IGNORE_BLOCKED, true);
}
TEST(rcu, ignore_blocked_twin_preempt, TEST_RACE, test_ignore_blocked_twin, .data = "preempt");

/* ---- a CPU that is never given up ---- */

#define BUSY_TICKS 100

struct busy {
	u32 begun;
	u32 over;     /* the grace period */
	bool in_vain; /* its thread has ended first */
};

/* Alone on its CPU, in no reader: until the grace period is over, or it should have been. */
static void busy_run(void *arg)
{
	unsigned long ticks = READ_ONCE(this_cpu(timer_count));
	struct busy *b = arg;
	struct others o;

	others_begin(&o);
	WRITE_ONCE(b->begun, 1);
	while (!READ_ONCE(b->over) && !b->in_vain)
		b->in_vain =
			READ_ONCE(this_cpu(timer_count)) - ticks > BUSY_TICKS && others_lived(&o);
}

/* A CPU that neither switches nor idles is found outside of any reader by its tick. */
static void test_busy(struct test *t)
{
	struct busy b = { .over = 0 };

	if (!flavour_enter(t))
		return;
	cpu_work_start(1, busy_run, &b);
	spin_until("CPU 1 at work", READ_ONCE(b.begun));
	synchronize_rcu();
	WRITE_ONCE(b.over, 1);
	cpu_work_wait(1);
	EXPECT_MSG(t, !b.in_vain, "no grace period in %d ticks of a busy CPU", BUSY_TICKS);
}
TEST(rcu, busy_classic, TEST_RACE, test_busy, .data = "classic", .min_cpus = 2);
TEST(rcu, busy_preempt, TEST_RACE, test_busy, .data = "preempt", .min_cpus = 2);

/* ---- single properties ---- */

static void test_nesting(struct test *t)
{
	struct task_struct *me = current;

	if (!flavour_enter(t))
		return;
	EXPECT(t, !rcu_read_lock_held());
	for (int depth = 1; depth <= 10; depth++) {
		rcu_read_lock();
		EXPECT(t, rcu_read_lock_held());
		EXPECT(t, preemptible() == is_preempt(t));
	}
	for (int depth = 10; depth >= 1; depth--) {
		EXPECT(t, rcu_read_lock_held() && me->rcu_nesting == depth);
		rcu_read_unlock();
	}
	EXPECT(t, !rcu_read_lock_held() && preemptible());
	rcu_read_lock();
	give_way();
	EXPECT(t, rcu_read_lock_held() && !!me->rcu_special == is_preempt(t));
	rcu_read_unlock();
	EXPECT(t, !me->rcu_special);
}
TEST(rcu, nesting_classic, TEST_ASSERT, test_nesting, .data = "classic");
TEST(rcu, nesting_preempt, TEST_ASSERT, test_nesting, .data = "preempt");

struct queued {
	struct rcu_head rcu;
	u64 *ran;
};

#define PER_CPU_CALLBACKS 50

static void queued_ran(struct rcu_head *head)
{
	fetch_add(container_of(head, struct queued, rcu)->ran, 1);
}

static void queue_some(void *arg)
{
	struct queued *q = arg;

	for (unsigned int i = 0; i < PER_CPU_CALLBACKS; i++)
		call_rcu(&q[i].rcu, queued_ran);
}

static void test_barrier(struct test *t)
{
	static struct queued q[NR_CPUS][PER_CPU_CALLBACKS];
	static struct task_struct *task[NR_CPUS];
	struct rcu_stats stats;
	unsigned int cpu;
	u64 ran, early;

	if (!flavour_enter(t))
		return;
	for (int round = 0; round < 5; round++) {
		ran = 0;
		for (cpu = 0; cpu < NR_CPUS; cpu++)
			for (unsigned int i = 0; i < PER_CPU_CALLBACKS; i++)
				q[cpu][i].ran = &ran;
		for_each_cpu_in(cpu, smp_online_mask()) {
			task[cpu] = thread_create("queue", 1ULL << cpu, queue_some, q[cpu]);
			EXPECT(t, task[cpu] != NULL);
		}
		for_each_cpu_in(cpu, smp_online_mask())
			if (task[cpu])
				thread_join(task[cpu]);
		rcu_barrier();
		EXPECT_MSG(t, ran == (u64)smp_nr_online() * PER_CPU_CALLBACKS, "%llu ran",
			   (unsigned long long)ran);
	}
	rcu_get_stats(&stats);
	EXPECT_MSG(t, stats.queued == 0, "%lu still queued", stats.queued);
	/* The twin: without it, and inside a reader, they cannot have run. */
	ran = 0;
	rcu_read_lock();
	queue_some(q[0]);
	clock_delay_ns(50 * MS);
	early = READ_ONCE(ran);
	rcu_read_unlock();
	EXPECT_MSG(t, early == 0, "%llu callbacks ran under a reader", (unsigned long long)early);
	rcu_barrier();
	EXPECT(t, ran == PER_CPU_CALLBACKS);
}
TEST(rcu, barrier_classic, TEST_RACE, test_barrier, .data = "classic");
TEST(rcu, barrier_preempt, TEST_RACE, test_barrier, .data = "preempt");

#define LONG_READER_NS (500 * MS)
#define LONG_TRIES     3 /* the host may put the machine aside in one of them */

/* How long some readers take, while another is switched away from again and again. */
static u64 readers_beside_ns(struct test *t)
{
	static struct hold h;
	struct task_struct *reader;
	u64 start;

	h = (struct hold){ .hold_ns = LONG_READER_NS, .gives_way = true };
	h.old.state = ELEMENT_LIVE;
	h.shared = &h.old;
	reader = thread_create("reader", 1ULL << reader_cpu(), hold_run, &h);
	if (!EXPECT(t, reader != NULL))
		return 0;
	/* acquire: pairs with the release in hold_run() */
	while (!smp_load_acquire(&h.reading))
		sleep_ns(MS);
	start = clock_ns();
	for (int i = 0; i < 20; i++) {
		rcu_read_lock();
		rcu_read_unlock();
		yield();
	}
	start = clock_ns() - start;
	synchronize_rcu();
	WRITE_ONCE(h.old.state, ELEMENT_FREED);
	thread_join(reader);
	EXPECT(t, !h.saw_freed);
	return start;
}

/* A reader that was switched away from for long, while others use its CPU, holds up no others. */
static void test_long_reader(struct test *t)
{
	u64 best = ~0ULL;

	if (!flavour_enter(t))
		return;
	for (int i = 0; i < LONG_TRIES && best >= LONG_READER_NS / 2; i++)
		best = MIN(best, readers_beside_ns(t));
	EXPECT_MSG(t, smp_nr_online() == 1 || best < LONG_READER_NS / 2,
		   "other readers took %llu us", (unsigned long long)best / 1000);
}
TEST(rcu, long_reader_preempt, TEST_RACE, test_long_reader, .data = "preempt");

/* A grace period that takes too long says for whom it waits. */
static void test_stall(struct test *t)
{
	static struct hold h;
	unsigned long before = rcu_last_stall.count;
	u64 saved = rcu_stall_ns;
	bool blocked = is_preempt(t);

	if (!flavour_enter(t))
		return;
	WRITE_ONCE(rcu_stall_ns, 40 * MS);
	h = (struct hold){ .hold_ns = 400 * MS, .gives_way = blocked };
	EXPECT(t, !reader_sees_freed(t, &h, reader_cpu(), HOW_SYNCHRONIZE));
	WRITE_ONCE(rcu_stall_ns, saved);
	EXPECT_MSG(t, rcu_last_stall.count >= before + 2, "reported %lu times",
		   rcu_last_stall.count - before);
	EXPECT_MSG(t, !strcmp(rcu_last_stall.thread, "reader"), "named thread %s",
		   rcu_last_stall.thread);
	/* One that may be switched away from was so, or was just running. */
	EXPECT_MSG(t,
		   rcu_last_stall.cpu == (int)reader_cpu() || (blocked && rcu_last_stall.cpu == -1),
		   "named CPU %d", rcu_last_stall.cpu);
	/* The twin: a short one is not reported. */
	before = rcu_last_stall.count;
	synchronize_rcu();
	EXPECT(t, rcu_last_stall.count == before);
}
TEST(rcu, stall_classic, TEST_RACE, test_stall, .data = "classic", .min_cpus = 2);
TEST(rcu, stall_preempt, TEST_RACE, test_stall, .data = "preempt", .min_cpus = 2);

/* What is counted: each expedited grace period, callbacks that wait and that have run. */
static void test_stats(struct test *t)
{
	struct rcu_stats before, after;

	rcu_barrier();
	rcu_get_stats(&before);
	for (int i = 0; i < 3; i++)
		synchronize_rcu_expedited();
	synchronize_rcu();
	rcu_barrier();
	rcu_get_stats(&after);
	EXPECT_MSG(t, after.expedited == before.expedited + 3, "%lu expedited",
		   after.expedited - before.expedited);
	EXPECT_MSG(t, after.callbacks > before.callbacks, "%lu callbacks",
		   after.callbacks - before.callbacks);
	EXPECT_MSG(t, after.grace_periods > before.grace_periods, "%lu grace periods",
		   after.grace_periods - before.grace_periods);
	EXPECT_MSG(t, !after.queued, "%lu callbacks wait", after.queued);
}
TEST(rcu, stats, TEST_ASSERT, test_stats);

static void test_flavour_names(struct test *t)
{
	const char *before = rcu_flavour();

	EXPECT(t, rcu_set_flavour("sleepable") != 0);
	EXPECT(t, rcu_flavour() == before);
}
TEST(rcu, flavour_names, TEST_ASSERT, test_flavour_names);

/* ---- how long a grace period takes ---- */

static u64 bench_grace_period(void (*wait)(void))
{
	const int n = 20;
	u64 start = clock_ns();

	for (int i = 0; i < n; i++)
		wait();
	return (clock_ns() - start) / n;
}

static void bench_latency(struct test *t)
{
	static const char *const flavours[] = { "classic", "preempt" };
	const char *before = rcu_flavour();
	u64 ns[2] = { 0 }, expedited[2] = { 0 };

	for (unsigned int i = 0; i < 2; i++) {
		if (!EXPECT(t, rcu_set_flavour(flavours[i]) == 0))
			goto out;
		ns[i] = bench_grace_period(synchronize_rcu);
		expedited[i] = bench_grace_period(synchronize_rcu_expedited);
		test_record(t, "\"%s_ns\":%llu,\"%s_expedited_ns\":%llu", flavours[i],
			    (unsigned long long)ns[i], flavours[i],
			    (unsigned long long)expedited[i]);
	}
	test_record_ratio(t, "time_classic_to_preempt", ns[0], ns[1]);
	test_record_ratio(t, "time_classic_to_preempt_expedited", expedited[0], expedited[1]);
out:
	EXPECT(t, rcu_set_flavour(before) == 0);
}
TEST(bench, rcu, TEST_BENCH, bench_latency);
