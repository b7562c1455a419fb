/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSR.EE. mtmsrd with L=1 changes EE and RI alone (Power ISA 3.0B, Book III, "Move To MSR"), so RI
 * is written along with it.
 */
#pragma once

#include <asm/reg.h>
#include <lib/compiler.h>

static inline void arch_irq_disable(void)
{
	__asm__ __volatile__("mtmsrd %0, 1" : : "r"((u64)MSR_RI) : "memory");
}

static inline void arch_irq_enable(void)
{
	__asm__ __volatile__("mtmsrd %0, 1" : : "r"((u64)(MSR_EE | MSR_RI)) : "memory");
}

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags = mfmsr();

	arch_irq_disable();
	return flags;
}

static inline void arch_irq_restore(unsigned long flags)
{
	if (flags & MSR_EE)
		arch_irq_enable();
	else
		barrier();
}

static inline bool arch_irqs_disabled(void)
{
	return !(mfmsr() & MSR_EE);
}
