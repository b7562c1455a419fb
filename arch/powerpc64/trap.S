/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt entry and exit, and the way into firmware and back.
 *
 * All interrupts are taken in real mode at physical 0x100 to 0xfff (LPCR.AIL = 0): system reset and
 * machine check do so in any case, and one way for all is simpler. The code for that is position-
 * independent and copied to the bottom of memory by arch_trap_init_cpu(). It saves what it needs
 * into this CPU's trap area, at the linear-map address in HSPRG0 (in hypervisor real mode the top
 * four bits of an address do not count, Power ISA 3.0B, Book III, "Real And Virtual Real Addressing
 * Modes"), and goes on in virtual mode at trap_entry.
 *
 * There are three trap areas a CPU, since a machine check may come in the midst of a system reset,
 * and that one in the midst of anything else.
 */
#include <asm/asm.h>
#include <asm/opal.h>
#include <asm/ptrace.h>
#include <asm/reg.h>

	.abiversion 2

	.section .text.lowpage, "ax"
	.balign 16
	.globl	lowpage_start
lowpage_start:

/* Seven instructions: some vectors are only 0x20 apart. bl tells which one it was. */
.macro VECTOR addr, common, area=0, sprg=SPR_SPRG0
	.org	lowpage_start + \addr
	mtspr	\sprg, 2
	mfspr	2, SPR_HSPRG0
	addi	2, 2, \area * TA_SIZE
	std	1, TA_R1(2)
	mflr	1
	std	1, TA_LR(2)
	bl	\common
.endm

	VECTOR	0x100, real_reset, 1, SPR_SPRG1	/* system reset */
	VECTOR	0x200, real_mce, 2, SPR_SPRG2	/* machine check */
	VECTOR	0x300, real_srr			/* data storage */
	VECTOR	0x380, real_srr			/* data segment */
	VECTOR	0x400, real_srr			/* instruction storage */
	VECTOR	0x480, real_srr			/* instruction segment */
	VECTOR	0x500, real_hsrr		/* external */
	VECTOR	0x600, real_srr			/* alignment */
	VECTOR	0x700, real_srr			/* program */
	VECTOR	0x800, real_srr			/* floating point unavailable */
	VECTOR	0x900, real_srr			/* decrementer */
	VECTOR	0x980, real_hsrr		/* hypervisor decrementer */
	VECTOR	0xa00, real_srr			/* privileged doorbell */
	VECTOR	0xc00, real_srr			/* system call */
	VECTOR	0xd00, real_srr			/* trace */
	VECTOR	0xe00, real_hsrr		/* hypervisor data storage */
	VECTOR	0xe20, real_hsrr		/* hypervisor instruction storage */
	VECTOR	0xe40, real_hsrr		/* hypervisor emulation assistance */
	VECTOR	0xe60, real_hsrr		/* hypervisor maintenance */
	VECTOR	0xe80, real_hsrr		/* hypervisor doorbell */
	VECTOR	0xea0, real_hsrr		/* hypervisor virtualization */
	VECTOR	0xf00, real_srr			/* performance monitor */
	VECTOR	0xf20, real_srr			/* vector unavailable */
	VECTOR	0xf40, real_srr			/* VSX unavailable */
	VECTOR	0xf60, real_srr			/* facility unavailable */
	VECTOR	0xf80, real_hsrr		/* hypervisor facility unavailable */

	.org	lowpage_start + 0x1000
/* r2: trap area. The pair of registers that says where to return to is used for the jump too. */
.macro REAL_COMMON pc, msr, return, sprg
	mflr	1
	std	1, TA_VECTOR(2)
	mfspr	1, \sprg
	std	1, TA_R2(2)
	mfcr	1
	std	1, TA_CR(2)
	mfspr	1, \pc
	std	1, TA_NIP(2)
	mfspr	1, \msr
	std	1, TA_SRR1(2)
	ld	1, TA_ENTRY(2)
	mtspr	\pc, 1
	ld	1, TA_MSR(2)
	mtspr	\msr, 1
	\return
.endm
real_srr:
	REAL_COMMON SPR_SRR0, SPR_SRR1, rfid, SPR_SPRG0
real_hsrr:
	REAL_COMMON SPR_HSRR0, SPR_HSRR1, hrfid, SPR_SPRG0
real_reset:
	REAL_COMMON SPR_SRR0, SPR_SRR1, rfid, SPR_SPRG1
real_mce:
	REAL_COMMON SPR_SRR0, SPR_SRR1, rfid, SPR_SPRG2

/* OPAL returns here, still in real mode: back to where opal_call() wants to go on. */
real_opal_return:
	li	0, 0
	mtmsrd	0, 1
	mtspr	SPR_SRR0, 30
	mtspr	SPR_SRR1, 31
	rfid
	.globl	lowpage_end
lowpage_end:

/*
 * Virtual mode, MSR.RI = 0. r2: trap area; r0, r1, r13 are free once saved there. Run on the
 * interrupted stack if r1 is inside the current one with room to spare, or on the spare one
 * already; else on the spare one from its top.
 */
	.text
	.globl	trap_entry
