/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware without PSCI whose CPUs all wait at one and the same release address, as Arm's models
 * have it: who gives it a value starts all of them at once. PSCI starts them, and the device tree
 * does not say so.
 */
#define IMAGE	0x42000000 /* where the row has it loaded */
#define RELEASE 0x40088000 /* in what the row reserves, as this is */
#define CPUS	4

	mov	x20, x0
	ldr	x0, =RELEASE
	str	xzr, [x0]
	dsb	sy
	mov	x21, #1
1:	ldr	x0, =0xc4000003		/* PSCI: CPU_ON */
	mov	x1, x21
	adr	x2, wait
	hvc	#0
	add	x21, x21, #1
	cmp	x21, #CPUS
	b.ne	1b
	mov	x0, x20
	ldr	x1, =IMAGE
	br	x1

wait:	ldr	x0, =RELEASE
2:	wfe
	ldr	x1, [x0]
	cbz	x1, 2b
	br	x1
