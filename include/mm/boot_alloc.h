/* SPDX-License-Identifier: GPL-2.0-only */
/* The boot-time allocator: mm/boot_alloc.c. */
#pragma once

#include <lib/types.h>

struct phys_range;

/* Take memory over from boot_info. -ENOMEM (printed) when less than the minimum is left. */
int boot_alloc_init(void);

/*
 * Zeroed memory in the linear map, kept for good. @align a power of two. NULL when there is none.
 * From page_alloc_init() on: whole pages of the page allocator.
 * Context: boot CPU, or a test on CPU 0.
 */
void *boot_alloc(size_t size, size_t align);
/* Give back what boot_alloc() has just given. Before page_alloc_init() it is lost instead. */
void boot_free(void *p, size_t size);

/* One range of what is left, for the page allocator; false when there is no more. Boot CPU. */
bool boot_alloc_hand_over(struct phys_range *r);
/* Zeroed pages, and their end, from who has taken that over. Set once by page_alloc_init(). */
extern void *(*boot_alloc_pages)(size_t size, size_t align);
extern void (*boot_free_pages)(void *p, size_t size);
/* What there was to begin with. */
u64 boot_alloc_total_bytes(void);
