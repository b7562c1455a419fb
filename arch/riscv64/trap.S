/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trap entry and return. The kernel traps only from supervisor mode, so sp and tp are the kernel's;
 * sscratch holds t0 for the few instructions until it can be saved. Should sp not leave room for
 * the frame on this hart's stack (it ran over, or never was on it) the spare stack is used; trap.c
 * sees that by the saved sp.
 *
 * Above the registers stand fp and pc as a function's prologue would have left them, so that a
 * backtrace walks through the trap into what was interrupted.
 */
#include <asm/ptrace.h>

#define FRAME_SIZE (PT_SIZE + 16)

	/* \op each register that is not special here */
	.macro	general_registers op
	.irp	n, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, \
		24, 25, 26, 27, 28, 29, 30, 31
	\op	x\n, \n * 8(sp)
	.endr
	.endm

	.text
	.globl	trap_entry
	.balign	4			/* stvec: the low two bits are the mode (4.1.2) */
trap_entry:
	csrw	sscratch, t0
	la	t0, current_stack	/* its member bottom comes first */
	add	t0, t0, tp
	ld	t0, 0(t0)
	sub	t0, sp, t0
	addi	t0, t0, -FRAME_SIZE
	srli	t0, t0, KERNEL_STACK_SHIFT
	bnez	t0, .Loff_stack
.Lon_stack:
	csrr	t0, sscratch
	sd	sp, PT_X(2) - FRAME_SIZE(sp)
	addi	sp, sp, -FRAME_SIZE
.Lsave:
	sd	t0, PT_X(5)(sp)
	general_registers sd
	sd	zero, PT_X(0)(sp)
	csrr	t0, sepc
	csrr	t1, sstatus
	csrr	t2, scause
	csrr	t3, stval
	sd	t0, PT_PC(sp)
	sd	t1, PT_STATUS(sp)
	sd	t2, PT_CAUSE(sp)
	sd	t3, PT_TVAL(sp)
	sd	s0, PT_SIZE(sp)
	sd	t0, PT_SIZE + 8(sp)
	addi	s0, sp, FRAME_SIZE
	mv	a0, sp
	call	trap_dispatch

	ld	t0, PT_PC(sp)
	ld	t1, PT_STATUS(sp)
	/*
	 * Drop any reservation that the handler left: otherwise an interrupted sc could succeed
	 * although the handler changed the word (Unprivileged ISA, section 8.2).
	 */
	addi	t2, sp, PT_PC
	sc.d	zero, t0, (t2)
	csrw	sepc, t0
	csrw	sstatus, t1
	general_registers ld
	ld	t0, PT_X(5)(sp)
	ld	sp, PT_X(2)(sp)
	sret

.Loff_stack:
	/* A trap while already on the spare stack is no second overflow. */
	la	t0, overflow_stack
	add	t0, t0, tp
	sub	t0, sp, t0
	addi	t0, t0, -FRAME_SIZE
	srli	t0, t0, OVERFLOW_STACK_SHIFT
	beqz	t0, .Lon_stack
	la	t0, overflow_stack + (1 << OVERFLOW_STACK_SHIFT)
	add	t0, t0, tp
	andi	t0, t0, -16
	sd	sp, PT_X(2) - FRAME_SIZE(t0)
	addi	sp, t0, -FRAME_SIZE
	csrr	t0, sscratch
	j	.Lsave
	.globl	trap_entry_end
trap_entry_end:
