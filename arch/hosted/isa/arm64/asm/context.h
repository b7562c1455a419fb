/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What switch.S leaves on the stack of a thread that does not run. x18, which the compiler is told
 * to leave alone (AAPCS64, 6.1.1: the platform's register), holds the running thread: SP_EL0, which
 * does on the bare machine, is this stack's pointer here.
 */
#pragma once

#include <arch/trap.h>

struct switch_frame {
	unsigned long x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
	unsigned long fp, lr;
};

extern char arm64_thread_start[];

static inline struct task_struct *arch_current(void)
{
	struct task_struct *t;

	__asm__("mov %0, x18" : "=r"(t));
	return t;
}

static inline void arch_set_current(struct task_struct *t)
{
	__asm__ __volatile__("mov x18, %0" : : "r"(t) : "memory");
}

static inline unsigned long arch_thread_frame(void *stack_top,
					      void (*entry)(struct task_struct *prev))
{
	struct switch_frame *f = (struct switch_frame *)stack_top - 1;

	/* arm64_thread_start calls what is in x19; fp = 0 ends the frame chain. */
	*f = (struct switch_frame){ .x19 = (unsigned long)entry,
				    .lr = (unsigned long)arm64_thread_start };
	return (unsigned long)f;
}

static inline void arch_unwind_sleeping(struct unwind *u, unsigned long sp)
{
	const struct switch_frame *f = (const struct switch_frame *)sp;

	u->pc = f->lr;
	u->fp = f->fp;
}
