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

#define PTE_USER_BASE(pa) (pa)
#define PTE_IF_ACCESS	  PTE_VALID
#define PTE_IF_NOACCESS	  PTE_NONE
#define PTE_IF_EXEC	  PTE_X
#define PTE_IF_NOEXEC	  0
#define PTE_IF_WRITE	  PTE_W
#define PTE_IF_YOUNG	  PTE_A
#define PTE_IF_DIRTY	  PTE_D
#define pte_hw(pte)	  (pte)

#include <arch/pte_bits.h>
