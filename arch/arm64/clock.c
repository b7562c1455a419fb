/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic timer (Arm ARM DDI 0487, D12): the virtual timer, which works at EL1 under any
 * firmware or hypervisor; the physical one if the device tree gives the virtual no interrupt.
 */
#include <arch/clock.h>
#include <drivers/watchdog.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <lib/errno.h>

#include "port.h"

/* CNTx_CTL_EL0 */
#define CTL_ENABLE (1 << 0)
#define CTL_IMASK  (1 << 1)

/* Order of "interrupts" (binding arm,arch_timer): secure, physical, virtual, hypervisor */
#define TIMER_IRQ_PHYSICAL 1
#define TIMER_IRQ_VIRTUAL  2

static u64 clock_hz;
static bool use_physical; /* constant after arch_clock_init() */

int timer_node(void)
{
	int root = fdt_root(&machine_fdt);
	int node = fdt_find_compatible(&machine_fdt, root, "arm,armv8-timer");

	return node < 0 ? fdt_find_compatible(&machine_fdt, root, "arm,armv7-timer") : node;
}

u32 timer_irq_index(void)
{
	return use_physical ? TIMER_IRQ_PHYSICAL : TIMER_IRQ_VIRTUAL;
}

u64 arch_clock_hz(void)
{
	return clock_hz;
}

int arch_clock_init(void)
{
	int node = timer_node();
	struct fdt_interrupt irq;
	u32 hz;

	if (node < 0) {
		pr_err("the device tree names no generic timer\n");
		return node;
	}
	use_physical = fdt_interrupt(&machine_fdt, node, TIMER_IRQ_VIRTUAL, &irq);
	if (use_physical && fdt_interrupt(&machine_fdt, node, TIMER_IRQ_PHYSICAL, &irq)) {
		pr_err("the timer has no interrupt in the device tree that can be used\n");
		return -ENODEV;
	}
	/* The property is there where firmware forgot to set the register. */
	clock_hz = arm64_read_sysreg(cntfrq_el0);
	if (!fdt_prop_u32(&machine_fdt, node, "clock-frequency", &hz))
		clock_hz = hz;
	if (!clock_hz) {
		pr_err("the generic timer's rate is unknown: CNTFRQ_EL0 is 0\n");
		return -EINVAL;
	}
	return 0;
}

void arch_timer_arm(u64 ticks)
{
	if (!smp_processor_id())
		watchdogs_tick();
	/* The ISB is for the physical counter: it must not be read before what led us here. */
	arm64_isb();
	if (use_physical) {
		arm64_write_sysreg(arm64_read_sysreg(cntpct_el0) + ticks, cntp_cval_el0);
		arm64_write_sysreg(CTL_ENABLE, cntp_ctl_el0);
	} else {
		arm64_write_sysreg(arch_clock_read() + ticks, cntv_cval_el0);
		arm64_write_sysreg(CTL_ENABLE, cntv_ctl_el0);
	}
	arm64_isb();
}

void timer_ack(void)
{
	if (use_physical)
		arm64_write_sysreg(CTL_ENABLE | CTL_IMASK, cntp_ctl_el0);
	else
		arm64_write_sysreg(CTL_ENABLE | CTL_IMASK, cntv_ctl_el0);
	/* The interrupt is a level: it must be down before the controller is told of its end. */
	arm64_isb();
}
