/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel at EL2 with FEAT_VHE leaves when it starts another by kexec after a guest ran: E2H
 * and TGE set, the guest's MMU on in SCTLR_EL12, traps of its own in the layouts that E2H gives the
 * registers, and the guest's counter offset.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

	ldr	x1, =(1 << 34 | 1 << 31 | 1 << 27)	/* HCR_EL2: E2H, RW, TGE */
	msr	hcr_el2, x1
	isb
	ldr	x1, =0x30d01805			/* M, C, I */
	msr	s3_5_c1_c0_0, x1		/* SCTLR_EL12 */
	msr	cptr_el2, xzr			/* floating point is trapped */
	msr	cnthctl_el2, xzr		/* the physical counter is trapped */
	ldr	x1, =0x123456789
	msr	cntvoff_el2, x1
	isb
	ldr	x1, =IMAGE
	br	x1
