/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs: all up, each with its own data and stack; interrupts between them; ticks; handed work. */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <test/step.h>
#include <test/test.h>

static DEFINE_PER_CPU(unsigned long, scratch);

static void test_cpus_online(struct test *t)
{
	EXPECT_MSG(t, smp_nr_online() == nr_cpus_found, "%u found, %u online", nr_cpus_found,
		   smp_nr_online());
	EXPECT(t, smp_processor_id() == 0);
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		if (cpu_table[cpu].state == CPU_FAILED)
			test_fail(t, "CPU %u (hardware id 0x%llx): %s", cpu,
				  (unsigned long long)cpu_table[cpu].hw_id, cpu_table[cpu].failure);
}
TEST(kernel, cpus_online, TEST_ASSERT, test_cpus_online);

/* CPUs are counted wherever in the mask they are, as where one in the midst is missing. */
static void test_cpus_in(struct test *t)
{
	EXPECT(t, cpus_in(0) == 0);
	EXPECT(t, cpus_in(~0ULL) == NR_CPUS);
	for (unsigned int a = 0; a < NR_CPUS; a++) {
		EXPECT_MSG(t, cpus_in(1ULL << a) == 1, "CPU %u alone", a);
		for (unsigned int b = 0; b < a; b++)
			EXPECT_MSG(t, cpus_in(1ULL << a | 1ULL << b) == 2, "CPUs %u and %u", a, b);
	}
}
TEST(kernel, cpus_in, TEST_ASSERT, test_cpus_in);

/* One whose hardware id is known is no other. */
static void test_cpu_named_twice(struct test *t)
{
	struct cpu_entry before = cpu_table[1];
	unsigned int found = nr_cpus_found;

	EXPECT(t, smp_add_cpu(before.hw_id, before.enable_method, 0) == -EEXIST);
	EXPECT_MSG(t, nr_cpus_found == found, "%u CPUs, %u before", nr_cpus_found, found);
	EXPECT(t, cpu_table[1].release_addr == before.release_addr);
	nr_cpus_found = found;
}
TEST(kernel, cpu_named_twice, TEST_ASSERT, test_cpu_named_twice, .min_cpus = 2);

/* The spare stack of each CPU is one, from its first byte to its last. */
static void test_spare_stacks(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		unsigned long stack = (unsigned long)per_cpu(overflow_stack, cpu);
		unsigned long end = stack + OVERFLOW_STACK_SIZE;

		EXPECT_MSG(t, stack_contains(stack, 8), "CPU %u: not at its beginning", cpu);
		EXPECT_MSG(t, stack_contains(end - 8, 8), "CPU %u: not at its end", cpu);
		EXPECT_MSG(t, !stack_contains(end - 8, 16), "CPU %u: beyond its end", cpu);
	}
}
TEST(kernel, spare_stacks, TEST_ASSERT, test_spare_stacks);

struct call_check {
	unsigned int cpu;
	bool irqs_disabled;
	unsigned long sp;
	unsigned long calls;
};

static void call_note(void *arg)
{
	struct call_check *c = arg;

	c->cpu = smp_processor_id();
	c->irqs_disabled = arch_irqs_disabled();
	c->sp = arch_current_sp();
	c->calls++;
}

static void test_call_single(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		struct call_check c = { .cpu = NR_CPUS };

		for (int i = 0; i < 100; i++)
			EXPECT(t, smp_call_function_single(cpu, call_note, &c, true) == 0);
		EXPECT_MSG(t, c.cpu == cpu, "asked cpu %u, ran on %u", cpu, c.cpu);
		EXPECT(t, c.irqs_disabled);
		EXPECT_MSG(t, c.calls == 100, "%lu of 100 calls", c.calls);
		EXPECT_MSG(t, stack_contains(c.sp, 8), "cpu %u sp %lx", cpu, c.sp);
	}
	for (cpu = 0; cpu <= NR_CPUS; cpu++)
		if (cpu == NR_CPUS || !cpu_is_online(cpu))
			EXPECT(t, smp_call_function_single(cpu, call_note, NULL, true) == -EINVAL);
}
TEST(kernel, call_single, TEST_ASSERT, test_call_single);

static void call_count(void *arg)
{
	fetch_add((u64 *)arg, 1);
	this_cpu(scratch)++;
}

