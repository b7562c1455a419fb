/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot page tables, built with the MMU off: the image at KIMAGE_BASE, and of the linear map as
 * much as is needed to read the device tree; the rest of memory is added when the tree was read,
 * so that nothing is mapped which is not known to be memory (a CPU may read ahead anywhere in what
 * is mapped cacheable). Leaves are of 1 GiB, so up to 1 GiB behind the end of memory is mapped too.
 *
 * In boot_map_build() every address is physical. That holds for what is addressed relative to the
 * TOC pointer, so it may touch only objects of this file, and must not use a pointer that the
 * linker wrote.
 */
#include <arch/mmu.h>
#include <asm/opal.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <mm/address.h>

#include "port.h"

#define GIB		  (1UL << 30)
#define IMAGE_PAGES_MAX	  4096 /* as asserted in the linker script */
#define LINEAR_TABLES_MAX 16   /* of 512 GiB each */
#define TABLE_ENTRIES	  512
#define BOOT_LEAF_RW	  (PTE_KERNEL_LEAF | PTE_READ | PTE_WRITE)

/*
 * A root has 2^13 entries, and every table is aligned to its size (Book III, "Radix Tree
 * Translation").
 */
static pteval_t boot_root[1 << RADIX_INDEX_TOP] __aligned(1 << (RADIX_INDEX_TOP + 3));
static pteval_t guard_root[1 << RADIX_INDEX_TOP] __aligned(1 << (RADIX_INDEX_TOP + 3));
static pteval_t image_level2[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t image_level1[TABLE_ENTRIES] __aligned(PAGE_SIZE);
static pteval_t image_level0[IMAGE_PAGES_MAX] __aligned(PAGE_SIZE);
static pteval_t linear_tables[LINEAR_TABLES_MAX][TABLE_ENTRIES] __aligned(PAGE_SIZE);
static u32 linear_index[LINEAR_TABLES_MAX]; /* entry of the root that points to the table */
static u32 nr_linear;

struct table_entry process_table[PAGE_SIZE / sizeof(struct table_entry)] __aligned(PAGE_SIZE);
struct table_entry partition_table[PAGE_SIZE / sizeof(struct table_entry)] __aligned(PAGE_SIZE);
u64 boot_ptcr; /* for boot.S */
phys_addr_t boot_fdt;
struct opal_entry opal;

static phys_addr_t image_phys;

/* Physical address of an object of this file, with the MMU off or on. */
static phys_addr_t phys_of(const void *p)
{
	u64 addr = (u64)p;

	return addr >= KIMAGE_BASE ? addr - KIMAGE_BASE + image_phys : addr;
}

static u32 root_index(u64 va)
{
	return (va >> pgtable_shift(RADIX_LEVELS - 1)) & ((1 << RADIX_INDEX_TOP) - 1);
}

/* Map the gibibyte that @pa is in. */
static int linear_map_gib(phys_addr_t pa)
{
	u32 index = root_index(pa), i;

	for (i = 0; i < nr_linear && linear_index[i] != index; i++)
		;
	if (i == LINEAR_TABLES_MAX)
		return -ENOSPC;
	if (i == nr_linear) {
		linear_index[nr_linear++] = index;
		boot_root[index] = pte_make_table(phys_of(linear_tables[i]), RADIX_LEVELS - 1);
	}
	linear_tables[i][(pa / GIB) % TABLE_ENTRIES] = BOOT_LEAF_RW | ALIGN_DOWN(pa, GIB);
	return 0;
}

void boot_map_build(phys_addr_t image, phys_addr_t fdt, u64 opal_base, u64 opal_entry)
{
	u64 pages = (__image_end - __image_start) / PAGE_SIZE;
	u64 root = phys_of(boot_root) | RTS_52_BITS | RADIX_INDEX_TOP;

	image_phys = image;
	boot_fdt = fdt;
	opal.base = opal_base;
	opal.entry = opal_entry;

	linear_map_gib(0); /* the interrupt vectors */
	linear_map_gib(image);
	linear_map_gib(fdt);
	linear_map_gib(fdt + BOOT_FDT_MAX);
	boot_root[root_index(KIMAGE_BASE)] = pte_make_table(phys_of(image_level2), 3);
	image_level2[0] = pte_make_table(phys_of(image_level1), 2);
	for (u64 i = 0; i < pages; i += TABLE_ENTRIES)
		image_level1[i / TABLE_ENTRIES] = pte_make_table(phys_of(&image_level0[i]), 1);
	for (u64 i = 0; i < pages; i++)
		image_level0[i] = BOOT_LEAF_RW | PTE_EXEC | (image + i * PAGE_SIZE);

	process_table[0].dw0 = root;
	process_table[GUARD_PID].dw0 = phys_of(guard_root) | RTS_52_BITS | RADIX_INDEX_TOP;
	partition_table[0].dw0 = PATE_HR | root;
	/* The low bits of a table's address are log2 of its size, less 12: here 0. */
	partition_table[0].dw1 = phys_of(process_table);
	boot_ptcr = phys_of(partition_table);
}

int boot_map_memory(phys_addr_t base, u64 size)
{
	int err = 0;

	for (phys_addr_t pa = ALIGN_DOWN(base, GIB); !err && pa < base + size; pa += GIB)
		err = base + size > KIMAGE_BASE - PAGE_OFFSET ? -ENOSPC : linear_map_gib(pa);
	if (err)
		pr_err("memory at %llx is beyond what the boot page tables can map\n",
		       (unsigned long long)base);
	__asm__ __volatile__("ptesync; isync" : : : "memory");
	return err;
}
