/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64 under Linux: where the process begins, and where its threads do. */
#include <asm/host_nr.h>

	.text
	.globl	_start
_start:
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	call	hosted_start
	ud2

/*
 * long host_clone(unsigned long flags, void *stack_top, unsigned int cpu, unsigned long percpu)
 * The new thread begins in hosted_secondary(cpu, percpu), which it finds on its stack.
 */
	.globl	host_clone
host_clone:
	movq	%rdx, -8(%rsi)
	movq	%rcx, -16(%rsi)
	subq	$16, %rsi
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	xorl	%r8d, %r8d
	movl	$HOST_NR_clone, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	xorl	%ebp, %ebp
	popq	%rsi
	popq	%rdi
	call	hosted_secondary
	ud2

/* What a signal's handler returns to. */
	.globl	host_restorer
host_restorer:
	movl	$HOST_NR_rt_sigreturn, %eax
	syscall
	ud2

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) */
	.globl	arch_call_on_stack
arch_call_on_stack:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	movq	%rdx, %rdi
	call	*%rsi
	ud2
	.section .note.GNU-stack, "", @progbits
