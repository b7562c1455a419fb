/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables: the boot tables' second half, and TLB maintenance.
 *
 * boot.S maps the image and nothing else. Memory and the console are added here as the device tree
 * names them, so that no CPU ever has a cacheable mapping of an address at which there is no
 * memory: a processor may read such a mapping speculatively, and real machines do not forgive it.
 */
#include <arch/mmu.h>
#include <arch/pgtable_user.h>
#include <drivers/uart.h>
#include <drivers/watchdog.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/kmap.h>

#include "port.h"

/*
 * Tables for boot_map(); a range of memory needs at most four when its ends are ragged, and two if
 * its neighbour lies in the same gibibyte: enough for some sixty pieces.
 */
#define BOOT_POOL 128
static u64 boot_pool[BOOT_POOL][512] __aligned(PAGE_SIZE);
static unsigned int boot_pool_used;

#define EARLY_DEVICES 4
static struct early_device *early_devices[EARLY_DEVICES];
static unsigned int nr_early_devices;

/* A boot table's address in the image, where all of them are. */
static u64 *boot_table(phys_addr_t table)
{
	return (u64 *)(__image_start + (table - kimage_phys));
}

static u64 *boot_table_below(u64 *entry, unsigned int level)
{
	if (!pte_present(*entry)) {
		if (boot_pool_used == BOOT_POOL)
			return NULL;
		/* The zeroed pool; pairs with the walker's dependency; tests: litmus.MP+wmb+addr */
		wmb();
		WRITE_ONCE(*entry, pte_make_table(__pa(boot_pool[boot_pool_used++]), level));
	}
	return boot_table(pte_phys(*entry));
}

int boot_map(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot)
{
	while (size) {
		unsigned int level = pgtable_levels() - 1;
		u64 *table = boot_l0, *entry;
		u64 span, step;

		for (;; level--) {
			span = 1ULL << pgtable_shift(level);
			entry = &table[va >> pgtable_shift(level) & 511];
			if (pte_present(*entry) && pte_is_leaf(*entry, level))
				break;
			if (!pte_present(*entry) && pgtable_leaf_ok(level) && size >= span &&
			    IS_ALIGNED(va | pa, span)) {
				WRITE_ONCE(*entry, pte_make_leaf(pa, level, prot));
				break;
			}
			table = boot_table_below(entry, level);
			if (!table)
				return -ENOMEM;
		}
		step = MIN(size, span - (va & (span - 1)));
		va += step;
		pa += step;
		size -= step;
	}
	arch_mmu_sync_new_mapping(va);
	return 0;
}

int early_ioremap(struct early_device *d, phys_addr_t pa, u64 size)
{
	phys_addr_t page = ALIGN_DOWN(pa, PAGE_SIZE);
	unsigned long va = EARLY_DEVICE_BASE + nr_early_devices * PAGE_SIZE;
	int err;

	if (nr_early_devices == EARLY_DEVICES)
		return -ENOSPC;
	if (pa + size > page + PAGE_SIZE)
		return -EINVAL;
	err = boot_map(va, page, PAGE_SIZE, PROT_DEVICE);
	if (err)
		return err;
	d->pa = pa;
	d->size = size;
	d->base = (char *)va + (pa - page);
	early_devices[nr_early_devices++] = d;
	return 0;
}

int arch_kmap_devices(void)
{
	for (unsigned int i = 0; i < nr_early_devices; i++) {
		early_devices[i]->final = ioremap(early_devices[i]->pa, early_devices[i]->size);
		if (!early_devices[i]->final)
			return -ENOMEM;
	}
	return watchdogs_map(&uart_mmio, ioremap);
}

void arch_mmu_activate(phys_addr_t root)
{
	boot_use_root(root);
	for (unsigned int i = 0; i < nr_early_devices; i++)
		early_devices[i]->base = early_devices[i]->final;
}

void arch_mmu_sync_new_mapping(unsigned long va)
{
	/*
	 * The entry's store before any walk that this CPU makes (Arm ARM DDI 0487, D8 "The AArch64
	 * Virtual Memory System Architecture", ordering of table walks). An absent entry is never
	 * in a TLB, so there is nothing to invalidate. Another CPU that learns of the mapping needs
	 * an ISB before its first use, unless it has FEAT_ETS: one that is started later has had
	 * it, and for new stacks slot_make() invalidates everywhere; tests: pgtable.stack_guards
	 */
	arm64_dsb(ishst);
	arm64_isb();
}

/* By broadcast: complete on every CPU of the inner shareable domain on return; no IPI is used. */
void arch_tlb_flush_kernel_page(unsigned long va)
{
	/* Arm ARM DDI 0487, D8.14 "TLB maintenance": the store of the entry before the TLBI ... */
	arm64_dsb(ishst);
	/* ... any ASID, all levels, inner shareable, VA[55:12] in bits 43:0 ... */
	__asm__ __volatile__("tlbi vaae1is, %0" : : "r"(va >> 12 & 0xfffffffffffUL) : "memory");
	/* ... which is complete on every CPU after a DSB, and here for fetches after an ISB. */
	tlbi_wait_all();
}
