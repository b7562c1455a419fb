/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What petitboot's kexec leaves: its kernel was little-endian, and took its interrupts so; the next
 * one gets the device tree in r3 and its own address in r4, and of OPAL nothing but what the tree
 * says (Linux, arch/powerpc/kexec; skiboot, doc/opal-api/opal-reinit-cpus-70). The image stands
 * where QEMU puts an initial RAM disk.
 */
#define OPAL_REINIT_CPUS       70
#define OPAL_REINIT_CPUS_LE    (1 << 1)
#define INITRD_LOAD_ADDR_HIGH  0x2800

	.text
	mr	28, 3
	mr	30, 9
	mr	2, 8
	li	0, OPAL_REINIT_CPUS
	li	3, OPAL_REINIT_CPUS_LE
	mtctr	30
	bctrl
	mr	3, 28
	lis	4, INITRD_LOAD_ADDR_HIGH
	li	5, 0
	li	8, 0
	li	9, 0
	mtctr	4
	bctr
