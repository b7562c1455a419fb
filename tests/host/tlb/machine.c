/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated CPUs: coroutines of this process, which change only in sim_step() and sim_relax().
 *
 * Each decision (who runs next; whether a call is taken now or later) is one of a list. In order:
 * all lists are gone through that differ from "go on, take it now" in a bounded number of places.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#undef __always_inline

#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <mm/tlb.h>

#include "sim.h"

#define STACK_SIZE    65536
#define CALLS_MAX     8
#define DECISIONS_MAX 100000
#define EVENTS_MAX    4096
#define SPINS_MAX     10000
#define STEPS_MAX     1000000

enum cpu_state_sim { CPU_RUNS, CPU_WAITS, CPU_IS_DONE };

struct call {
	smp_call_fn fn;
	void *arg;
	unsigned int from;
};

struct cpu {
	ucontext_t first;
	jmp_buf at;
	bool started;
	enum cpu_state_sim state;
	bool irqs_off;
	unsigned int outstanding; /* calls of this CPU that have not been run */
	struct call calls[CALLS_MAX];
	unsigned int nr_calls; /* to be run here */
	struct task_struct task;
};

struct decision {
	unsigned short chosen, of;
	bool forced; /* it costs nothing to choose another than 0 */
};

static struct cpu cpus[NR_CPUS];
static char stacks[NR_CPUS][STACK_SIZE] __aligned(16);
static unsigned int current_cpu;
static const struct sim_run *run;
static jmp_buf driver;
static unsigned int spins;
static unsigned long steps;

static struct decision decisions[DECISIONS_MAX];
static unsigned int nr_decisions, nr_given;
static bool in_order;
static unsigned long random_state, the_seed;

static struct event {
	unsigned char cpu;
	const char *what;
	unsigned long a, b;
} events[EVENTS_MAX];
static unsigned int nr_events;

/* ---- reports ---- */

void sim_event(const char *what, unsigned long a, unsigned long b)
{
	events[nr_events++ % EVENTS_MAX] = (struct event){ current_cpu, what, a, b };
}

