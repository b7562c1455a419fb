/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a hypervisor at EL2 may leave that ran a guest and starts another kernel in its own place:
 * whatever the guest did was trapped, its CPU called itself something else, its time began later,
 * it was big-endian, and its MMU was on. Memory behind the image's file, where its .bss will be, is
 * as that left it.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

/* HCR_EL2: guest's memory and interrupts are virtual; traps of WFI, WFE, SMC, memory registers */
#define HCR (1 << 31 | 1 << 26 | 1 << 19 | 1 << 14 | 1 << 13 | 7 << 3 | 1)

	ldr	x3, =IMAGE
	ldr	x1, [x3, #16]			/* image_size of its header */
	add	x1, x1, x3
	ldr	x2, =(IMAGE + ((IMAGE_BYTES + 7) & ~7))
1:	str	x2, [x2], #8
	cmp	x2, x1
	b.lo	1b
	ldr	x1, =(0x30d00800 | 1 << 25 | 3)	/* SCTLR_EL1: EE, A, M */
	msr	sctlr_el1, x1
	mov	x1, #0xf
	msr	s3_4_c12_c9_5, x1		/* ICC_SRE_EL2 */
	isb
	ldr	x1, =(7 << 10 | 1)		/* ICH_HCR_EL2: TALL1, TALL0, TC, En */
	msr	s3_4_c12_c11_0, x1
	msr	cnthctl_el2, xzr		/* the physical counter and timer are trapped */
	ldr	x1, =0x123456789
	msr	cntvoff_el2, x1
	msr	vpidr_el2, x1
	msr	vmpidr_el2, x1
	msr	vttbr_el2, x1
	ldr	x1, =HCR
	msr	hcr_el2, x1
	isb
	br	x3
