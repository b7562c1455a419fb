/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads: the contract. A thread that does not run is its stack and the stack pointer in
 * task_struct.sp, which must be the first member. The second, task_struct.irqs, is the port's: 0 in
 * a thread that is to begin, and in one that has ended.
 *
 * The per-CPU base register belongs to the CPU, not to the thread: it is neither saved and restored
 * here, nor restored by the exit from a trap or an interrupt in which the thread may have moved.
 */
#pragma once

#include <arch/trap.h>
#include <lib/compiler.h>
#include <lib/types.h>

struct task_struct;

/*
 * The thread that runs this: constant for a thread, and right wherever it is preempted and moved:
 * one instruction that reads a register, or memory relative to the per-CPU register.
 */
static inline struct task_struct *arch_current(void);

/*
 * The same, for a CPU that comes up; arch_switch_to() does it for the others. Where arch_current()
 * reads the per-CPU variable current_task nothing is left to do.
 */
static inline void arch_set_current(struct task_struct *t);

/*
 * Make the first frame on the stack that ends at @stack_top, such that the first switch to a thread
 * whose sp is the returned value enters entry(prev) there, interrupts disabled, with an end of the
 * frame chain.
 */
static inline unsigned long arch_thread_frame(void *stack_top,
					      void (*entry)(struct task_struct *prev));

/* As arch_unwind_start(), for a thread that does not run and has @sp saved. */
static inline void arch_unwind_sleeping(struct unwind *u, unsigned long sp);

#include <asm/context.h>

/*
 * Save the registers that a function call keeps on @prev's stack and the stack pointer in prev->sp,
 * go on with @next's. Returns, on @next's stack, the thread that ran on this CPU just before, for
 * finish_switch(). Interrupts disabled.
 */
struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next);
