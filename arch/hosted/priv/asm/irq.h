/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts are signals, and disabling them is a flag: a handler that finds it down leaves a mark
 * in hosted_pending and returns; who raises it looks there (irq.c).
 *
 * The flag is the thread's, task_struct.irqs, so that it can be changed in one store however often
 * the thread is preempted and moved on the way there. That it is the CPU's too: a CPU changes
 * threads with interrupts disabled only, and comes back to one that had left so.
 */
#pragma once

#include <arch/context.h>
#include <arch/this_cpu.h>

/* The second member of struct task_struct: 1 where interrupts are enabled. */
static inline unsigned long *hosted_irqs(void)
{
	return (unsigned long *)arch_current() + 1;
}

/* A per-CPU variable, irq.c: set by this CPU's handlers and by others' IPIs. */
extern u32 hosted_pending;
/* Take what is pending. Interrupts enabled; they are on return, on whatever CPU that is. */
void hosted_irq_replay(void);

static inline bool hosted_irq_is_pending(void)
{
	return READ_ONCE(*(u32 *)((unsigned long)&hosted_pending + arch_percpu_offset()));
}

/*
 * A signal between the store and the look is taken by its handler, with all that is pending; should
 * that move the thread, it looks at another CPU, where nothing is pending for the same reason.
 */
static inline void arch_irq_enable(void)
{
	barrier();
	WRITE_ONCE(*hosted_irqs(), 1);
	barrier();
	if (unlikely(hosted_irq_is_pending()))
		hosted_irq_replay();
}

static inline void arch_irq_disable(void)
{
	barrier();
	WRITE_ONCE(*hosted_irqs(), 0);
	barrier();
}

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags = READ_ONCE(*hosted_irqs());

	arch_irq_disable();
	return flags;
}

static inline void arch_irq_restore(unsigned long flags)
{
	if (flags)
		arch_irq_enable();
	else
		arch_irq_disable();
}

static inline bool arch_irqs_disabled(void)
{
	return !READ_ONCE(*hosted_irqs());
}
