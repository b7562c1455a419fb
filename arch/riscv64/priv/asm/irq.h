/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt enable of this hart: sstatus.SIE (Privileged Architecture 1.12, section 4.1.1). */
#pragma once

#include <lib/types.h>

#include <asm/csr.h>

static inline unsigned long arch_irq_save(void)
{
	unsigned long old;

	__asm__ __volatile__("csrrci %0, sstatus, %1" : "=r"(old) : "i"(SSTATUS_SIE) : "memory");
	return old & SSTATUS_SIE;
}

static inline void arch_irq_restore(unsigned long flags)
{
	csr_set(sstatus, flags & SSTATUS_SIE);
}

static inline void arch_irq_enable(void)
{
	csr_set(sstatus, SSTATUS_SIE);
}

static inline void arch_irq_disable(void)
{
	csr_clear(sstatus, SSTATUS_SIE);
}

static inline bool arch_irqs_disabled(void)
{
	return !(csr_read(sstatus) & SSTATUS_SIE);
}
