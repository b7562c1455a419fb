/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the image lies, and what is where in the linear map. */
#pragma once

#include <arch/mmu.h>
#include <arch/setup.h>
#include <lib/types.h>

/* Linker symbols: the image and its parts, page-aligned. */
extern char __image_start[], __image_end[];
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __data_end[]; /* .data, .percpu and .bss */

static inline bool addr_in_image(unsigned long va)
{
	return va >= (unsigned long)__image_start && va < (unsigned long)__image_end;
}

/* Physical address of an object in the image or in the linear map. */
static inline phys_addr_t __pa(const volatile void *p)
{
	unsigned long va = (unsigned long)p;

	if (addr_in_image(va))
		return va - (unsigned long)__image_start + kimage_phys;
	return va - PAGE_OFFSET;
}

/* Linear-map address of physical memory. */
static inline void *__va(phys_addr_t pa)
{
	return (void *)(unsigned long)(pa + PAGE_OFFSET);
}
