/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU that has nothing to run. */
#include <arch/irq.h>
#include <kernel/cores.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>

void cpu_idle_loop(void)
{
	for (;;) {
		arch_irq_disable();
		/* A wake-up from now on interrupts, and ends cpu_sleep(). */
		if (sched_cpu_has_work()) {
			arch_irq_enable();
			schedule();
			continue;
		}
		sync_point_quiet("idle.looked");
		if (!cpu_rests())
			cores_pass_on();
		sched_hooks->idle_enter();
		cpu_sleep();
		arch_irq_disable();
		sched_hooks->idle_exit();
	}
}
