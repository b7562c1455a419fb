/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: entry from exceptions and interrupts. Each vector has a stub of 16 bytes, which makes the
 * CPU's frame alike for all (an error code, real or 0, then the vector) and goes on to save struct
 * pt_regs. The kernel is never interrupted from user mode, so GS needs no care.
 */
#include "asm/memory.h"

#define REGS_RIP (17 * 8) /* offset in struct pt_regs */

	.text
	.balign	16
	.globl	x86_trap_stubs
x86_trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	/* Those for which the CPU pushes an error code: Intel SDM vol. 3A table 6-1. */
	.if	vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && \
		vector != 29 && vector != 30
	pushq	$0
	.endif
	pushq	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

	.balign	16
trap_common:
	cld
	pushq	%rax
	pushq	%rbx
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%rbp
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	/* A frame as if the interrupted code had called us, for backtraces. */
	pushq	REGS_RIP(%rsp)
	pushq	%rbp
	movq	%rsp, %rbp
	call	x86_trap
	addq	$16, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rbp
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rbx
	popq	%rax
	addq	$16, %rsp
	iretq

/* void x86_load_tables(const void *gdtr, const void *idtr): of this CPU, with TSS and CS. */
	.globl	x86_load_tables
x86_load_tables:
	lgdt	(%rdi)
	lidt	(%rsi)
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	movl	$SEL_TSS, %eax
	ltr	%ax
	popq	%rax
	pushq	$SEL_CODE
	pushq	%rax
	lretq

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) */
	.globl	arch_call_on_stack
arch_call_on_stack:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	movq	%rdx, %rdi
	call	*%rsi
	ud2
	.section .note.GNU-stack, "", @progbits
