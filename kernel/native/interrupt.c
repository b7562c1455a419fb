/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an interrupt is for: the port has told a tick from a message, and all that a CPU owes to the
 * clock, the scheduler, RCU, the watchdog and its callers is done here, in its order. So none of
 * them knows the others.
 */
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/lock_order.h>
#include <kernel/rcu_internal.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <kernel/watchdog.h>

/* The rate of the tick; lockless: read anew by each CPU as it re-arms. */
static u32 tick_hz = TICK_HZ;

DEFINE_PER_CPU(unsigned long, timer_count);
DEFINE_PER_CPU(unsigned long, ipi_count);

static void tick_arm(void)
{
	arch_timer_arm(arch_clock_hz() / READ_ONCE(tick_hz));
}

void tick_start_cpu(void)
{
	unsigned long flags = arch_irq_save();

	tick_arm();
	arch_irq_restore(flags);
}

void tick_set_rate(unsigned int hz)
{
	WRITE_ONCE(tick_hz, hz ? hz : TICK_HZ);
}

/* Of every interrupt; returns what interrupt_exit() is to get. */
static bool interrupt_enter(void)
{
	bool was_idle;

	cpu_sleep_ends();
	was_idle = rcu_irq_enter();
	lock_irq_enter();
	return was_idle;
}

static void interrupt_exit(bool was_idle)
{
	lock_irq_exit();
	rcu_irq_exit(was_idle);
}

void timer_interrupt(struct pt_regs *regs)
{
	bool was_idle = interrupt_enter();

	sync_point_quiet("tick");
	this_cpu(timer_count)++;
	tick_arm();
	watchdog_note_pc(regs);
	watchdog_tick();
	if (!smp_processor_id())
		run_tick();
	sched_tick();
	cores_tick();
	rcu_tick();
	interrupt_exit(was_idle);
}

void ipi_interrupt(struct pt_regs *regs)
{
	bool was_idle = interrupt_enter();

	this_cpu(ipi_count)++;
	watchdog_show_self(regs);
	smp_calls_run();
	interrupt_exit(was_idle);
}

void nmi_interrupt(struct pt_regs *regs)
{
	watchdog_show_self(regs);
}
