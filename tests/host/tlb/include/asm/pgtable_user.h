/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated port: entries of user pages. SIM_BROADCAST: it has instructions that invalidate on
 * every CPU.
 */
#pragma once

#define ARCH_TLB_BROADCAST	 SIM_BROADCAST
#define ARCH_TLB_FLUSH_PAGES_MAX 2

static inline bool arch_has_hw_young(void)
{
	return true;
}

static inline bool arch_has_hw_dirty(void)
{
	return true;
}

static inline pteval_t pte_make_user(phys_addr_t pa, unsigned int flags)
{
	return pa | (flags & PTE_USER_NONE ? PTE_NONE : PTE_VALID) |
	       (flags & PTE_USER_WRITE ? PTE_W : 0) | (flags & PTE_USER_EXEC ? PTE_X : 0) |
	       (flags & PTE_USER_YOUNG ? PTE_A : 0) | (flags & PTE_USER_DIRTY ? PTE_D : 0);
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
