/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: entries of user pages. A hart may set A and D itself, or fault when they are clear
 * (Privileged Architecture 1.12, section 4.3.1), and nothing says which: both are taken.
 *
 * sfence.vma acts on one hart. Firmware could run it on others (SBI RFENCE), but does so behind
 * the back of a hart that has interrupts disabled, for instance while trap.c walks the tables that
 * are about to be freed; so other harts are asked by IPI.
 */
#pragma once

#define ARCH_TLB_BROADCAST	 0
#define ARCH_TLB_FLUSH_PAGES_MAX 32

static inline bool arch_has_hw_young(void)
{
	return false;
}

static inline bool arch_has_hw_dirty(void)
{
	return false;
}

static inline pteval_t pte_make_user(phys_addr_t pa, unsigned int flags)
{
	return pa >> PAGE_SHIFT << PTE_PPN_SHIFT | PTE_U | PTE_R |
	       (flags & PTE_USER_NONE ? PTE_NONE : PTE_V) | (flags & PTE_USER_WRITE ? PTE_W : 0) |
	       (flags & PTE_USER_EXEC ? PTE_X : 0) | (flags & PTE_USER_YOUNG ? PTE_A : 0) |
	       (flags & PTE_USER_DIRTY ? PTE_D : 0);
}

static inline bool pte_write(pteval_t pte)
{
	return pte & PTE_W;
}

static inline bool pte_exec(pteval_t pte)
{
	return pte & PTE_X;
}

static inline bool pte_noaccess(pteval_t pte)
{
	return pte & PTE_NONE;
}

static inline bool pte_young(pteval_t pte)
{
	return pte & PTE_A;
}

static inline bool pte_dirty(pteval_t pte)
{
	return pte & PTE_D;
}

static inline pteval_t pte_mkwrite(pteval_t pte)
{
	return pte | PTE_W;
}

static inline pteval_t pte_wrprotect(pteval_t pte)
{
	return pte & ~(pteval_t)PTE_W;
}

static inline pteval_t pte_mkyoung(pteval_t pte)
{
	return pte | PTE_A;
}

static inline pteval_t pte_mkold(pteval_t pte)
{
	return pte & ~(pteval_t)PTE_A;
}

static inline pteval_t pte_mkdirty(pteval_t pte)
{
	return pte | PTE_D;
}

static inline pteval_t pte_mkclean(pteval_t pte)
{
	return pte & ~(pteval_t)PTE_D;
}
