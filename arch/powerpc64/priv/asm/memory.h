/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of virtual memory. All of it lies in quadrant 3, which is translated with PID 0 whatever
 * PIDR holds; quadrant 0, the user's, is translated with the PID in PIDR (Power ISA 3.0B, Book III,
 * "Radix Tree Translation"). Within a quadrant 52 bits count. Read by the linker script too, hence
 * no suffixes.
 */
#pragma once

#define PAGE_OFFSET	0xc000000000000000
#define LINEAR_MAP_SIZE 0x0008000000000000
#define KIMAGE_BASE	0xc008000000000000
#define VMAP_BASE	0xc00a000000000000
#define VMAP_SIZE	0x0000010000000000

/* Of quadrant 0 this much is used; 52 bits could be. */
#define ARCH_USER_END 0x0000800000000000

/*
 * What PIDR holds: a process without memory. PID 0 would let quadrant 0, where the null pointer is,
 * see the same as quadrant 3.
 */
#define GUARD_PID 1
