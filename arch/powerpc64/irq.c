/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: the decrementer and doorbells, both of them the processor's own. The interrupt
 * controller (XIVE) is left as firmware set it up, with every source masked.
 */
#include <arch/irq.h>
#include <asm/opal.h>
#include <asm/reg.h>
#include <kernel/errno.h>
#include <kernel/smp.h>

#include "port.h"

static bool have_nmi; /* set once, before other CPUs run */

int arch_irq_init(void)
{
	have_nmi = opal_has(OPAL_SIGNAL_SYSTEM_RESET);
	return 0;
}

void arch_irq_init_cpu(void)
{
	timer_put_off();
}

void arch_ipi_send(unsigned int cpu)
{
	/*
	 * sync: pairs with msgsync in trap_dispatch(); every earlier store comes before the message,
	 * which counts as a store (Book III, 11.4); tests: kernel.ipi_order
	 */
	__asm__ __volatile__("sync" : : : "memory");
	doorbell_send(cpu_table[cpu].hw_id);
}

int arch_nmi_send(unsigned int cpu)
{
	if (!have_nmi)
		return -EOPNOTSUPP;
	if (opal_call(OPAL_SIGNAL_SYSTEM_RESET, cpu_table[cpu].hw_id, 0, 0, 0, 0, 0))
		return -EOPNOTSUPP;
	return 0;
}
