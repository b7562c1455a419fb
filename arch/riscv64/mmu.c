/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching page tables and invalidating translations. sfence.vma acts on the hart that runs it;
 * for the others the firmware is asked (SBI 2.0, chapter 8), which interrupts them in machine mode,
 * so also while they have interrupts disabled.
 */
#include <arch/barrier.h>
#include <arch/mmu.h>
#include <asm/sfence.h>
#include <drivers/screen.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/compiler.h>
#include <mm/boot_map.h>

#include "port.h"

/* Set by boot.S. */
u64 satp_mode;
u64 pte_memory;

static bool tables_final;

pteval_t *arch_boot_root(void)
{
	return satp_mode == SATP_MODE_SV48 ? boot_table_root : boot_table_giga;
}

void *early_map(phys_addr_t pa, u64 size, enum pgprot prot)
{
	static unsigned long next = EARLY_BASE;
	phys_addr_t page = ALIGN_DOWN(pa, PAGE_SIZE);
	u64 len = ALIGN_UP(pa + size, PAGE_SIZE) - page;
	unsigned long va = next;

	if (boot_map(va, page, len, prot))
		return NULL;
	next += len;
	return (void *)(va + (pa - page));
}

u64 mmu_satp(phys_addr_t root)
{
	return satp_mode << SATP_MODE_SHIFT | root >> PAGE_SHIFT;
}

phys_addr_t mmu_current_root(void)
{
	/* The physical page number is the low 44 bits. */
	return (csr_read(satp) & ((1UL << 44) - 1)) << PAGE_SHIFT;
}

bool mmu_is_final(void)
{
	return tables_final;
}

/*
 * Privileged Architecture 1.12, section 4.2.1: the first sfence.vma puts the stores to the new
 * tables before the walks that the write to satp starts; the second drops what was cached of the
 * old. Both trees map the image, the linear map and the stack alike. tests: pgtable.*
 */
void arch_mmu_activate(phys_addr_t root)
{
	riscv_sfence_vma_all();
	csr_write(satp, mmu_satp(root));
	riscv_sfence_vma_all();
	tables_final = true;
	screen_console_activate();
}

/*
 * A hart may have cached that the entry was invalid (section 4.2.1). To interrupt all of them for
 * each new page makes the start of many harts slow, so the others find out when they fault:
 * mmu_fault_is_stale(). That cannot serve for the stack which the trap frame goes to, and need not:
 * a hart is started after its stack was mapped, and begins with a full sfence.vma (boot.S).
 *
 * Of all addresses, here and below: what was invalid may have been the entry of a table, and with
 * an address sfence.vma orders leaf entries only (same section).
 */
void arch_mmu_sync_new_mapping(unsigned long va)
{
	riscv_sfence_vma_all();
}

/*
 * Interrupts may be disabled; firmware's call returns when every hart is done. Serves new stacks
 * too (kernel/thread.c), hence the tables above the page are meant as well.
 */
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size)
{
	struct sbi_ret r;

	/*
	 * mb: pairs with the interrupt that firmware sends; orders the store to the entry before
	 * the other harts' sfence.vma; tests: pgtable.*
	 */
	mb();
	riscv_sfence_vma_all();
	if (smp_nr_online() < 2)
		return;
	/* Mask base -1: every hart of this domain that was started. Start and size 0: all. */
	r = sbi_call(SBI_EXT_RFENCE, SBI_RFENCE_VMA, 0, -1UL, 0, 0);
	BUG_IF(r.error, "remote sfence.vma: SBI error %ld", r.error);
}
