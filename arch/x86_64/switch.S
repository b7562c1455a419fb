/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: from one thread to another; struct switch_frame in asm/context.h. GS stays the CPU's. */

/* struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next) */
	.text
	.globl	arch_switch_to
arch_switch_to:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdi, %rax
	ret

/* Where a new thread's first switch returns to: rdi still holds the one before. */
	.globl	x86_thread_start
x86_thread_start:
	call	*%rbx
	ud2
	.section .note.GNU-stack, "", @progbits
