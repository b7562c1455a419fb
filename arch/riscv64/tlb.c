/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a hart has cached of the tables: dropped for user address spaces, and found out to be behind
 * the tables when it faults. Sections are of the Privileged Architecture 1.12.
 *
 * A hart may cache an entry that is not valid, at any level (4.3.2: the results of the walk's reads
 * "may be held" in a cache, whatever they are; 4.2.1), and a new entry or table is then not seen
 * until an SFENCE.VMA that covers its level. Few harts do. So nothing is done for each new page,
 * and who faults although the tables permit the access is brought up to date:
 *
 *	page fault	the tables do not permit the access	it is real: to the fault handler
 *			they do: mmu_fault_is_stale()		sfence.vma, again
 *
 * This comes to an end on every hart that conforms. The entries were read by loads before the
 * sfence.vma, which therefore puts their stores before the walks after it: the same fault can come
 * again only if the tables were changed since. And what is real is never tried again, since the
 * tables are judged as the hart would: entry_permits(). Nothing is remembered of earlier faults:
 * that the same one comes twice says nothing, for the page may have come and gone in between.
 */
#include <arch/translation.h>
#include <asm/sfence.h>

#include "port.h"

/* Bits 54 to 63 must be zero (4.4.1); T-Head's cores have attributes in the uppermost five. */
#define PTE_RESERVED	   (~(u64)PTE_PPN_MASK & ~0x3ffULL)
#define PTE_RESERVED_THEAD (PTE_RESERVED & ~(0x1fULL << 59))

bool riscv_page_fence_misses, riscv_shows_stale_faults;

/* Of all addresses and levels of that address space. */
void arch_tlb_flush_user_all_local(unsigned int asid)
{
	riscv_sfence_vma_asid(asid);
}

/* Of the leaf entry alone: for an entry that changes, its table stays. */
void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	if (READ_ONCE(riscv_page_fence_misses))
		riscv_sfence_vma_all();
	else
		riscv_sfence_vma_page(va, asid);
}

void arch_tlb_flush_everything_local(void)
{
	riscv_sfence_vma_all();
}

/*
 * A store comes before walks by an sfence.vma and by nothing else (4.2.1), before or after the
 * write to satp (4.1.11): a hart walks from the root that satp holds, so not from this one yet.
 *
 * sfence.vma: pairs with the smp_mb() in flush_run() and that in tlb_batch_add();
 * tests: tlb.switch_race
 */
void arch_order_walks(unsigned int asid)
{
	riscv_sfence_vma_asid(asid);
}

/* Should the hart have cached that there was none it faults, once: see the head of this file. */
void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	barrier();
}

/* Of all levels: the fault may have come of a table that was cached as not being there. */
void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	riscv_sfence_vma_asid(asid);
}

/*
 * Would supervisor mode, with SUM set, be given what is @needed (PTE_*) by this leaf of @level?
 * Steps 3 to 7 of the translation process (4.3.2).
 */
static bool entry_permits(pteval_t pte, int level, pteval_t needed)
{
	u64 span_pages = 1ULL << (pgtable_shift(level) - PAGE_SHIFT);

	if ((pte & needed) != needed || (pte & (pte_memory ? PTE_RESERVED_THEAD : PTE_RESERVED)))
		return false;
	/* Writable and not readable: reserved (table 4.5). */
	if ((pte & (PTE_R | PTE_W)) == PTE_W)
		return false;
	/* A user's page is never executed by the supervisor, whatever SUM says (4.3.1). */
	if ((needed & PTE_X) && (pte & PTE_U))
		return false;
	/* A large leaf that is not aligned to its size. */
	return IS_ALIGNED(pte_phys(pte) >> PAGE_SHIFT, span_pages);
}

bool mmu_fault_is_stale(pteval_t pte, int level, pteval_t needed)
{
	if (READ_ONCE(riscv_shows_stale_faults) || !entry_permits(pte, level, needed))
		return false;
	/* Of every space: the address may be the kernel's. */
	riscv_sfence_vma_all();
	return true;
}
