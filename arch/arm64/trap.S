/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception vectors (Arm ARM DDI 0487, D1.3 "Exceptions"), and the call of semihosting.
 *
 * The processor masks D, A, I and F on entry. Once the frame is saved the handlers open A and F
 * again: an NMI reaches a CPU also while it handles an interrupt or a fault.
 */
#include <asm/ptrace.h>

/* Fill struct pt_regs, for which sp has already been lowered; x0 = regs. */
.macro	save_regs
	stp	x0, x1, [sp, #PT_X(0)]
	stp	x2, x3, [sp, #PT_X(2)]
	stp	x4, x5, [sp, #PT_X(4)]
	stp	x6, x7, [sp, #PT_X(6)]
	stp	x8, x9, [sp, #PT_X(8)]
	stp	x10, x11, [sp, #PT_X(10)]
	stp	x12, x13, [sp, #PT_X(12)]
	stp	x14, x15, [sp, #PT_X(14)]
	stp	x16, x17, [sp, #PT_X(16)]
	stp	x18, x19, [sp, #PT_X(18)]
	stp	x20, x21, [sp, #PT_X(20)]
	stp	x22, x23, [sp, #PT_X(22)]
	stp	x24, x25, [sp, #PT_X(24)]
	stp	x26, x27, [sp, #PT_X(26)]
	stp	x28, x29, [sp, #PT_X(28)]
	add	x21, sp, #PT_REGS_SIZE
	mrs	x22, elr_el1
	mrs	x23, spsr_el1
	stp	x30, x21, [sp, #PT_X(30)]
	stp	x22, x23, [sp, #PT_PC]
	stp	x29, x22, [sp, #PT_FRAME]
	add	x29, sp, #PT_FRAME
	mov	x0, sp
.endm

/* The exceptions that we expect. The frame fits: a vector has room for 32 instructions. */
.macro	vector entry
	.balign	128
	sub	sp, sp, #PT_REGS_SIZE
	save_regs
	b	\entry
.endm

.macro	vector_bad number
	.balign	128
	sub	sp, sp, #PT_REGS_SIZE
	save_regs
	mov	w1, #\number
	b	bad_entry
.endm

	.text
	.balign	2048
	.global trap_vectors
trap_vectors:
	/* from EL1 on SP_EL0, which the kernel does not use */
	vector_bad 0
	vector_bad 1
	vector_bad 2
	vector_bad 3

	/* from EL1: synchronous, IRQ, FIQ, SError */
	.balign	128
	/*
	 * Is there a stack to push on? Ask the MMU about the lowest word (AT S1E1W: PAR_EL1.F is
	 * set if a write would fault). Interrupts need not ask: where they have no stack their push
	 * faults, and that comes here. SPSR_EL1 has the flags already.
	 */
	msr	tpidrro_el0, x0
	sub	x0, sp, #PT_REGS_SIZE
	tst	x0, #15
	b.ne	no_stack
	at	s1e1w, x0
	isb
	mrs	x0, par_el1
	tbnz	x0, #0, no_stack
	b	sync_entry
	vector	irq_entry
	vector	fiq_entry
	vector_bad 7

	/* from EL0, AArch64: there is none yet; from EL0, AArch32: never */
	vector_bad 8
	vector_bad 9
	vector_bad 10
	vector_bad 11
	vector_bad 12
	vector_bad 13
	vector_bad 14
	vector_bad 15

sync_entry:
	mrs	x0, tpidrro_el0
	sub	sp, sp, #PT_REGS_SIZE
	save_regs
	mov	w1, wzr
	msr	daifclr, #5		/* A, F */
	bl	trap_sync
	b	return_from_trap

/* On this CPU's spare stack, with the stack pointer as it was in the frame. Does not return. */
no_stack:
	mov	x0, sp
	msr	tpidr_el0, x0
	adrp	x0, overflow_stack_top
	ldr	x0, [x0, #:lo12:overflow_stack_top]
	mov	sp, x0
	mrs	x0, tpidr_el1
	add	sp, sp, x0
	mrs	x0, tpidrro_el0
	sub	sp, sp, #PT_REGS_SIZE
	save_regs
	mrs	x21, tpidr_el0
	str	x21, [sp, #PT_SP]
	mov	w1, #1
	msr	daifclr, #5
	bl	trap_sync
	b	.

irq_entry:
	msr	daifclr, #5
	bl	irq_handle
	b	return_from_trap

fiq_entry:
	bl	fiq_handle
	b	return_from_trap

bad_entry:
	bl	trap_bad
	b	.

return_from_trap:
	msr	daifset, #15		/* nothing may come between ELR_EL1 and ERET */
	ldp	x22, x23, [sp, #PT_PC]
	msr	elr_el1, x22
	msr	spsr_el1, x23
	ldp	x0, x1, [sp, #PT_X(0)]
	ldp	x2, x3, [sp, #PT_X(2)]
	ldp	x4, x5, [sp, #PT_X(4)]
	ldp	x6, x7, [sp, #PT_X(6)]
	ldp	x8, x9, [sp, #PT_X(8)]
	ldp	x10, x11, [sp, #PT_X(10)]
	ldp	x12, x13, [sp, #PT_X(12)]
	ldp	x14, x15, [sp, #PT_X(14)]
	ldp	x16, x17, [sp, #PT_X(16)]
	ldp	x18, x19, [sp, #PT_X(18)]
	ldp	x20, x21, [sp, #PT_X(20)]
	ldp	x22, x23, [sp, #PT_X(22)]
	ldp	x24, x25, [sp, #PT_X(24)]
	ldp	x26, x27, [sp, #PT_X(26)]
	ldp	x28, x29, [sp, #PT_X(28)]
	ldr	x30, [sp, #PT_X(30)]
	add	sp, sp, #PT_REGS_SIZE
	eret

/* u64 semihosting_call(u64 operation, const void *block) */
	.global semihosting_call, semihosting_insn
semihosting_call:
semihosting_insn:
	hlt	#0xf000
	ret
