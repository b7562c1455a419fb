/* SPDX-License-Identifier: GPL-2.0-only */
/* A loader without firmware at EL3: the kernel is entered there. */
#define IMAGE 0x42000000 /* where the row has it loaded */
#define TREE  0x40000000 /* where QEMU leaves the device tree for what is in the flash */

	mrs	x1, mpidr_el1
	ands	x1, x1, #0xffffff
1:	b.eq	2f				/* all start here: the others wait for ever */
	wfi
	b	1b
2:	ldr	x0, =TREE
	ldr	x1, =IMAGE
	br	x1
