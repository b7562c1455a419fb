/* SPDX-License-Identifier: GPL-2.0-only */
/* What switch.S leaves on the stack of a thread that does not run. */
#pragma once

#ifdef __ASSEMBLY__

#define SWITCH_GPR(n) (32 + ((n)-14) * 8)
#define SWITCH_FRAME  176

#else

#include <arch/trap.h>
#include <kernel/panic.h>

/* The ABI's header (64-Bit ELF V2 ABI, 2.2.3), then what a call keeps; above it the caller's. */
struct switch_frame {
	unsigned long back_chain, cr, lr, toc;
	unsigned long r14_to_r31[18];
};
struct switch_caller {
	unsigned long back_chain, cr, lr, toc;
};
BUILD_BUG_ON(sizeof(struct switch_frame) != 176);

extern char ppc_thread_start[];
extern struct task_struct *current_task;

/* The per-CPU variable, in one instruction: the thread cannot move in the middle of it. */
static inline struct task_struct *arch_current(void)
{
	struct task_struct *t;

	__asm__("ldx %0, %1, 13" : "=r"(t) : "b"(&current_task));
	return t;
}

static inline void arch_set_current(struct task_struct *t)
{
}

static inline unsigned long arch_thread_frame(void *stack_top,
					      void (*entry)(struct task_struct *prev))
{
	struct switch_caller *c = (struct switch_caller *)stack_top - 1;
	struct switch_frame *f = (struct switch_frame *)c - 1;

	/* ppc_thread_start calls what is in r14; no back chain: the unwinder stops there. */
	*c = (struct switch_caller){ .lr = (unsigned long)ppc_thread_start };
	*f = (struct switch_frame){ .back_chain = (unsigned long)c,
				    .r14_to_r31[0] = (unsigned long)entry };
	return (unsigned long)f;
}

static inline void arch_unwind_sleeping(struct unwind *u, unsigned long sp)
{
	const struct switch_frame *f = (const struct switch_frame *)sp;
	const struct switch_caller *c = (const struct switch_caller *)f->back_chain;

	/* It may run again by now: then this is a frame no more, and holds anything. */
	if (f->back_chain % sizeof(long) || !stack_contains(f->back_chain, sizeof(*c))) {
		*u = (struct unwind){ 0 };
		return;
	}
	u->pc = c->lr;
	u->fp = (unsigned long)c;
}

#endif
