/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: INVLPG is all of it, being a serializing instruction (Intel SDM vol. 3A sections 4.10.4.1
 * and 9.3): older stores are in memory before it, and nothing younger is executed.
 */
#pragma once

#define ARCH_MMU_KEEPS 0

static inline void arch_tlbi_begin(void)
{
	barrier();
}

static inline void arch_tlbi_page(unsigned int asid, unsigned long va)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(va) : "memory");
}

static inline void arch_tlbi_end(void)
{
	barrier();
}

/* A fault that is resolved may come once more by what was kept; none is tried again here. */
static inline bool arch_show_stale_faults(bool show)
{
	return false;
}
