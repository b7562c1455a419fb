/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot page tables, built with the MMU off: the image at KIMAGE_BASE, and one page more. The
 * rest is added as it becomes known: mm/boot_map.c.
 *
 * In boot_tables_build() every address is physical. That holds for what is addressed relative to
 * the TOC pointer, so it may touch only objects of this file, and must not use a pointer that the
 * linker wrote.
 */
#include <arch/mmu.h>
#include <asm/opal.h>
#include <mm/address.h>
#include <mm/pgtable.h>

#include "port.h"

#define IMAGE_PAGES_MAX 4096 /* as asserted in the linker script */
#define TABLE_ENTRIES	512
#define BOOT_LEAF	(PTE_KERNEL_LEAF | PTE_READ | PTE_WRITE | PTE_EXEC)

/*
 * A root has 2^13 entries, and every table is aligned to its size (Book III, "Radix Tree
 * Translation").
 */
static pteval_t boot_root[1 << RADIX_INDEX_TOP] __aligned(1 << (RADIX_INDEX_TOP + 3));
static pteval_t guard_root[1 << RADIX_INDEX_TOP] __aligned(1 << (RADIX_INDEX_TOP + 3));
static pteval_t linear_level2[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t linear_level1[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t linear_level0[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t image_level2[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t image_level1[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t image_level0[IMAGE_PAGES_MAX] __aligned(PAGE_SIZE);

struct table_entry process_table[PAGE_SIZE / sizeof(struct table_entry)] __aligned(PAGE_SIZE);
struct table_entry partition_table[PAGE_SIZE / sizeof(struct table_entry)] __aligned(PAGE_SIZE);
u64 boot_ptcr; /* for boot.S */
phys_addr_t boot_fdt;
struct opal_entry opal;

/* Physical address of an object of this file, be its own address made here or by the linker. */
static phys_addr_t phys_of(const void *p, phys_addr_t image)
{
	u64 addr = (u64)p;

	return addr >= KIMAGE_BASE ? addr - KIMAGE_BASE + image : addr;
}

/*
 * The process table is reached by the tree of partition 0, at its real address (Book III, "Radix
 * Tree Translation": Process Table Entry address): that page of the linear map must be there first.
 */
static void linear_map_page(phys_addr_t pa, phys_addr_t image)
{
	unsigned long va = PAGE_OFFSET + pa;

	boot_root[pgtable_index(va, 3)] = pte_make_table(phys_of(linear_level2, image), 3);
	linear_level2[pgtable_index(va, 2)] = pte_make_table(phys_of(linear_level1, image), 2);
	linear_level1[pgtable_index(va, 1)] = pte_make_table(phys_of(linear_level0, image), 1);
	linear_level0[pgtable_index(va, 0)] = pte_make_leaf(pa, 0, PROT_KERNEL_RW);
}

void boot_tables_build(phys_addr_t image, phys_addr_t fdt, u64 opal_base, u64 opal_entry)
{
	u64 pages = (__image_end - __image_start) / PAGE_SIZE;
	u64 root = phys_of(boot_root, image) | RTS_52_BITS | RADIX_INDEX_TOP;

	boot_fdt = fdt;
	opal.base = opal_base;
	opal.entry = opal_entry;

	boot_root[pgtable_index(KIMAGE_BASE, 3)] = pte_make_table(phys_of(image_level2, image), 3);
	image_level2[0] = pte_make_table(phys_of(image_level1, image), 2);
	for (u64 i = 0; i < pages; i += TABLE_ENTRIES)
		image_level1[i / TABLE_ENTRIES] =
			pte_make_table(phys_of(&image_level0[i], image), 1);
	for (u64 i = 0; i < pages; i++)
		image_level0[i] = BOOT_LEAF | (image + i * PAGE_SIZE);

	linear_map_page(phys_of(process_table, image), image);
	process_table[0].dw0 = root;
	process_table[GUARD_PID].dw0 = phys_of(guard_root, image) | RTS_52_BITS | RADIX_INDEX_TOP;
	partition_table[0].dw0 = PATE_HR | root;
	/* The low bits of a table's address are log2 of its size, less 12: here 0. */
	partition_table[0].dw1 = phys_of(process_table, image);
	boot_ptcr = phys_of(partition_table, image);
}

pteval_t *arch_boot_root(void)
{
	return boot_root;
}
