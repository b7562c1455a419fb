/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of user pages of the hosted MMU. Whether it sets A and D itself is chosen on the boot
 * line (mmu_ad=), so that both of mm's ways are gone. It invalidates on the CPU that asks, and on
 * no other.
 */
#pragma once

#define ARCH_TLB_BROADCAST	 0
#define ARCH_TLB_FLUSH_PAGES_MAX 32

/* Constant from the boot line on. */
extern bool mmu_sets_ad;

static inline bool arch_has_hw_young(void)
{
	return mmu_sets_ad;
}

static inline bool arch_has_hw_dirty(void)
{
	return mmu_sets_ad;
}

#define PTE_USER_BASE(pa) ((pa) | PTE_V)
#define PTE_IF_ACCESS	  PTE_R
#define PTE_IF_NOACCESS	  PTE_N
#define PTE_IF_EXEC	  PTE_X
#define PTE_IF_NOEXEC	  0
#define PTE_IF_WRITE	  PTE_W
#define PTE_IF_YOUNG	  PTE_A
#define PTE_IF_DIRTY	  PTE_D
#define pte_hw(pte)	  (pte)

#include <arch/pte_bits.h>
