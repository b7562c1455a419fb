/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt masking. Only PSTATE.I is masked: the FIQ, which carries the NMI where the interrupt
 * controller can give us one, stays open.
 */
#pragma once

#include <asm/sysreg.h>

#define PSTATE_I 0x80UL

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags = arm64_read_sysreg(daif);

	__asm__ __volatile__("msr daifset, #2" : : : "memory");
	return flags;
}

static inline void arch_irq_restore(unsigned long flags)
{
	arm64_write_sysreg(flags, daif);
}

static inline void arch_irq_enable(void)
{
	__asm__ __volatile__("msr daifclr, #2" : : : "memory");
}

static inline void arch_irq_disable(void)
{
	__asm__ __volatile__("msr daifset, #2" : : : "memory");
}

static inline bool arch_irqs_disabled(void)
{
	return arm64_read_sysreg(daif) & PSTATE_I;
}
