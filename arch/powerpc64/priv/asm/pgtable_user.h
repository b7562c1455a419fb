/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of user pages. A POWER9 does not set R and C itself, but interrupts (POWER9 Processor
 * User's Manual, 4.10.13.1); QEMU sets them, and not atomically, so that it may bring back an
 * entry which was removed meanwhile (docs/harness-errata.md). Therefore R and C are always set,
 * and whether a page was used or written to is kept in bits that the hardware ignores: an entry
 * that is not young permits no data access, one that is not dirty no write, and the fault handler
 * does the rest.
 *
 * TLB: tlbie reaches every CPU, but QEMU before 9.1 goes on before the others have done what it
 * says (same file); so each CPU runs tlbiel, by IPI.
 */
#pragma once

#define ARCH_TLB_BROADCAST	 0
#define ARCH_TLB_FLUSH_PAGES_MAX 32

/* Bits for software (Power ISA 3.0B, Book III, 5.7.10.2): 2, and 52 to 54. */
#define PTE_NONE     0x2000000000000000UL /* permits nothing, but the entry keeps its frame */
#define PTE_SW_YOUNG 0x800UL
#define PTE_SW_DIRTY 0x400UL
#define PTE_SW_WRITE 0x200UL

#define PTE_USER_BITS (PTE_VALID | PTE_LEAF | PTE_REFERENCED | PTE_CHANGED)

static inline bool arch_has_hw_young(void)
{
	return false;
}

static inline bool arch_has_hw_dirty(void)
{
	return false;
}

/* The access authority that follows from the software bits. */
static inline pteval_t pte_hw(pteval_t pte)
{
	const pteval_t both = PTE_SW_WRITE | PTE_SW_DIRTY;

	pte &= ~(PTE_READ | PTE_WRITE);
	if (pte & PTE_NONE)
		return pte & ~PTE_EXEC;
	if (!(pte & PTE_SW_YOUNG))
		return pte;
	return pte | PTE_READ | ((pte & both) == both ? PTE_WRITE : 0);
}

#define PTE_USER_BASE(pa) ((pa) | PTE_USER_BITS)
#define PTE_IF_ACCESS	  0
#define PTE_IF_NOACCESS	  PTE_NONE
#define PTE_IF_EXEC	  PTE_EXEC
#define PTE_IF_NOEXEC	  0
#define PTE_IF_WRITE	  PTE_SW_WRITE
#define PTE_IF_YOUNG	  PTE_SW_YOUNG
#define PTE_IF_DIRTY	  PTE_SW_DIRTY

#include <arch/pte_bits.h>