void sim_fail(const char *fmt, ...)
{
	unsigned int n = MIN(nr_events, 60U);
	va_list ap;

	printf("not ok tlb-model.%s # ", run->name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n# the last steps, a column a CPU:\n");
	for (unsigned int i = nr_events - n; i != nr_events; i++) {
		const struct event *e = &events[i % EVENTS_MAX];

		printf("# %*s%s %lx %lx\n", e->cpu * 36, "", e->what, e->a, e->b);
	}
	if (in_order) {
		printf("# decisions that are not 0:");
		for (unsigned int i = 0; i < nr_decisions; i++)
			if (decisions[i].chosen)
				printf(" %u:%u", i, decisions[i].chosen);
		printf("\n");
	} else {
		printf("# repeat with -s %lu\n", the_seed);
	}
	exit(1);
}

void panic(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sim_fail("%s", text);
}

/* ---- decisions ---- */

unsigned int sim_random(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % n;
}

static unsigned int decide(unsigned int n, bool forced)
{
	struct decision *d = &decisions[nr_decisions];

	if (n == 1)
		return 0;
	if (!in_order)
		return forced || !sim_random(3) ? sim_random(n) : 0;
	if (nr_decisions == DECISIONS_MAX)
		sim_fail("more than %d decisions", DECISIONS_MAX);
	if (nr_decisions++ >= nr_given)
		*d = (struct decision){ 0, n, forced };
	return d->chosen;
}

unsigned int sim_choose(unsigned int n)
{
	return decide(n, false);
}

/* The next list of decisions; false: that was the last. */
static bool decisions_next(unsigned int deviations)
{
	unsigned int used = 0, at = 0;

	for (unsigned int i = 0; i < nr_decisions; i++) {
		const struct decision *d = &decisions[i];
		bool costs = !d->forced;

		if (d->chosen + 1 < d->of && used + costs <= deviations)
			at = i + 1;
		used += costs && d->chosen;
	}
	if (!at)
		return false;
	decisions[at - 1].chosen++;
	nr_given = at;
	return true;
}

/* ---- who runs ---- */

unsigned int sim_cpu_id(void)
{
	return current_cpu;
}

unsigned int sim_nr_cpus(void)
{
	return run->nr_cpus;
}

static void cpu_switch(unsigned int to)
{
	struct cpu *from = &cpus[current_cpu];

	if (to == current_cpu || _setjmp(from->at))
		return;
	current_cpu = to;
	if (cpus[to].started)
		_longjmp(cpus[to].at, 1);
	cpus[to].started = true;
	setcontext(&cpus[to].first);
}

static bool cpu_can_run(const struct cpu *c)
{
	if (c->nr_calls && !c->irqs_off)
		return true;
	return c->state == CPU_RUNS || (c->state == CPU_WAITS && !c->outstanding);
}

/* The CPUs that could run in place of this one, the next first. */
static unsigned int others_that_can(unsigned int *list)
{
	unsigned int n = 0;

	for (unsigned int i = 1; i < run->nr_cpus; i++) {
		unsigned int cpu = (current_cpu + i) % run->nr_cpus;

		if (cpu_can_run(&cpus[cpu]))
			list[n++] = cpu;
	}
	return n;
}

static void call_run(struct cpu *c)
{
	struct call call = c->calls[0];
	enum cpu_state_sim interrupted = c->state;

	memmove(c->calls, c->calls + 1, --c->nr_calls * sizeof(call));
	c->irqs_off = true;
	c->state = CPU_RUNS;
	sim_event("interrupt", (unsigned long)call.arg & 0xfff, 0);
	call.fn(call.arg);
	c->irqs_off = false;
	c->state = interrupted;
	cpus[call.from].outstanding--;
	spins = 0;
}

static void calls_take(bool may_wait)
{
	struct cpu *c = &cpus[current_cpu];

	while (c->nr_calls && !c->irqs_off && !(may_wait && sim_choose(2)))
		call_run(c);
}

void sim_step(void)
{
	unsigned int others[NR_CPUS], n, d;

	if (steps++ > STEPS_MAX)
		sim_fail("it comes to no end");
	calls_take(true);
	n = others_that_can(others);
	d = decide(1 + n, false);
	if (d)
		cpu_switch(others[d - 1]);
}

/* This CPU cannot go on. */
static void others_run(void)
{
	unsigned int others[NR_CPUS], n = others_that_can(others);

	if (!n && cpu_can_run(&cpus[current_cpu]))
		return calls_take(false);
	if (!n)
		sim_fail("deadlock: no CPU can go on");
	if (spins++ > SPINS_MAX)
		sim_fail("livelock: every CPU waits");
	cpu_switch(others[decide(n, true)]);
}

void sim_relax(void)
{
	calls_take(true);
	others_run();
}

/* ---- interprocessor calls and interrupts ---- */

static void calls_wait(struct cpu *c)
{
	c->state = CPU_WAITS;
	while (c->outstanding) {
		if (c->nr_calls)
			calls_take(false);
		else
			others_run();
	}
	c->state = CPU_RUNS;
	spins = 0;
}

void smp_call_function_many(cpumask_t mask, smp_call_fn fn, void *arg, bool wait)
{
	struct cpu *c = &cpus[current_cpu];

	mask &= ((1ULL << run->nr_cpus) - 1) & ~(1ULL << current_cpu);
	if (wait)
		smp_wait_check("a call");
	sim_step();
	sim_drain();
	for (unsigned int cpu = 0; cpu < run->nr_cpus; cpu++) {
		if (!(mask & 1ULL << cpu))
			continue;
		if (cpus[cpu].nr_calls == CALLS_MAX)
			sim_fail("too many calls of CPU %u", cpu);
		cpus[cpu].calls[cpus[cpu].nr_calls++] = (struct call){ fn, arg, current_cpu };
		c->outstanding++;
	}
	if (wait)
		calls_wait(c);
}

/* No CPU sleeps here. */
cpumask_t cpus_asleep(void)
{
	return 0;
}

void smp_flush_many(cpumask_t mask, smp_call_fn fn, void *arg)
{
	smp_call_function_many(mask, fn, arg, true);
}

bool smp_wait_check(const char *what)
{
	if (cpus[current_cpu].irqs_off)
		sim_fail("%s with interrupts disabled", what);
	return true;
}

unsigned long arch_irq_save(void)
{
	unsigned long flags = cpus[current_cpu].irqs_off;

	cpus[current_cpu].irqs_off = true;
	return flags;
}

void arch_irq_restore(unsigned long flags)
{
	cpus[current_cpu].irqs_off = flags;
	sim_step();
}

bool arch_irqs_disabled(void)
{
	return cpus[current_cpu].irqs_off;
}

struct task_struct *arch_current(void)
{
	return &cpus[current_cpu].task;
}

void preempt_schedule(void)
{
}

unsigned int smp_nr_online(void)
{
	return run->nr_cpus;
}

/* ---- runs ---- */

static bool all_done(void)
{
	for (unsigned int i = 0; i < run->nr_cpus; i++)
		if (cpus[i].state != CPU_IS_DONE || cpus[i].nr_calls)
			return false;
	return true;
}

/* A CPU with nothing more to do answers the others; the last one ends the run. */
static void cpu_idle(struct cpu *c)
{
	c->state = CPU_IS_DONE;
	for (;;) {
		calls_take(false);
		if (all_done())
			_longjmp(driver, 1);
		others_run();
	}
}

/* CPU 0 has run->start() to itself, then the others are let go. */
static void cpu_main(void)
{
	struct cpu *c = &cpus[current_cpu];

	if (!current_cpu) {
		run->start();
		for (unsigned int i = 1; i < run->nr_cpus; i++)
			cpus[i].state = CPU_RUNS;
	}
	run->cpu[current_cpu]();
	BUG_ON(c->irqs_off || c->task.preempt_count);
	cpu_idle(c);
}

static void cpu_reset(unsigned int i)
{
	struct cpu *c = &cpus[i];

	c->started = c->irqs_off = false;
	c->state = CPU_IS_DONE;
	c->outstanding = c->nr_calls = 0;
	c->task.preempt_count = 0;
	getcontext(&c->first);
	c->first.uc_stack.ss_sp = stacks[i];
	c->first.uc_stack.ss_size = STACK_SIZE;
	makecontext(&c->first, cpu_main, 0);
}

static void machine_run(const struct sim_run *r)
{
	run = r;
	current_cpu = 0;
	nr_decisions = nr_events = spins = steps = 0;
	mmu_reset(r->nr_asids);
	kernel_reset();
	ops_reset();
	for (unsigned int i = 0; i < NR_CPUS; i++)
		cpu_reset(i);
	if (!_setjmp(driver)) {
		cpus[0].state = CPU_RUNS;
		cpus[0].started = true;
		setcontext(&cpus[0].first);
	}
}

unsigned long sim_run_in_order(const struct sim_run *r)
{
	unsigned long n = 0;

	in_order = true;
	nr_given = 0;
	do {
		machine_run(r);
		n++;
	} while (decisions_next(r->deviations));
	return n;
}

void sim_run_random(const struct sim_run *r, unsigned long seed)
{
	in_order = false;
	the_seed = seed;
	random_state = (seed + 1) * 0x9e3779b97f4a7c15UL | 1;
	machine_run(r);
}
