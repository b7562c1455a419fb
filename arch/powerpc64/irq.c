/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: the decrementer and doorbells, both of them the processor's own. The interrupt
 * controller (XIVE) is left as firmware set it up, with every source masked.
 */
#include <arch/irq.h>
#include <asm/opal.h>
#include <asm/reg.h>
#include <kernel/smp.h>
#include <lib/errno.h>

#include "port.h"

/* Lockless: whoever finds that it does not work clears it. */
static bool have_nmi;

int arch_irq_init(void)
{
	have_nmi = opal_has(OPAL_SIGNAL_SYSTEM_RESET);
	smp_fetch_cpus(); /* the port's last step before CPUs are started */
	return 0;
}

void arch_irq_init_cpu(void)
{
	timer_put_off();
}

void arch_ipi_send(unsigned int cpu)
{
	/*
	 * sync: pairs with the msgsync in trap_dispatch() and in secondary_entry(); every earlier
	 * store comes before the message, which counts as one (Power ISA 3.0B, Book III,
	 * "Processor Control"); tests: kernel.call_single
	 */
	__asm__ __volatile__("sync" : : : "memory");
	doorbell_send(cpu_table[cpu].hw_id);
}

int arch_nmi_send(unsigned int cpu)
{
	if (!READ_ONCE(have_nmi))
		return -EOPNOTSUPP;
	if (opal_call(OPAL_SIGNAL_SYSTEM_RESET, cpu_table[cpu].hw_id, 0, 0, 0, 0, 0) ==
	    OPAL_SUCCESS)
		return 0;
	/*
	 * Firmware knows how, but the cores may lack what it needs (QEMU 7.2's do). It says so on
	 * the console, after 0.1 s: once is enough.
	 */
	WRITE_ONCE(have_nmi, false);
	return -EOPNOTSUPP;
}
