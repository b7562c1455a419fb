/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: which controller the machine has. The timer's node names it, as who gets
 * its interrupt; gic.c and bcm2836.c drive it.
 */
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <lib/errno.h>

#include "port.h"

static const struct irqchip *const chips[] = { &gic_v2_chip, &gic_400_chip, &gic_v3_chip,
					       &bcm2836_chip };
static const struct irqchip *chip; /* constant after arch_irq_init() */

/* An interrupt for a CPU that the controller cannot address would go to another, or be lost. */
static void leave_out_unreached(void)
{
	for (unsigned int cpu = 1; cpu < nr_cpus_found; cpu++)
		if (!chip->reaches(cpu))
			smp_leave_out(cpu, "the interrupt controller cannot address it");
}

int arch_irq_init(void)
{
	struct fdt_interrupt irq;
	const char *name;

	if (fdt_interrupt(&machine_fdt, timer_node(), timer_irq_index(), &irq)) {
		pr_err("the device tree names no interrupt controller for the timer\n");
		return -ENODEV;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(chips); i++) {
		int err;

		if (!fdt_is_compatible(&machine_fdt, irq.controller, chips[i]->compatible))
			continue;
		err = chips[i]->init(irq.controller, irq.cell, irq.nr);
		if (err)
			return err;
		chip = chips[i];
		leave_out_unreached();
		return 0;
	}
	name = fdt_prop_string(&machine_fdt, irq.controller, "compatible");
	pr_err("no driver for the interrupt controller %s\n", name ? name : "without a name");
	return -ENODEV;
}

void arch_irq_init_cpu(void)
{
	chip->init_cpu();
}

void arch_ipi_send(unsigned int cpu)
{
	chip->ipi(cpu);
}

int irq_wake(unsigned int cpu, u32 interface)
{
	if (!chip || !chip->wake)
		return -EOPNOTSUPP;
	chip->wake(cpu, interface);
	return 0;
}

int arch_nmi_send(unsigned int cpu)
{
	return chip ? chip->nmi(cpu) : -EOPNOTSUPP;
}

void irq_handle(struct pt_regs *regs)
{
	chip->irq(regs);
	preempt_irq_exit();
}

void fiq_handle(struct pt_regs *regs)
{
	if (!chip)
		panic_regs(regs, "a FIQ before there is an interrupt controller");
	chip->fiq(regs);
}
