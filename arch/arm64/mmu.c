/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables: registers that must be reachable early, and TLB maintenance. */
#include <arch/mmu.h>
#include <arch/pgtable_user.h>
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <drivers/watchdog.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "port.h"

#define EARLY_DEVICES 4
static struct early_device *early_devices[EARLY_DEVICES];
static unsigned int nr_early_devices;

pteval_t *arch_boot_root(void)
{
	return boot_l0;
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
	if (screen_console_map(kmap_framebuffer))
		return -ENOMEM;
	return watchdogs_map(&uart_mmio, ioremap);
}

void arch_mmu_activate(phys_addr_t root)
{
	boot_use_root(root);
	for (unsigned int i = 0; i < nr_early_devices; i++)
		early_devices[i]->base = early_devices[i]->final;
	screen_console_activate();
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
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size)
{
	/* Arm ARM DDI 0487, D8.14 "TLB maintenance": the store of the entry before the TLBI ... */
	arm64_dsb(ishst);
	/* ... any ASID, all levels, inner shareable, VA[55:12] in bits 43:0 ... */
	for (unsigned long end = va + size; va < end; va += PAGE_SIZE)
		__asm__ __volatile__("tlbi vaae1is, %0"
				     :
				     : "r"(va >> 12 & 0xfffffffffffUL)
				     : "memory");
	/* ... which is complete on every CPU after a DSB, and here for fetches after an ISB. */
	tlbi_wait_all();
}
