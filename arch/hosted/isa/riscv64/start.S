/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64 under Linux: where the process begins, and where its threads do. */
#include <asm/host_nr.h>

	.text
	.globl	_start
_start:
	li	s0, 0
	li	tp, 0
	mv	a0, sp
	call	hosted_start
	unimp

/*
 * long host_clone(unsigned long flags, void *stack_top, unsigned int cpu, unsigned long percpu)
 * The new thread begins in hosted_secondary(cpu, percpu), which it finds on its stack.
 */
	.globl	host_clone
host_clone:
	addi	a1, a1, -16
	sd	a2, 0(a1)
	sd	a3, 8(a1)
	li	a2, 0
	li	a3, 0
	li	a4, 0
	li	a7, HOST_NR_clone
	ecall
	beqz	a0, 1f
	ret
1:	li	s0, 0
	ld	a0, 0(sp)
	ld	a1, 8(sp)
	addi	sp, sp, 16
	call	hosted_secondary
	unimp

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) */
	.globl	arch_call_on_stack
arch_call_on_stack:
	mv	sp, a0
	li	s0, 0
	mv	a0, a2
	jalr	a1
	unimp
