/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own in boot_check: physical memory is an area of the process. */
#pragma once

#include <lib/types.h>

#define PAGE_SIZE 4096UL

extern u8 *memory;

static inline void *__va(phys_addr_t pa)
{
	return memory + pa;
}
