/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a loader at EL1 may leave that had a system of its own: user pages are barred from it (PAN),
 * and data are big-endian with strict alignment, MMU off.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

	ldr	x1, =IMAGE
	ldr	x2, =(0x30d00800 | 1 << 25 | 1 << 1)	/* SCTLR_EL1: EE, A */
	.inst	0xd500419f			/* msr pan, #1 */
	msr	sctlr_el1, x2
	isb
	br	x1
