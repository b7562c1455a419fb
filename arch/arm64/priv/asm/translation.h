/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: the sequence of Arm ARM DDI 0487, D8.14 "TLB maintenance", in its parts. */
#pragma once

#define ARCH_MMU_KEEPS 0

#include <asm/sysreg.h>

static inline void arch_tlbi_begin(void)
{
	arm64_dsb(nshst);
}

static inline void arch_tlbi_page(unsigned int asid, unsigned long va)
{
	u64 page = (u64)asid << 48 | (va >> PAGE_SHIFT & 0xfffffffffffUL);

	__asm__ __volatile__("tlbi vale1, %0" : : "r"(page) : "memory");
}

static inline void arch_tlbi_end(void)
{
	arm64_dsb(nsh);
	arm64_isb();
}

static inline void arch_tlbi_everywhere(unsigned int asid)
{
	arm64_dsb(ishst);
	__asm__ __volatile__("tlbi aside1is, %0" : : "r"((u64)asid << 48) : "memory");
}

/* A fault that is resolved may come once more by what was kept; none is tried again here. */
static inline bool arch_show_stale_faults(bool show)
{
	return false;
}
