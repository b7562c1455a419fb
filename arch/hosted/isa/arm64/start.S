/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64 under Linux: where the process begins, and where its threads do. */
#include <asm/host_nr.h>

	.text
	.global _start
_start:
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, sp
	bl	hosted_start
	brk	#0

/*
 * long host_clone(unsigned long flags, void *stack_top, unsigned int cpu, unsigned long percpu)
 * The new thread begins in hosted_secondary(cpu, percpu), which it finds on its stack.
 */
	.global host_clone
host_clone:
	stp	x2, x3, [x1, #-16]!
	mov	x2, xzr
	mov	x3, xzr
	mov	x4, xzr
	mov	x8, #HOST_NR_clone
	svc	#0
	cbz	x0, 1f
	ret
1:	mov	x29, xzr
	mov	x30, xzr
	ldp	x0, x1, [sp], #16
	bl	hosted_secondary
	brk	#0

/* What a signal's handler would return to, were the vDSO's not there. */
	.global host_restorer
host_restorer:
	mov	x8, #HOST_NR_rt_sigreturn
	svc	#0
	brk	#0

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) */
	.global arch_call_on_stack
arch_call_on_stack:
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x2
	blr	x1
	brk	#0
