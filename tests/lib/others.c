/* SPDX-License-Identifier: GPL-2.0-only */
/* See test/others.h. */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <test/others.h>
#include <test/slow_tick.h>

#define TICKS	 3
#define HURRY_HZ 200
#define GIVE_UP	 3000000000ULL

void others_begin(struct others *o)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		o->ticks[cpu] = cpu_is_online(cpu) ? READ_ONCE(per_cpu(timer_count, cpu)) : 0;
	o->since_ns = clock_ns();
}

bool others_lived(const struct others *o)
{
	cpumask_t mask = smp_online_mask() & ~(1ULL << smp_processor_id());
	unsigned int cpu;

	if (clock_ns() - o->since_ns > GIVE_UP)
		return true;
	for_each_cpu_in(cpu, mask)
		if (READ_ONCE(per_cpu(timer_count, cpu)) - o->ticks[cpu] < TICKS)
			return false;
	return true;
}

void others_hurry(void)
{
	tick_rate_at_once(HURRY_HZ);
}

void others_hurry_end(void)
{
	tick_rate_at_once(0);
}
