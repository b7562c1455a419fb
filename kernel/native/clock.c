/* SPDX-License-Identifier: GPL-2.0-only */
/* Time since boot, delays, and limits in time lived through. */
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <lib/compiler.h>

#define NS_PER_SEC    1000000000ULL
#define TO_NS_SHIFT   32
#define TO_TICK_SHIFT 30

/* Written by clock_init() before any other CPU runs. */
static u64 to_ns_mult, to_tick_mult;
static u64 clock_start;

int clock_init(void)
{
	u64 hz = arch_clock_hz();

	to_ns_mult = (NS_PER_SEC << TO_NS_SHIFT) / hz;
	to_tick_mult = (hz << TO_TICK_SHIFT) / NS_PER_SEC;
	clock_start = arch_clock_read();
	return 0;
}

u64 clock_ticks_to_ns(u64 ticks)
{
	return (u64)(((unsigned __int128)ticks * to_ns_mult) >> TO_NS_SHIFT);
}

u64 clock_ns_to_ticks(u64 ns)
{
	return (u64)(((unsigned __int128)ns * to_tick_mult) >> TO_TICK_SHIFT);
}

u64 clock_ns(void)
{
	return clock_start ? clock_ticks_to_ns(arch_clock_read() - clock_start) : 0;
}

#define PATIENCE_STEPS	     16
#define PATIENCE_STEP_MIN_NS 1000000ULL

void patience_begin(struct patience *p, u64 limit, u64 step)
{
	*p = (struct patience){
		.limit = limit,
		.step = step ? step : MAX(limit / PATIENCE_STEPS, PATIENCE_STEP_MIN_NS),
	};
}

bool patience_is_over(struct patience *p)
{
	u64 now = clock_ns();

	p->spent += p->last ? MIN(now - p->last, p->step) : 0;
	p->last = now;
	return p->spent > p->limit;
}