trap_entry:
	std	0, TA_R0(2)
	std	13, TA_R13(2)
	ld	13, TA_LIMITS(2)
	ld	1, TA_R1(2)
	ld	0, 0(13)
	subf	13, 0, 1
	addi	13, 13, -(TRAP_FRAME + TRAP_STACK_HEADROOM)
	cmpldi	13, STACK_SIZE - TRAP_FRAME - TRAP_STACK_HEADROOM
	ble	1f
	ld	0, TA_OVERFLOW(2)
	subf	0, 1, 0
	cmpldi	0, OVERFLOW_SIZE - TRAP_FRAME
	ble	1f
	ld	1, TA_OVERFLOW(2)
1:	ld	0, TA_R1(2)		/* back chain: the interrupted frame */
	stdu	1, -TRAP_FRAME(1)
	std	0, 0(1)
	std	0, FRAME_HEADER + PT_GPR(1)(1)
	LOAD_IMM64 0, TRAP_MARK
	std	0, FRAME_MARK(1)

.macro COPY slot, area
	ld	0, \area(2)
	std	0, FRAME_HEADER + \slot(1)
.endm
	COPY	PT_GPR(0), TA_R0
	COPY	PT_GPR(2), TA_R2
	COPY	PT_GPR(13), TA_R13
	COPY	PT_NIP, TA_NIP
	COPY	PT_MSR, TA_SRR1
	COPY	PT_LINK, TA_LR
	COPY	PT_CCR, TA_CR
	ld	0, TA_VECTOR(2)
	clrrdi	0, 0, 5			/* LR pointed behind the bl, 0x1c into the vector */
	std	0, FRAME_HEADER + PT_TRAP(1)
	ld	13, TA_PERCPU(2)
	ld	2, TA_TOC(2)
	.irp	r, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, \
		25, 26, 27, 28, 29, 30, 31
	std	\r, FRAME_HEADER + PT_GPR(\r)(1)
	.endr
	mfctr	3
	mfxer	4
	mfspr	5, SPR_DAR
	mfspr	6, SPR_DSISR
	std	3, FRAME_HEADER + PT_CTR(1)
	std	4, FRAME_HEADER + PT_XER(1)
	std	5, FRAME_HEADER + PT_DAR(1)
	std	6, FRAME_HEADER + PT_DSISR(1)
	li	3, MSR_RI
	mtmsrd	3, 1			/* the trap area is free for the next one */
	addi	3, 1, FRAME_HEADER
	bl	trap_dispatch

	li	3, 0
	mtmsrd	3, 1			/* from here on SRR0 and SRR1 are in use */
	/*
	 * Drop a reservation that the handler may have left (Book II, "Atomic Update"), so that a
	 * stwcx. of the interrupted code cannot succeed by it. The mark has served its turn.
	 */
	addi	3, 1, FRAME_MARK
	stdcx.	3, 0, 3
	ld	3, FRAME_HEADER + PT_NIP(1)
	ld	4, FRAME_HEADER + PT_MSR(1)
	mtspr	SPR_SRR0, 3
	mtspr	SPR_SRR1, 4
	ld	3, FRAME_HEADER + PT_CTR(1)
	ld	4, FRAME_HEADER + PT_XER(1)
	ld	5, FRAME_HEADER + PT_LINK(1)
	ld	6, FRAME_HEADER + PT_CCR(1)
	mtctr	3
	mtxer	4
	mtlr	5
	mtcr	6
	.irp	r, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
		23, 24, 25, 26, 27, 28, 29, 30, 31, 1
	ld	\r, FRAME_HEADER + PT_GPR(\r)(1)
	.endr
	rfid

/*
 * s64 opal_call(u64 token, u64 a0, ... u64 a5). OPAL has its own stack and keeps r1, r2 and
 * r14 to r31, like any function; the stack is out of its and our reach in real mode (it may be in
 * the VMAP area), hence all that the way back needs is in registers.
 */
#define OPAL_FRAME 80
	.globl	opal_call
opal_call:
	mflr	0
	std	0, FRAME_LR(1)
	mfcr	0
	std	0, 8(1)
	stdu	1, -OPAL_FRAME(1)
	std	2, 24(1)
	std	28, 32(1)
	std	29, 40(1)
	std	30, 48(1)
	std	31, 56(1)
	mr	29, 1
	mfmsr	31
	std	31, 64(1)
	li	0, 0
	mtmsrd	0, 1			/* EE and RI off: SRR0 and SRR1 are in use */
	mr	28, 13			/* now that the thread cannot move */
	ori	31, 31, MSR_EE		/* return with EE off, until r13 is ours again */
	xori	31, 31, MSR_EE
	bcl	20, 31, 1f
1:	mflr	30
	addi	30, 30, 2f - 1b
	mr	0, 3
	mr	3, 4
	mr	4, 5
	mr	5, 6
	mr	6, 7
	mr	7, 8
	mr	8, 9
	LOAD_ADDR 11, opal
	ld	12, 8(11)
	ld	2, 0(11)
	mtspr	SPR_SRR0, 12
	LOAD_IMM64 11, MSR_REAL | MSR_RI
	mtspr	SPR_SRR1, 11
	li	11, real_opal_return - lowpage_start
	mtlr	11
	rfid
2:	mr	1, 29
	mr	13, 28
	ld	0, 64(1)
	mtmsrd	0, 1			/* EE as it was */
	ld	2, 24(1)
	ld	28, 32(1)
	ld	29, 40(1)
	ld	30, 48(1)
	ld	31, 56(1)
	addi	1, 1, OPAL_FRAME
	ld	0, 8(1)
	mtcr	0
	ld	0, FRAME_LR(1)
	mtlr	0
	blr
