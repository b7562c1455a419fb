/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel virtual memory, all of it in TTBR1's half of a 48-bit space:
 *
 *   ffff0000_00000000  linear map, 128 TiB (PAGE_OFFSET)
 *   ffff8000_10000000  the image (KIMAGE_BASE)
 *   ffff8000_c0000000  devices used before the final page tables exist (EARLY_DEVICE_BASE)
 *   ffff8000_d0000000  a frame buffer, until then too (EARLY_SCREEN_BASE)
 *   ffff8001_00000000  stacks and device registers (VMAP_BASE)
 */
#pragma once

#define PAGE_OFFSET	  0xffff000000000000
#define LINEAR_MAP_SIZE	  0x0000800000000000
#define KIMAGE_BASE	  0xffff800010000000
#define EARLY_DEVICE_BASE 0xffff8000c0000000
#define EARLY_SCREEN_BASE 0xffff8000d0000000
#define VMAP_BASE	  0xffff800100000000
#define VMAP_SIZE	  0x0000001000000000

/* TTBR0's half, as VA_TSZ below says. */
#define ARCH_USER_END 0x0001000000000000

/* The image at most, .bss included: boot.S maps it by pages of 4 KiB, this many tables of them. */
#define BOOT_L3_TABLES 8
#define KIMAGE_MAX     (BOOT_L3_TABLES * 0x200000)

/* TCR_EL1.T0SZ and T1SZ: 64 less the bits of an address. */
#define VA_TSZ (64 - 48)
