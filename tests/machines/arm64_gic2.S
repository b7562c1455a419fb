/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entered out of the handler of a former kernel: its interrupts of the GICv2, among them the
 * software-generated ones that this one uses, are active and pending.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

	ldr	x1, =0x08000000			/* GICD */
	mov	w2, #-1
	str	w2, [x1, #0x300]		/* ISACTIVER0 */
	str	w2, [x1, #0x200]		/* ISPENDR0 */
	mov	w2, #0x01010101
	str	w2, [x1, #0xf20]		/* SPENDSGIR0 */
	ldr	x1, =IMAGE
	br	x1
