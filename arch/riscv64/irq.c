/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts between harts, by firmware (SBI 2.0, chapter 7). The timer is in clock.c; devices
 * interrupt nobody here, so the platform's controller is left alone. Nothing interrupts a hart that
 * has interrupts disabled in supervisor mode: there is no NMI.
 */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>

#include "port.h"

/* What we ask of firmware besides the base extension. */
static const struct {
	unsigned long eid;
	const char *name;
} extensions[] = {
	{ SBI_EXT_TIME, "TIME" },
	{ SBI_EXT_IPI, "IPI" },
	{ SBI_EXT_RFENCE, "RFENCE" },
	{ SBI_EXT_HSM, "HSM" },
};

int arch_irq_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (!sbi_probe(extensions[i].eid)) {
			pr_err("the SBI firmware has no %s extension\n", extensions[i].name);
			return -ENODEV;
		}
	}
	return 0;
}

void arch_irq_init_cpu(void)
{
	csr_set(sie, 1UL << IRQ_S_SOFT);
}

void arch_ipi_send(unsigned int cpu)
{
	struct sbi_ret r;

	/*
	 * mb: pairs with the mb() in trap_dispatch(); orders what was stored for the other CPU
	 * before the interrupt; tests: kernel.call_storm
	 */
	mb();
	r = sbi_call(SBI_EXT_IPI, SBI_IPI_SEND, 1, cpu_table[cpu].hw_id, 0, 0);
	BUG_IF(r.error, "IPI to cpu %u: SBI error %ld", cpu, r.error);
}

int arch_nmi_send(unsigned int cpu)
{
	return -EOPNOTSUPP;
}
