/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interprocessor calls: each is run once, with its own argument, before its caller's wait ends.
 * Thread 1 is the interrupts of CPU 1, which the two others call; or the third is the interrupts of
 * the first, which then call from the CPU that they interrupt.
 */
#include "sim.h"

#include "../../../kernel/native/ipi.c"
#include "scenes.h"

#define CALLS 2 /* of each caller, one after the other */

static u32 pending; /* CPU 1 is interrupted */
static unsigned int ran[THREADS][CALLS], ended;
static unsigned int ran_not; /* calls of interrupts that found the slot in use */

void arch_ipi_send(unsigned int cpu)
{
	if (cpu != 1)
		step_fail("CPU %u is interrupted", cpu);
	WRITE_ONCE(pending, 1);
}

/* No CPU sleeps here. */
cpumask_t flush_when_awake(cpumask_t mask)
{
	return 0;
}

/* Nor has anybody too few cores. */
bool spin_overcommitted;

void cores_asked(u64 ns, cpumask_t asleep)
{
}

static void interrupts(void)
{
	for (;;) {
		step_until(&pending, 1, false);
		WRITE_ONCE(pending, 0);
		smp_calls_run();
	}
}

static void called(void *arg)
{
	unsigned int *n = arg;

	step();
	++*n;
}

/* @wait: for each; else only the slot is, by the next call. */
static void call(bool wait)
{
	for (unsigned int i = 0; i < CALLS; i++) {
		unsigned int *n = &ran[step_thread()][i];

		if (smp_call_function_single(1, called, n, wait))
			step_fail("a call is refused");
		if (wait && *n != 1)
			step_fail("a call that is over was run %u times", *n);
		if (i && ran[step_thread()][i - 1] != 1)
			step_fail("the call before was run %u times", ran[step_thread()][i - 1]);
	}
	ended++;
}

static void calls(void)
{
	call(true);
}

static void calls_unwaited(void)
{
	call(false);
}

/* Unless it would have to wait: that is not to be done in an interrupt. */
static void interrupt_calls(void *counter)
{
	unsigned int *n = counter;

	if (this_cpu(call_slots)[1].in_flight)
		ran_not++;
	else if (smp_call_function_single(1, called, n, false))
		step_fail("a call is refused");
}

static void calls_from_interrupts(void)
{
	for (unsigned int i = 0; i < CALLS; i++)
		step_interrupt(0, interrupt_calls, &ran[2][i]);
	ended++;
}

static void start(void)
{
	pending = ended = ran_not = 0;
	memset(ran, 0, sizeof(ran));
}

static void end(void)
{
	unsigned int others = 0;

	if (ended != 2)
		step_fail("a caller waits for ever");
	for (unsigned int i = 0; i < CALLS; i++) {
		if (ran[0][i] != 1 || ran[2][i] > 1)
			step_fail("calls were run %u and %u times", ran[0][i], ran[2][i]);
		others += ran[2][i];
	}
	if (others + ran_not != CALLS)
		step_fail("of %d calls %u were run, %u were not made", CALLS, others, ran_not);
}

unsigned long scenes_calls(void)
{
	struct steps s = { .name = "calls",
			   .threads = 3,
			   .put_aside = 2,
			   .start = start,
			   .thread = { calls, interrupts, calls_unwaited },
			   .end = end };
	unsigned long runs = steps_run(&s);

	s.thread[2] = calls_from_interrupts;
	return runs + steps_run(&s);
}
