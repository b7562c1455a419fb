/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User address spaces: TTBR0_EL1 has the root and the ASID (Arm ARM DDI 0487, D17.2; TCR_EL1.A1 =
 * 0). The kernel's tables, in TTBR1, are global.
 *
 * Barriers of TLB maintenance (D8.14 "TLB maintenance"): a DSB before the TLBI, so that the store
 * to the entry is seen by walks after it; a DSB behind it to wait for the invalidation, and for
 * accesses that used the old translation, on every CPU that it reaches; an ISB for this CPU's own
 * later ones.
 */
#include <arch/pgtable_user.h>
#include <arch/translation.h>
#include <mm/address.h>
#include <mm/pgtable.h>

#include "port.h"

extern char boot_empty[]; /* boot.S: a table of a page, always empty */

/* ID_AA64MMFR0_EL1.ASIDBits; boot.S sets TCR_EL1.AS by it. */
unsigned int arch_asid_count(void)
{
	return (arm64_read_sysreg(id_aa64mmfr0_el1) >> 4 & 15) == 2 ? 1U << 16 : 1U << 8;
}

phys_addr_t arch_user_root_create(void)
{
	return pgtable_root_alloc();
}

void arch_user_root_free(phys_addr_t root)
{
	pgtable_root_free(root);
}

static u64 tlbi_asid(unsigned int asid)
{
	return (u64)asid << 48;
}

static u64 tlbi_page(unsigned int asid, unsigned long va)
{
	return tlbi_asid(asid) | (va >> PAGE_SHIFT & 0xfffffffffffUL);
}

/*
 * A walk is an observer of its own, for which a DMB orders nothing: it is sure to see a store that
 * a DSB with an ISB behind it separates from it (Arm ARM DDI 0487, D8 "The AArch64 Virtual Memory
 * System Architecture", ordering of table walks). Both kinds of access, since what was stored here
 * must be there for others before the walk looks; the ISB is arch_mm_switch()'s.
 *
 * dsb: pairs with the smp_mb() in flush_run() and that in tlb_batch_add();
 * tests: tlb.switch_race
 */
void arch_order_walks(unsigned int asid)
{
	arm64_dsb(ish);
}

void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	arm64_write_sysreg(root | tlbi_asid(asid), ttbr0_el1);
	arm64_isb();
	if (!asid)
		arch_tlb_flush_user_all_local(0);
}

/* Nothing was ever mapped in ASID 0. */
void arch_mm_switch_kernel(void)
{
	arm64_write_sysreg(__pa(boot_empty), ttbr0_el1);
	arm64_isb();
}

#define TLBI(op, val) __asm__ __volatile__("tlbi " #op ", %0" : : "r"(val) : "memory")

void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	arch_tlbi_begin();
	arch_tlbi_page(asid, va);
	arch_tlbi_end();
}

void arch_tlb_flush_user_all_local(unsigned int asid)
{
	arch_tlbi_begin();
	TLBI(aside1, tlbi_asid(asid));
	arch_tlbi_end();
}

void arch_tlb_flush_everything_local(void)
{
	arch_tlbi_begin();
	__asm__ __volatile__("tlbi vmalle1" : : : "memory");
	arch_tlbi_end();
}

void arch_tlb_flush_user_page(unsigned int asid, unsigned long va)
{
	arm64_dsb(ishst);
	TLBI(vale1is, tlbi_page(asid, va));
	tlbi_wait_all();
}

void arch_tlb_flush_user_all(unsigned int asid)
{
	arm64_dsb(ishst);
	TLBI(aside1is, tlbi_asid(asid));
	tlbi_wait_all();
}

void arch_tlb_flush_everything(void)
{
	arm64_dsb(ishst);
	__asm__ __volatile__("tlbi vmalle1is" : : : "memory");
	tlbi_wait_all();
}

/* An entry that was invalid is in no TLB; its store must be seen by the walk. */
void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	arm64_dsb(ishst);
	arm64_isb();
}

/* The TLB may hold the entry as it was when it permitted less. */
void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	arch_tlb_flush_user_page_local(asid, va);
}
