/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: the contract. The port's handlers call up only timer_interrupt(), ipi_interrupt() and
 * nmi_interrupt() (kernel/), with interrupts disabled and the interrupt acknowledged.
 */
#pragma once

#include <lib/types.h>

/* All of these are compiler barriers. The first disables, and returns the former state. */
static inline unsigned long arch_irq_save(void);
static inline void arch_irq_restore(unsigned long flags);
static inline void arch_irq_enable(void);
static inline void arch_irq_disable(void);
static inline bool arch_irqs_disabled(void);

#include <asm/irq.h>

struct pt_regs;

/* Find the interrupt controller (device tree, MADT). Boot CPU, once, MMU final. 0 or -errno. */
int arch_irq_init(void);

/* Enable IPIs and the timer interrupt of this CPU. Interrupts disabled. */
void arch_irq_init_cpu(void);

/* Interrupt logical @cpu: it will call ipi_interrupt(). Earlier stores come before it. */
void arch_ipi_send(unsigned int cpu);

/*
 * Interrupt @cpu even if it has interrupts disabled; it will call nmi_interrupt().
 * Returns 0, or -EOPNOTSUPP where this machine has nothing of the kind.
 */
int arch_nmi_send(unsigned int cpu);

/* Entry points in kernel/, called by the port. */
void timer_interrupt(struct pt_regs *regs);
void ipi_interrupt(struct pt_regs *regs);
void nmi_interrupt(struct pt_regs *regs);
