/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of kernel virtual memory, within the top 256 GiB: the kernel half of Sv39 (RISC-V
 * Privileged Architecture 1.12, section 4.4.1), which is also a part of that of Sv48 (4.5.1), so
 * that one link address serves both.
 *
 *	ffffffd000000000  VMAP: stacks, device registers, 16 GiB
 *	ffffffd400000000  what is read before the final tables exist (early_map())
 *	ffffffd600000000  a frame buffer, until then
 *	ffffffd800000000  linear map, 156 GiB of memory from where linear_map_offset says
 *	ffffffff80000000  the image, at most KIMAGE_MAX
 *
 * Also included by assembly and by the linker script.
 */
#pragma once

#define VMAP_BASE	  0xffffffd000000000
#define VMAP_SIZE	  0x0000000400000000
#define EARLY_BASE	  0xffffffd400000000
#define EARLY_SCREEN_BASE 0xffffffd600000000
#define LINEAR_MAP_START  0xffffffd800000000
#define LINEAR_MAP_SPAN	  0x0000002700000000
#define KIMAGE_BASE	  0xffffffff80000000

/* The image at most, .bss included: boot.S maps it by pages of 4 KiB, this many tables of them. */
#define BOOT_IMAGE_TABLES 8
#define KIMAGE_MAX	  (BOOT_IMAGE_TABLES * 0x200000)

/* The lower half of Sv39, also where the hart has Sv48. */
#define ARCH_USER_END 0x0000004000000000

#ifndef __ASSEMBLY__
/*
 * From physical memory to the linear map. LINEAR_MAP_START, unless the image lies above what that
 * reaches: then less by what lies below the image. Constant from the beginning of arch_discover().
 */
extern unsigned long linear_map_offset;
#define PAGE_OFFSET linear_map_offset

/* Physical memory from this address on does not fit into the linear map, nor does what is below. */
#define LINEAR_MAP_SIZE	  (LINEAR_MAP_START + LINEAR_MAP_SPAN - PAGE_OFFSET)
#define LINEAR_MAP_LOWEST (LINEAR_MAP_START - PAGE_OFFSET)
#endif
