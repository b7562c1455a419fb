/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: layout of the kernel half of virtual memory. Also read by assembler and linker script. */
#pragma once

#define KIMAGE_LINK_PHYS 0x2000000	    /* 32 MiB; a multiple of 2 MiB */
#define KIMAGE_BASE	 0xffffffff82000000 /* in the top 2 GiB, as -mcmodel=kernel wants */
#define PAGE_OFFSET	 0xffff888000000000
#define LINEAR_MAP_SIZE	 0x0000400000000000 /* 64 TiB */
#define FIRMWARE_BASE	 0xffffc88000000000 /* what firmware wrote, while it is read: setup.c */
#define FIRMWARE_SIZE	 0x0000008000000000 /* an entry of the root */
#define VMAP_BASE	 0xffffc90000000000
#define VMAP_SIZE	 0x0000010000000000 /* 1 TiB */

/* The lower half of 48 bits, less its last page (which instructions would run out of). */
#define ARCH_USER_END 0x00007ffffffff000

/* The image at most, .bss included: boot.S maps it by pages of 4 KiB, this many tables of them. */
#define BOOT_IMAGE_TABLES 8
#define KIMAGE_MAX	  (BOOT_IMAGE_TABLES * 0x200000)

/* boot.S cannot include kernel/panic.h; setup.c checks that this is KERNEL_STACK_SIZE. */
#define BOOT_STACK_SIZE 16384

/* Segment selectors, the same in the boot GDT and in each CPU's own. */
#define SEL_CODE   0x08
#define SEL_DATA   0x10
#define SEL_CODE32 0x18 /* boot GDT only */
#define SEL_TSS	   0x18 /* each CPU's GDT only; two slots */
