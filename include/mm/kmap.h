/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's own address space, and mappings made on demand: mm/kmap.c. */
#pragma once

#include <lib/framebuffer.h>
#include <lib/types.h>

extern phys_addr_t kernel_root; /* set by kmap_init(), constant after */

/* Build the final tables: image by section, linear map of all memory. 0 or -ENOMEM. */
int kmap_init(void);

/*
 * Map device registers. Returns their address (with the offset in the page), or NULL (printed).
 * Only after kmap_init(): what a port needs earlier (the console) it maps in its boot tables.
 */
void *ioremap(phys_addr_t pa, size_t size);

/* The same of a frame buffer, written as fast as the machine can. */
void *kmap_framebuffer(const struct framebuffer *fb);

/*
 * A stack of KERNEL_STACK_SIZE with an unmapped page below and above.
 * Returns its top, or NULL; the guard page is at top - KERNEL_STACK_SIZE - PAGE_SIZE.
 */
void *stack_alloc(void);
