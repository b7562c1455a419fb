/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64 under Linux: where the process begins, and where its threads do. */
#include <asm/host_nr.h>

#define FRAME 32 /* the ABI's header (64-Bit ELF V2 ABI, 2.2.3) */

	.abiversion 2
	.text

	.macro	load_toc
	bcl	20, 31, 1f
1:	mflr	2
	addis	2, 2, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	.endm

	.globl	_start
_start:
	load_toc
	li	13, 0
	mr	3, 1
	li	0, 0
	stdu	0, -FRAME(1)
	mtlr	0
	bl	hosted_start
	trap

/*
 * long host_clone(unsigned long flags, void *stack_top, unsigned int cpu, unsigned long percpu)
 * The new thread begins in hosted_secondary(cpu, percpu), which it finds on its stack.
 */
	.globl	host_clone
host_clone:
	std	5, -16(4)
	std	6, -8(4)
	addi	4, 4, -16
	li	5, 0
	li	6, 0
	li	7, 0
	li	0, HOST_NR_clone
	sc
	bns+	1f
	neg	3, 3
	blr
1:	cmpdi	3, 0
	bnelr
	ld	3, 0(1)
	ld	4, 8(1)
	addi	1, 1, 16
	li	0, 0
	stdu	0, -FRAME(1)
	mtlr	0
	bl	hosted_secondary
	trap

/* What a signal's handler would return to, were the vDSO's not there. */
	.globl	host_restorer
host_restorer:
	li	0, HOST_NR_rt_sigreturn
	sc
	trap

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) */
	.globl	arch_call_on_stack
arch_call_on_stack:
	mr	1, 3
	li	0, 0
	stdu	0, -FRAME(1)
	mtlr	0
	mr	12, 4
	mtctr	4
	mr	3, 5
	bctrl
	trap
