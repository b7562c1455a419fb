/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the port's: nothing interrupts a program. */
#pragma once

#include <lib/types.h>

static inline void arch_irq_disable(void)
{
}

static inline void arch_irq_enable(void)
{
}

static inline unsigned long arch_irq_save(void)
{
	return 0;
}

static inline void arch_irq_restore(unsigned long flags)
{
}

static inline bool arch_irqs_disabled(void)
{
	return true;
}
