/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What switch.S leaves on the stack of a thread that does not run. gp, which is free without linker
 * relaxation and small data, holds the running thread.
 */
#pragma once

#include <arch/trap.h>

struct switch_frame {
	unsigned long s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
	unsigned long pad;
	unsigned long s0, ra; /* at the top, as a function's prologue would have them */
};

extern char riscv_thread_start[];

static inline struct task_struct *arch_current(void)
{
	struct task_struct *t;

	__asm__("mv %0, gp" : "=r"(t));
	return t;
}

static inline void arch_set_current(struct task_struct *t)
{
	__asm__ __volatile__("mv gp, %0" : : "r"(t) : "memory");
}

static inline unsigned long arch_thread_frame(void *stack_top,
					      void (*entry)(struct task_struct *prev))
{
	struct switch_frame *f = (struct switch_frame *)stack_top - 1;

	/* riscv_thread_start calls what is in s1; s0 = 0 ends the frame chain. */
	*f = (struct switch_frame){ .s1 = (unsigned long)entry,
				    .ra = (unsigned long)riscv_thread_start };
	return (unsigned long)f;
}

static inline void arch_unwind_sleeping(struct unwind *u, unsigned long sp)
{
	const struct switch_frame *f = (const struct switch_frame *)sp;

	u->pc = f->ra;
	u->fp = f->s0;
	u->ra = 0;
}
