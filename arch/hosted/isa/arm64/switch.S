/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one thread to another: the registers that AAPCS64 (6.1.1) has a call keep; struct
 * switch_frame in asm/context.h. TPIDR_EL0 stays the CPU's.
 */

/* struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next) */
	.text
	.global arch_switch_to
arch_switch_to:
	sub	sp, sp, #96
	stp	x19, x20, [sp, #0]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	mov	x9, sp
	str	x9, [x0]
	ldr	x9, [x1]
	mov	sp, x9
	mov	x18, x1
	ldp	x19, x20, [sp, #0]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #96
	ret

/* Where a new thread's first switch returns to: x0 still holds the one before. */
	.global arm64_thread_start
arm64_thread_start:
	blr	x19
	b	.