static void test_call_all(struct test *t)
{
	unsigned int cpu, n = smp_nr_online();
	u64 count = 0;

	for_each_cpu_in(cpu, smp_online_mask())
		per_cpu(scratch, cpu) = 0;
	for (int i = 0; i < 50; i++)
		on_each_cpu(call_count, &count);
	EXPECT_MSG(t, count == 50 * n, "%llu calls, %u CPUs", (unsigned long long)count, n);
	for_each_cpu_in(cpu, smp_online_mask())
		EXPECT_MSG(t, per_cpu(scratch, cpu) == 50, "cpu %u: %lu", cpu,
			   per_cpu(scratch, cpu));
	smp_call_function_many(~0ULL, call_count, &count, true);
	EXPECT_MSG(t, count == 51 * n - 1, "%llu calls, %u CPUs", (unsigned long long)count, n);
}
TEST(kernel, call_all, TEST_ASSERT, test_call_all);

/* Fewer rounds the more CPUs: the host must run each of them for every call. */
static unsigned int storm_rounds(void)
{
	unsigned int n = smp_nr_online();

	return MAX(2U, 800 / (n * n));
}

static void call_storm(void *arg)
{
	unsigned int cpu;

	for (unsigned int i = 0; i < storm_rounds(); i++)
		for_each_cpu_in(cpu, smp_online_mask())
			smp_call_function_single(cpu, call_count, arg, cpu % 2);
}

/* Every CPU calls every other at once, half of them without waiting. */
static void test_call_storm(struct test *t)
{
	unsigned int cpu, n = smp_nr_online();
	u64 count = 0;

	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		EXPECT(t, cpu_work_start(cpu, call_storm, &count) == 0);
	call_storm(&count);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_wait(cpu);
	/* What was sent without waiting has run when a later call to the same CPU returns. */
	for_each_cpu_in(cpu, smp_online_mask())
		smp_call_function_single(cpu, call_count, &count, true);
	clock_delay_ns(1000000);
	EXPECT_MSG(t, READ_ONCE(count) == (u64)storm_rounds() * n * n + n, "%llu calls, %u CPUs",
		   (unsigned long long)count, n);
}
TEST(kernel, call_storm, TEST_ASSERT, test_call_storm, .min_cpus = 2);

static void test_percpu(struct test *t)
{
	unsigned int cpu, other;

	for_each_cpu_in(cpu, smp_online_mask()) {
		EXPECT(t, per_cpu(cpu_number, cpu) == cpu);
		for_each_cpu_in(other, smp_online_mask() & ~(1ULL << cpu))
			EXPECT(t, &per_cpu(scratch, cpu) != &per_cpu(scratch, other));
	}
}
TEST(kernel, percpu, TEST_ASSERT, test_percpu);

static void call_nothing(void *arg)
{
}

/*
 * @cpu is called at each look: it answers only if the host has run it, and a tick that was due has
 * come with the call.
 */
static bool counter_advances(unsigned int cpu, const unsigned long *counter, u64 limit_ns)
{
	unsigned long before = READ_ONCE(*counter);
	struct patience patience;

	patience_begin(&patience, limit_ns, 0);
	while (READ_ONCE(*counter) == before) {
		if (patience_is_over(&patience))
			return false;
		smp_call_function_single(cpu, call_nothing, NULL, true);
	}
	return true;
}

/* A look counts for a step at the most, and a limit is reached all the same. */
static void test_patience(struct test *t)
{
	struct patience p;
	unsigned int looks = 0;
	u64 start;

	patience_begin(&p, 5000000, 1000000);
	for (; looks < 100 && !patience_is_over(&p); looks++)
		clock_delay_ns(2000000);
	/* The first look begins it, and five steps are not beyond the limit. */
	EXPECT_MSG(t, looks == 6, "%u looks", looks);
	patience_begin(&p, 5000000, 0);
	start = clock_ns();
	spin_until_awake("time to pass", patience_is_over(&p));
	EXPECT(t, clock_ns() - start >= 5000000);
	EXPECT(t, patience_is_over(&p));
	patience_begin(&p, 32000000, 0);
	patience_is_over(&p);
	clock_delay_ns(20000000);
	patience_is_over(&p);
	EXPECT_MSG(t, p.spent == 2000000, "%llu ns", (unsigned long long)p.spent);
}
TEST(kernel, patience, TEST_ASSERT, test_patience);

