/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: firmware of one hart that has no console: the base extension of SBI 1.0 (chapter 4),
 * which says of all others but the debug console and the legacy calls that they are there. For
 * QEMU's virt, in the place of OpenSBI. Time comes from Sstc, there is no other hart to be called,
 * and the machine's end comes from its test device.
 */
#define KERNEL	  0x80200000
#define ECALL_S	  (1 << 9)
#define MPP_MASK  (3 << 11)
#define MPP_S	  (1 << 11)
#define SBI_BASE  0x10
#define SBI_1_0	  0x1000000
#define PROBE	  3
#define LEGACY_END 0x10
#define DEBUG_CONSOLE 0x4442434e
#define NOT_THERE -2

	.globl	_start
_start:
	la	t0, call
	csrw	mtvec, t0
	/* All of memory, for everybody (Privileged Architecture 1.12, section 3.7). */
	li	t0, -1
	csrw	pmpaddr0, t0
	li	t0, 0x1f
	csrw	pmpcfg0, t0
	/* Exceptions and interrupts go to the kernel, but for its calls. */
	li	t0, 0xffff & ~ECALL_S
	csrw	medeleg, t0
	li	t0, 0x222
	csrw	mideleg, t0
	li	t0, -1
	csrw	mcounteren, t0
	li	t0, 1 << 63		/* STCE */
	csrs	0x30a, t0		/* menvcfg */
	csrw	satp, zero
	li	t0, MPP_MASK
	csrc	mstatus, t0
	li	t0, MPP_S
	csrs	mstatus, t0
	li	t0, KERNEL
	csrw	mepc, t0
	mret

	.balign	4
call:
	csrw	mscratch, t0
	li	t0, SBI_BASE
	bne	a7, t0, not_there
	li	t0, PROBE
	beq	a6, t0, probe
	li	a0, 0
	li	a1, SBI_1_0		/* its version, and what else is asked */
	j	done
probe:
	li	t0, DEBUG_CONSOLE
	sub	t0, a0, t0
	snez	a1, t0
	sltiu	t0, a0, LEGACY_END
	xori	t0, t0, 1
	and	a1, a1, t0
	li	a0, 0
	j	done
not_there:
	li	a0, NOT_THERE
	li	a1, 0
done:
	csrr	t0, mepc
	addi	t0, t0, 4
	csrw	mepc, t0
	csrr	t0, mscratch
	mret
