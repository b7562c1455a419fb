/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of virtual memory in a process of Linux.
 *
 * All of the kernel lies at addresses of the process, above those of users, which are no addresses
 * of the process at all: they have a meaning for the hosted MMU alone (mmu.h).
 *
 *	KIMAGE_BASE	the program itself
 *	PAGE_OFFSET	all of "physical" memory, which is one file in memory of the host
 *	VMAP_BASE	stacks with guard pages: parts of that file once more
 *
 * All of it lies in the 38 bits that a process has on a host with Sv39; in a test of the host's,
 * which has a sanitizer with a shadow of its own there, above that. The program lies below the
 * rest, so that the offset of another CPU's variables is positive.
 *
 * Also included by the linker script.
 */
#pragma once

#define KIMAGE_BASE 0x0000002100000000

#if defined(__SANITIZE_ADDRESS__) && !defined(CONFIG_ASAN)
#define PAGE_OFFSET 0x0000680000000000
#define VMAP_BASE   0x0000690000000000
#else
#define PAGE_OFFSET 0x0000002800000000
#define VMAP_BASE   0x0000003000000000
#endif

#define LINEAR_MAP_SIZE 0x0000000400000000
#define VMAP_SIZE	0x0000000800000000

/* A hole follows, up to the program. */
#define ARCH_USER_END 0x0000002000000000