static void test_timer(struct test *t)
{
	unsigned int cpu;
	unsigned long stopped = 0;

	/* More than once: the first tick is armed elsewhere. */
	for_each_cpu_in(cpu, smp_online_mask())
		for (int i = 0; i < 3; i++)
			EXPECT_MSG(t,
				   counter_advances(cpu, &per_cpu(timer_count, cpu), 2000000000ULL),
				   "cpu %u does not tick", cpu);
	/* The twin: a counter that nobody advances is noticed. */
	EXPECT(t, !counter_advances(0, &stopped, 1000000));
}
TEST(kernel, timer, TEST_ASSERT, test_timer);

#define FAST_HZ	  400 /* of all CPUs: no more than a crowded host can serve */
#define FAST_MIN  12  /* of 24 in a window */
#define SLOW_MAX  9   /* of 3 */
#define WINDOW_NS 60000000ULL
#define SETTLE_NS 30000000ULL /* a tick of the old rate */
#define GAP_NS	  500000ULL /* looks at the clock that lie farther apart: this CPU was put aside */
#define WINDOWS	  10

struct ticks_window {
	unsigned long ticks;
	u64 clock_ns; /* how long it was */
	u64 lived_ns; /* how much of that this CPU has lived through */
};

static void ticks_count(struct ticks_window *w)
{
	unsigned long before = READ_ONCE(this_cpu(timer_count));
	struct patience lived;
	u64 start = clock_ns();

	patience_begin(&lived, WINDOW_NS, GAP_NS);
	spin_until_awake("time to pass", patience_is_over(&lived));
	w->ticks = READ_ONCE(this_cpu(timer_count)) - before;
	w->clock_ns = clock_ns() - start;
	w->lived_ns = lived.spent;
}

/* The host puts this CPU aside so often that it has no time for its timers either. */
static bool window_is_starved(const struct ticks_window *w)
{
	return w->clock_ns / 4 * 3 > w->lived_ns;
}

/*
 * The tick can be turned up and back. A busy host delays and merges timer interrupts, so a window
 * with too few of them is tried again; one with too many is wrong at once.
 */
static void test_timer_rate(struct test *t)
{
	struct ticks_window fast = { .ticks = 0 }, normal;

	tick_set_rate(FAST_HZ);
	clock_delay_ns(SETTLE_NS);
	for (int i = 0; i < WINDOWS && fast.ticks < FAST_MIN; i++)
		ticks_count(&fast);
	tick_set_rate(0);
	clock_delay_ns(SETTLE_NS);
	ticks_count(&normal);
	EXPECT_MSG(t, normal.ticks <= SLOW_MAX || window_is_starved(&normal),
		   "%lu ticks in 60 ms at %d Hz", normal.ticks, TICK_HZ);
	if (fast.ticks < FAST_MIN && window_is_starved(&fast))
		test_skip(t, "the host ran this CPU for %llu of %llu ms: %lu ticks at %d Hz",
			  (unsigned long long)fast.lived_ns / 1000000,
			  (unsigned long long)fast.clock_ns / 1000000, fast.ticks, FAST_HZ);
	else
		EXPECT_MSG(t, fast.ticks >= FAST_MIN, "%lu ticks in 60 ms at %d Hz", fast.ticks,
			   FAST_HZ);
}
TEST(kernel, timer_rate, TEST_ASSERT, test_timer_rate);

/* A delay is never short of what was asked for, but for what the clock's steps take off. */
static void test_clock_delay(struct test *t)
{
	u64 step = 2 * clock_ticks_to_ns(1) + 2;

	for (u64 ns = 1000; ns <= 10000000; ns *= 10) {
		u64 start = clock_ns(), took;

		clock_delay_ns(ns);
		took = clock_ns() - start;
		EXPECT_MSG(t, took + step >= ns, "%llu ns instead of %llu",
			   (unsigned long long)took, (unsigned long long)ns);
	}
}
TEST(kernel, clock_delay, TEST_ASSERT, test_clock_delay);

struct work_check {
	struct call_check call;
	int own; /* what comes of handing work to the CPU itself */
	u32 may_end;
};

static void work_note(void *arg)
{
	struct work_check *w = arg;

	call_note(&w->call);
	w->own = cpu_work_start(smp_processor_id(), work_note, NULL);
	step_wait("the looks at work", &w->may_end, 1);
}

