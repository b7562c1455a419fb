/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of user pages in which each thing that they say is a bit: what <arch/pgtable_user.h> asks
 * of a port, built from the port's bits. Its <asm/pgtable_user.h> names them and includes this:
 *
 *   PTE_USER_BASE(pa)		   the frame, and what stands in every entry
 *   PTE_IF_ACCESS, PTE_IF_NOACCESS  set if it permits something; if it permits nothing
 *   PTE_IF_EXEC, PTE_IF_NOEXEC	   set if it may be executed; if not
 *   PTE_IF_WRITE, PTE_IF_YOUNG, PTE_IF_DIRTY
 *   pte_hw(pte)		   with the bits that follow from these for the hardware
 */
#pragma once

static inline pteval_t pte_make_user(phys_addr_t pa, unsigned int flags)
{
	return pte_hw(PTE_USER_BASE(pa) |
		      (flags & PTE_USER_NONE ? PTE_IF_NOACCESS : PTE_IF_ACCESS) |
		      (flags & PTE_USER_EXEC ? PTE_IF_EXEC : PTE_IF_NOEXEC) |
		      (flags & PTE_USER_WRITE ? PTE_IF_WRITE : 0) |
		      (flags & PTE_USER_YOUNG ? PTE_IF_YOUNG : 0) |
		      (flags & PTE_USER_DIRTY ? PTE_IF_DIRTY : 0));
}

static inline bool pte_noaccess(pteval_t pte)
{
	return pte & PTE_IF_NOACCESS;
}

static inline bool pte_exec(pteval_t pte)
{
	return (pte & (PTE_IF_EXEC | PTE_IF_NOEXEC)) == PTE_IF_EXEC;
}

static inline bool pte_write(pteval_t pte)
{
	return pte & PTE_IF_WRITE;
}

static inline bool pte_young(pteval_t pte)
{
	return pte & PTE_IF_YOUNG;
}

static inline bool pte_dirty(pteval_t pte)
{
	return pte & PTE_IF_DIRTY;
}

static inline pteval_t pte_mkwrite(pteval_t pte)
{
	return pte_hw(pte | PTE_IF_WRITE);
}

static inline pteval_t pte_wrprotect(pteval_t pte)
{
	return pte_hw(pte & ~(pteval_t)PTE_IF_WRITE);
}

static inline pteval_t pte_mkyoung(pteval_t pte)
{
	return pte_hw(pte | PTE_IF_YOUNG);
}

static inline pteval_t pte_mkold(pteval_t pte)
{
	return pte_hw(pte & ~(pteval_t)PTE_IF_YOUNG);
}

static inline pteval_t pte_mkdirty(pteval_t pte)
{
	return pte_hw(pte | PTE_IF_DIRTY);
}

static inline pteval_t pte_mkclean(pteval_t pte)
{
	return pte_hw(pte & ~(pteval_t)PTE_IF_DIRTY);
}
