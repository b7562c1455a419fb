/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one thread to another: the registers that a call keeps (RISC-V ELF psABI, integer calling
 * convention); struct switch_frame in asm/context.h. tp stays the hart's.
 */

/* struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next) */
	.text
	.globl	arch_switch_to
arch_switch_to:
	addi	sp, sp, -112
	sd	s1, 0(sp)
	sd	s2, 8(sp)
	sd	s3, 16(sp)
	sd	s4, 24(sp)
	sd	s5, 32(sp)
	sd	s6, 40(sp)
	sd	s7, 48(sp)
	sd	s8, 56(sp)
	sd	s9, 64(sp)
	sd	s10, 72(sp)
	sd	s11, 80(sp)
	sd	s0, 96(sp)
	sd	ra, 104(sp)
	sd	sp, 0(a0)
	ld	sp, 0(a1)
	mv	gp, a1
	ld	s1, 0(sp)
	ld	s2, 8(sp)
	ld	s3, 16(sp)
	ld	s4, 24(sp)
	ld	s5, 32(sp)
	ld	s6, 40(sp)
	ld	s7, 48(sp)
	ld	s8, 56(sp)
	ld	s9, 64(sp)
	ld	s10, 72(sp)
	ld	s11, 80(sp)
	ld	s0, 96(sp)
	ld	ra, 104(sp)
	addi	sp, sp, 112
	ret

/* Where a new thread's first switch returns to: a0 still holds the one before. */
	.globl	riscv_thread_start
riscv_thread_start:
	jalr	s1
	unimp
