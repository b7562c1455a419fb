/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hosted MMU invalidates at once, and its walks are loads of the CPU that walks (mmu.h): what
 * this CPU has stored before is what it loads.
 */
#pragma once

#define ARCH_MMU_KEEPS 1

extern bool mmu_keeps_absent, mmu_shows_stale_faults;

static inline void arch_tlbi_begin(void)
{
	barrier();
}

static inline void arch_tlbi_page(unsigned int asid, unsigned long va)
{
	arch_tlb_flush_user_page_local(asid, va);
}

static inline void arch_tlbi_end(void)
{
	barrier();
}

static inline bool arch_show_stale_faults(bool show)
{
	WRITE_ONCE(mmu_shows_stale_faults, show);
	return mmu_keeps_absent;
}
