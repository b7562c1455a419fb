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

#define PTE_USER_BASE(pa) (pte_frame(pa) | pte_memory | PTE_U | PTE_R)
#define PTE_IF_ACCESS	  PTE_V
#define PTE_IF_NOACCESS	  PTE_NONE
#define PTE_IF_EXEC	  PTE_X
#define PTE_IF_NOEXEC	  0
#define PTE_IF_WRITE	  PTE_W
#define PTE_IF_YOUNG	  PTE_A
#define PTE_IF_DIRTY	  PTE_D
#define pte_hw(pte)	  (pte)

#include <arch/pte_bits.h>
