/* SPDX-License-Identifier: GPL-2.0-only */
/* See test/turns.h. */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <test/test.h>
#include <test/turns.h>

#define TURN_NS 10000000000ULL

bool turn_wait(struct turns *turns, unsigned int cpu, const u64 *count, u64 n)
{
	const unsigned long *ticks = per_cpu_ptr(&timer_count, cpu);
	u64 before = READ_ONCE(*count), start = clock_ns();
	unsigned long ticks_before = READ_ONCE(*ticks);
	struct patience patience;

	if (turns->missed)
		return false;
	patience_begin(&patience, turns->limit_ns ? turns->limit_ns : TURN_NS, 0);
	if (spin_until_or("another CPU's turn", READ_ONCE(*count) - before >= n,
			  patience_is_over(&patience)))
		return true;
	turns->missed = true;
	turns->cpu = cpu;
	turns->ticks = READ_ONCE(*ticks) - ticks_before;
	turns->ns = clock_ns() - start;
	return false;
}

bool turns_missed(struct test *t, const struct turns *turns)
{
	unsigned long long ms = turns->ns / 1000000;

	if (!turns->missed)
		return false;
	if (turns->ticks < TURN_LIVED_TICKS)
		test_skip(t, "the host has hardly run CPU %u: %lu of its ticks in %llu ms",
			  turns->cpu, turns->ticks, ms);
	else
		test_fail(t, "CPU %u did not take its turn in %llu ms, with %lu of its ticks",
			  turns->cpu, ms, turns->ticks);
	return true;
}
