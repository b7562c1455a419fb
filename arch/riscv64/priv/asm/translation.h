/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: SFENCE.VMA orders the stores before it and the walks after it by itself (Privileged
 * Architecture 1.12, section 4.2.1). Svinval, which has the three parts apart, is not used. It is
 * the fence as it is: cores whose fence of one address may miss show that (errata.c).
 */
#pragma once

#include <asm/sfence.h>

#define ARCH_MMU_KEEPS 0

extern bool riscv_shows_stale_faults; /* tlb.c */

static inline void arch_tlbi_begin(void)
{
	barrier();
}

static inline void arch_tlbi_page(unsigned int asid, unsigned long va)
{
	riscv_sfence_vma_page(va, asid);
}

static inline void arch_tlbi_end(void)
{
	barrier();
}

static inline bool arch_show_stale_faults(bool show)
{
	WRITE_ONCE(riscv_shows_stale_faults, show);
	return true;
}
