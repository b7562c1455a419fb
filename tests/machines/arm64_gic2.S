/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entered out of the handler of a former kernel: its interrupts of the GICv2, among them the
 * software-generated ones that this one uses, are active and pending. And the clock's alarm is on,
 * whose line stays up until somebody answers it.
 */
#define IMAGE 0x42000000 /* where the row has it loaded */

	ldr	x1, =0x08000000			/* GICD */
	mov	w2, #-1
	str	w2, [x1, #0x300]		/* ISACTIVER0 */
	str	w2, [x1, #0x200]		/* ISPENDR0 */
	mov	w2, #0x01010101
	str	w2, [x1, #0xf20]		/* SPENDSGIR0 */
	mov	w2, #1 << 2
	str	w2, [x1, #0x104]		/* ISENABLER1: interrupt 34, the PL031's */
	mov	w2, #0x010000
	str	w2, [x1, #0x820]		/* ITARGETSR8: to CPU 0 */
	ldr	x1, =0x09010000			/* PL031 */
	ldr	w2, [x1]
	str	w2, [x1, #0x4]			/* RTCMR: now */
	mov	w2, #1
	str	w2, [x1, #0x10]			/* RTCIMSC */
	ldr	x1, =IMAGE
	br	x1
