/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: what Linux's kexec leaves: a hart in supervisor mode with satp 0 and SIE off, a0 its
 * number, a1 the tree; all else as it was: a handler of its own in stvec, interrupts enabled one
 * by one, a tick that is due, an interrupt from another hart pending, floating point and user pages
 * on, general registers full (RISC-V Privileged Architecture 1.12, section 4.1). The other harts
 * have run a kernel and were stopped by HSM (SBI 2.0, chapter 9), each with the same leftovers. The
 * image lies elsewhere than firmware puts it, and where its .bss will be memory is as it was left.
 */
#define KERNEL	      0x88200000
#define SBI_HSM	      0x48534d
#define HSM_START     0
#define HSM_STOP      1
#define HSM_STATUS    2
#define STOPPED	      1
#define CSR_STIMECMP  0x14d
#define SSTATUS_ON    0x46000	/* SUM, FS dirty */
#define SIE_ALL	      0x222
#define HARTS	      4
#define JUNK	      0x5a5a5a5a5a5a5a5a
#define IMAGE_SIZE    16	/* of the image's header: with its .bss */

	/* What a kernel has left in this hart. */
	.macro	leave_behind
	li	t0, SSTATUS_ON
	csrs	sstatus, t0
	csrci	sstatus, 2
	lla	t0, old_handler
	csrw	stvec, t0
	li	t0, SIE_ALL
	csrw	sie, t0
	csrsi	sip, 2
	csrw	CSR_STIMECMP, zero
	li	t0, JUNK
	csrw	sscratch, t0
	csrw	sepc, t0
	.endm

	.text
	.globl	_start
_start:
	lla	t0, taken
	li	t1, 1
	amoswap.w t1, t1, (t0)
	bnez	t1, other_hart		/* OpenSBI before 1.3 sends it here, as boot.S tells */
	mv	s0, a0
	mv	s1, a1
	li	s2, 0
	li	s3, 0
1:	beq	s2, s0, 4f
	mv	a0, s2
	lla	a1, other_hart
	li	a2, 0
	li	a6, HSM_START
	li	a7, SBI_HSM
	ecall
	bnez	a0, 4f			/* there are fewer */
	/* It has begun once it is not stopped any more, and ended when it is again. */
2:	lla	t0, seen
	lw	t0, (t0)
	ble	t0, s3, 2b
	mv	s3, t0
3:	mv	a0, s2
	li	a6, HSM_STATUS
	li	a7, SBI_HSM
	ecall
	li	t0, STOPPED
	bne	a1, t0, 3b
4:	addi	s2, s2, 1
	li	t0, HARTS
	blt	s2, t0, 1b

	leave_behind
	mv	a0, s0
	mv	a1, s1
	li	t0, JUNK
	mv	sp, t0
	mv	gp, t0
	mv	tp, t0
	mv	ra, t0
	mv	a2, t0
	mv	a3, t0
	mv	a4, t0
	fence.i
	csrw	satp, zero
	sfence.vma
	li	t1, KERNEL
	ld	t2, IMAGE_SIZE(t1)
	add	t2, t2, t1
	li	t3, KERNEL + ((IMAGE_BYTES + 7) & ~7)
5:	sd	t0, 0(t3)
	addi	t3, t3, 8
	bltu	t3, t2, 5b
	jr	t1

other_hart:
	lla	t0, seen
	li	t1, 1
	amoadd.w zero, t1, (t0)
	leave_behind
	li	a6, HSM_STOP
	li	a7, SBI_HSM
	ecall

/* Nobody must come here any more. */
	.balign	4
old_handler:
	j	old_handler

	.balign	4
taken:	.word	0
seen:	.word	0
