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

#define PTE_USER_BASE(pa) ((pa) | PTE_US)
#define PTE_IF_ACCESS	  PTE_P
#define PTE_IF_NOACCESS	  PTE_NONE
#define PTE_IF_EXEC	  0
#define PTE_IF_NOEXEC	  x86_pte_nx
#define PTE_IF_WRITE	  PTE_RW
#define PTE_IF_YOUNG	  PTE_A
#define PTE_IF_DIRTY	  PTE_D
#define pte_hw(pte)	  (pte)

#include <arch/pte_bits.h>
