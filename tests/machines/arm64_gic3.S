/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entered out of the handler of a former kernel: its private interrupts of the GICv3 are active and
 * pending, and the CPU interface runs at the priority of one that was never ended.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

	ldr	x1, =0x080b0000			/* SGI page of the first redistributor */
	mov	w2, #-1
	str	w2, [x1, #0x300]		/* ISACTIVER0 */
	str	w2, [x1, #0x200]		/* ISPENDR0 */
	mrs	x1, CurrentEL
	cmp	x1, #2 << 2
	b.ne	1f
	mov	x1, #0xf
	msr	s3_4_c12_c9_5, x1		/* ICC_SRE_EL2 */
	isb
	mrs	x1, s3_0_c12_c12_5		/* ICC_SRE_EL1: SRE */
	orr	x1, x1, #1
	msr	s3_0_c12_c12_5, x1
	isb
	mov	x1, #1
	msr	s3_0_c12_c9_0, x1		/* ICC_AP1R0_EL1: the most urgent is active */
	isb
1:
	ldr	x1, =IMAGE
	br	x1