static void test_cpu_work(struct test *t)
{
	unsigned int cpu;

	EXPECT(t, cpu_work_start(0, work_note, NULL) == -EINVAL);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL) {
		struct work_check w = { .may_end = 0 };

		EXPECT(t, cpu_work_start(cpu, work_note, &w) == 0);
		EXPECT(t, !cpu_work_done(cpu));
		EXPECT(t, cpu_work_start(cpu, work_note, &w) == -EBUSY);
		step_to(&w.may_end, 1);
		cpu_work_wait(cpu);
		EXPECT_MSG(t, w.call.cpu == cpu, "asked cpu %u, ran on %u", cpu, w.call.cpu);
		EXPECT(t, !w.call.irqs_disabled);
		EXPECT_MSG(t, w.own == -EINVAL, "work for the own CPU: %d", w.own);
	}
}
TEST(kernel, cpu_work, TEST_ASSERT, test_cpu_work, .min_cpus = 2);

#define RELAY_ROUNDS	 1000
#define RELAY_ROUNDS_MIN 10
#define RELAY_NS	 100000000ULL

struct clock_relay {
	u64 stamp;
	u64 start;
	u32 turn;  /* whose turn it is, or RELAY_OVER */
	u64 worst; /* the farthest back that time went from one CPU to the other, in ticks */
	unsigned int rounds;
};

#define RELAY_OVER 2

static bool relay_is_over(const struct clock_relay *r)
{
	if (r->rounds < RELAY_ROUNDS_MIN)
		return false;
	return r->rounds == RELAY_ROUNDS || clock_ns() - r->start > RELAY_NS;
}

static void clock_relay_run(struct clock_relay *r, u32 me)
{
	for (;;) {
		u64 now;
		u32 turn;

		/* acquire: pairs with the release in clock_relay_run(); tests: litmus.MP+rel+acq */
		while ((turn = smp_load_acquire(&r->turn)) != me)
			if (turn == RELAY_OVER)
				return;
		now = arch_clock_read();
		if (now < r->stamp && r->stamp - now > r->worst)
			r->worst = r->stamp - now;
		r->stamp = arch_clock_read();
		r->rounds++;
		/* A host that does not run both CPUs at once makes each round slow. */
		turn = relay_is_over(r) ? RELAY_OVER : !me;
		/* release: pairs with the acquire in clock_relay_run(); tests: litmus.MP+rel+acq */
		smp_store_release(&r->turn, turn);
		if (turn == RELAY_OVER)
			return;
	}
}

static void clock_relay_second(void *arg)
{
	clock_relay_run(arg, 1);
}

/* Time does not run backwards from one CPU to another by more than 50 us. */
static void test_clock_across(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL) {
		struct clock_relay r = { .start = clock_ns() };

		cpu_work_start(cpu, clock_relay_second, &r);
		clock_relay_run(&r, 0);
		cpu_work_wait(cpu);
		EXPECT_MSG(t, r.rounds > 1, "%u rounds", r.rounds);
		EXPECT_MSG(t, clock_ticks_to_ns(r.worst) < 50000, "cpu 0 and %u: %llu ns back", cpu,
			   (unsigned long long)clock_ticks_to_ns(r.worst));
	}
}
TEST(kernel, clock_across, TEST_ASSERT, test_clock_across, .min_cpus = 2);

static void test_clock_convert(struct test *t)
{
	u64 hz = arch_clock_hz();

	EXPECT_MSG(t, hz >= 100000, "hz %llu", (unsigned long long)hz);
	for (u64 s = 1; s <= 1000000; s *= 10) {
		u64 ns = clock_ticks_to_ns(hz * s);
		u64 back = clock_ns_to_ticks(s * 1000000000ULL);

		EXPECT_MSG(t, ns / 1000 >= s * 1000000 - s && ns / 1000 <= s * 1000000 + s,
			   "%llu s are %llu ns", (unsigned long long)s, (unsigned long long)ns);
		EXPECT_MSG(t, back <= hz * s && back >= hz * s - s * 8, "%llu s are %llu ticks",
			   (unsigned long long)s, (unsigned long long)back);
	}
}
TEST(kernel, clock_convert, TEST_ASSERT, test_clock_convert);
