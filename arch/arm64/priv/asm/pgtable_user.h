/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of user pages. Hardware update of access flag and dirty state (FEAT_HAFDBS) is not asked
 * for, so that Armv8.0 and later behave alike: an entry without the access flag faults (Arm ARM
 * DDI 0487, D8.4.6), and one that is writable but clean is read-only to the hardware until the
 * fault handler makes it dirty. What we mean by the entry is in bits that the hardware ignores (58
 * to 55).
 *
 * TLBI by the inner shareable domain reaches every CPU.
 */
#pragma once

#define ARCH_TLB_BROADCAST	 1
#define ARCH_TLB_FLUSH_PAGES_MAX 16 /* each is waited for */

#define PTE_USER      (1ULL << 6)  /* AP[1]: EL0 may access it, and EL1 never executes it */
#define PTE_NG	      (1ULL << 11) /* not global: the TLB entry is tagged with the ASID */
#define PTE_SW_DIRTY  (1ULL << 55)
#define PTE_SW_WRITE  (1ULL << 56)
#define PTE_USER_BITS (PTE_USER | PTE_NG | PTE_PXN | PTE_TABLE | PTE_SH_INNER)

static inline bool arch_has_hw_young(void)
{
	return false;
}

static inline bool arch_has_hw_dirty(void)
{
	return false;
}

/* What the hardware shall make of the software bits: writable only if dirty already. */
static inline pteval_t pte_hw(pteval_t pte)
{
	const pteval_t both = PTE_SW_WRITE | PTE_SW_DIRTY;

	return (pte & both) == both ? pte & ~(pteval_t)PTE_RDONLY : pte | PTE_RDONLY;
}

#define PTE_USER_BASE(pa) ((pa) | PTE_USER_BITS | PTE_ATTR(MAIR_IDX_NORMAL))
#define PTE_IF_ACCESS	  PTE_VALID
#define PTE_IF_NOACCESS	  PTE_NONE
#define PTE_IF_EXEC	  0
#define PTE_IF_NOEXEC	  PTE_UXN
#define PTE_IF_WRITE	  PTE_SW_WRITE
#define PTE_IF_YOUNG	  PTE_ACCESSED
#define PTE_IF_DIRTY	  PTE_SW_DIRTY

#include <arch/pte_bits.h>
