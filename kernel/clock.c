/* SPDX-License-Identifier: GPL-2.0-only */
/* Time since boot, delays, and the periodic tick of each CPU. */
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/rcu_internal.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <kernel/watchdog.h>
#include <lib/compiler.h>

#define NS_PER_SEC    1000000000ULL
#define TO_NS_SHIFT   32
#define TO_TICK_SHIFT 30

/* Written by clock_init() before any other CPU runs. */
static u64 to_ns_mult, to_tick_mult;
static u64 clock_start;

/* Interval of the tick in clock ticks; lockless: read anew by each CPU as it re-arms. */
static u64 tick_interval;

DEFINE_PER_CPU(unsigned long, timer_count);

int clock_init(void)
{
	u64 hz = arch_clock_hz();

	to_ns_mult = (NS_PER_SEC << TO_NS_SHIFT) / hz;
	to_tick_mult = (hz << TO_TICK_SHIFT) / NS_PER_SEC;
	clock_start = arch_clock_read();
	tick_interval = hz / TICK_HZ;
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

void clock_delay_ns(u64 ns)
{
	u64 start = arch_clock_read();
	u64 ticks = clock_ns_to_ticks(ns) + 1;

	spin_until_awake("time to pass", arch_clock_read() - start >= ticks);
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

void tick_start_cpu(void)
{
	unsigned long flags = arch_irq_save();

	watchdog_tick();
	arch_timer_arm(READ_ONCE(tick_interval));
	arch_irq_restore(flags);
}

void tick_set_rate(unsigned int hz)
{
	WRITE_ONCE(tick_interval, arch_clock_hz() / (hz ? hz : TICK_HZ));
}

void timer_interrupt(struct pt_regs *regs)
{
	bool was_idle = rcu_irq_enter();

	lock_irq_enter();
	sync_point_quiet("tick");
	this_cpu(timer_count)++;
	arch_timer_arm(READ_ONCE(tick_interval));
	watchdog_note_pc(regs);
	watchdog_tick();
	sched_tick();
	rcu_tick();
	lock_irq_exit();
	rcu_irq_exit(was_idle);
}
