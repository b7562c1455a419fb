/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one thread to another: the registers that a call keeps (64-Bit ELF V2 ABI, 2.2.2: r14 to
 * r31, CR fields 2 to 4, LR in the caller's frame); struct switch_frame in asm/context.h. r13 stays
 * the CPU's, and r2 is the same for all code.
 */
#include <asm/context.h>
#include <asm/ptrace.h>

	.abiversion 2

/* struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next) */
	.text
	.globl	arch_switch_to
arch_switch_to:
	mflr	0
	std	0, FRAME_LR(1)
	mfcr	0
	std	0, 8(1)
	stdu	1, -SWITCH_FRAME(1)
	.irp	r, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	std	\r, SWITCH_GPR(\r)(1)
	.endr
	std	1, 0(3)
	ld	1, 0(4)
	.irp	r, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	\r, SWITCH_GPR(\r)(1)
	.endr
	addi	1, 1, SWITCH_FRAME
	ld	0, 8(1)
	mtcr	0
	ld	0, FRAME_LR(1)
	mtlr	0
	blr

/* Where a new thread's first switch returns to: r3 still holds the one before. */
	.globl	ppc_thread_start
ppc_thread_start:
	mr	12, 14
	mtctr	14
	bctrl
	trap
