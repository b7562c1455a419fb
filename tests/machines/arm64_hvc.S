/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device tree, at x0, that says "hvc" where QEMU wrote "smc": it does not leave /psci to others.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */
#define SMC   0x00636d73 /* the strings, with their zeros */
#define HVC   0x00637668

	ldr	w2, =SMC
	ldr	w3, =HVC
	mov	x1, x0
1:	ldr	w4, [x1], #4
	cmp	w4, w2
	b.ne	1b
	str	w3, [x1, #-4]
	ldr	x1, =IMAGE
	br	x1
