/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: entries of user pages. The CPU sets A and D itself, by locked operations (Intel SDM vol.
 * 3A section 4.8), and invalidates only what the CPU runs that asks (section 4.10.4).
 */
#pragma once

#define ARCH_TLB_BROADCAST	 0
#define ARCH_TLB_FLUSH_PAGES_MAX 32

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
	return pa | PTE_US | (flags & PTE_USER_NONE ? PTE_NONE : PTE_P) |
	       (flags & PTE_USER_WRITE ? PTE_RW : 0) | (flags & PTE_USER_EXEC ? 0 : x86_pte_nx) |
	       (flags & PTE_USER_YOUNG ? PTE_A : 0) | (flags & PTE_USER_DIRTY ? PTE_D : 0);
}

static inline bool pte_write(pteval_t pte)
{
	return pte & PTE_RW;
}

static inline bool pte_exec(pteval_t pte)
{
	return !(pte & PTE_NX);
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
	return pte | PTE_RW;
}

static inline pteval_t pte_wrprotect(pteval_t pte)
{
	return pte & ~PTE_RW;
}

static inline pteval_t pte_mkyoung(pteval_t pte)
{
	return pte | PTE_A;
}

static inline pteval_t pte_mkold(pteval_t pte)
{
	return pte & ~PTE_A;
}

static inline pteval_t pte_mkdirty(pteval_t pte)
{
	return pte | PTE_D;
}

static inline pteval_t pte_mkclean(pteval_t pte)
{
	return pte & ~PTE_D;
}
