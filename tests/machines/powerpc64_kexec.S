/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What petitboot's kexec leaves: its kernel was little-endian, and took its interrupts so; the next
 * one gets the device tree in r3 and its own address in r4, and of OPAL nothing but what the tree
 * says (Linux, arch/powerpc/kexec; skiboot, doc/opal-api/opal-reinit-cpus-70). The image stands
 * where QEMU puts an initial RAM disk. Memory behind its file, where its .bss will be, and what
 * bars a kernel from users' pages (AMR, as Linux's KUAP does), the process
 * and the guest that ran last are as they were left.
 */
#define SPR_AMR	  29
#define SPR_PID	  48
#define SPR_IAMR  61
#define SPR_LPCR  318
#define SPR_LPID  319
#define LPCR_LEFT 0x1800000 /* AIL: interrupts with translation on */
#define BSS_BYTES 0x400000
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
	lis	6, ((IMAGE_BYTES + 8) >> 16)
	ori	6, 6, ((IMAGE_BYTES + 8) & 0xfff8)
	add	6, 4, 6
	lis	7, (BSS_BYTES / 8) >> 16
	ori	7, 7, (BSS_BYTES / 8) & 0xffff
	mtctr	7
1:	std	6, 0(6)
	addi	6, 6, 8
	bdnz	1b
	li	5, -1
	mtspr	SPR_AMR, 5
	mtspr	SPR_IAMR, 5
	li	5, 42
	mtspr	SPR_PID, 5
	mtspr	SPR_LPID, 5
	mfspr	5, SPR_LPCR
	oris	5, 5, LPCR_LEFT >> 16
	mtspr	SPR_LPCR, 5
	li	5, 0
	li	8, 0
	li	9, 0
	mtctr	4
	bctr
