/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel virtual memory: conversions, the boot-time allocator, mappings made on demand. */
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

/* ---- boot-time allocator (mm/boot_alloc.c) ---- */

/* Take memory over from boot_info. -ENOMEM (printed) when less than the minimum is left. */
int boot_alloc_init(void);
struct phys_range;
/* Sort ranges, join those that overlap or touch. Returns how many are left. */
unsigned int boot_ranges_merge(struct phys_range *r, unsigned int n);

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

/* ---- the kernel's own page tables (mm/kmap.c) ---- */

extern phys_addr_t kernel_root; /* set by kmap_init(), constant after */

/* Build the final tables: image by section, linear map of all memory. 0 or -ENOMEM. */
int kmap_init(void);

/*
 * Map device registers. Returns their address (with the offset in the page), or NULL (printed).
 * Only after kmap_init(): what a port needs earlier (the console) it maps in its boot tables.
 */
void *ioremap(phys_addr_t pa, size_t size);

/*
 * A stack of KERNEL_STACK_SIZE with an unmapped page below and above.
 * Returns its top, or NULL; the guard page is at top - KERNEL_STACK_SIZE - PAGE_SIZE.
 */
void *stack_alloc(void);

/* ---- generic page-table code (mm/pgtable.c) ---- */

/*
 * Map [va, va+size) to [pa, pa+size) in the tables at @root with the largest leaves that fit.
 * New tables come from boot_alloc(). -ENOMEM, or -EEXIST if something is mapped there.
 */
int pgtable_map(phys_addr_t root, unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot);

/*
 * Look @va up. Returns the leaf's level, or -ENOENT; *pte gets the entry.
 */
int pgtable_lookup(phys_addr_t root, unsigned long va, pteval_t *pte);

/* A zeroed root table, from boot_alloc(). 0 if there is no memory. */
phys_addr_t pgtable_create(void);

/*
 * Make the tables that the entries of @root for [va, va+size) point to, so that these entries never
 * change again and may be copied into other roots. Boot CPU. 0 or -ENOMEM.
 */
int pgtable_reserve(phys_addr_t root, unsigned long va, u64 size);

/* A zeroed root table for a user address space, and its end. 0 without memory. May sleep. */
phys_addr_t pgtable_root_alloc(void);
void pgtable_root_free(phys_addr_t root);
