/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands before include/arch/irq.h in the simulation: interrupts, that is interprocessor calls, are
 * taken in sim_step().
 */
#pragma once

#include <lib/types.h>

unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long flags);
bool arch_irqs_disabled(void);
