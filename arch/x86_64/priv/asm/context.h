/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: what switch.S leaves on the stack of a thread that does not run. */
#pragma once

#include <arch/trap.h>

struct switch_frame {
	unsigned long r15, r14, r13, r12, rbx, rbp;
	unsigned long rip;
};

extern char x86_thread_start[];

/* The per-CPU variable, in one instruction: the thread cannot move in the middle of it. */
static inline struct task_struct *arch_current(void)
{
	struct task_struct *t;

	__asm__("movq %%gs:current_task(%%rip), %0" : "=r"(t));
	return t;
}

static inline void arch_set_current(struct task_struct *t)
{
}

static inline unsigned long arch_thread_frame(void *stack_top,
					      void (*entry)(struct task_struct *prev))
{
	struct switch_frame *f = (struct switch_frame *)stack_top - 1;

	/* x86_thread_start calls what is in rbx; rbp = 0 ends the frame chain. */
	*f = (struct switch_frame){ .rbx = (unsigned long)entry,
				    .rip = (unsigned long)x86_thread_start };
	return (unsigned long)f;
}

static inline void arch_unwind_sleeping(struct unwind *u, unsigned long sp)
{
	const struct switch_frame *f = (const struct switch_frame *)sp;

	u->pc = f->rip;
	u->fp = f->rbp;
}
