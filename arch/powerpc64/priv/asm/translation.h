/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * powerpc64: the sequence of "Translation Table Update Synchronization Requirements" (Power ISA
 * 3.0B, Book III) in its parts, and what names an address space to tlbiel. An address-space id is a
 * PID less one; PID 1 is the empty one of a CPU without an address space.
 */
#pragma once

#define ARCH_MMU_KEEPS 0

#include <asm/memory.h>
#include <asm/reg.h>

#define FIRST_PID    (GUARD_PID + 1)
#define PID_OF(asid) ((asid)-1 + FIRST_PID)

/*
 * RS: PID in the upper half, LPID 0 in the lower. Class 0 is told to drop more than translations.
 */
#define TLBIEL(ric, prs, rb, rs) \
	do { \
		register u64 __rb __asm__("r3") = (rb); \
		register u64 __rs __asm__("r4") = (rs); \
\
		__asm__ __volatile__(".long %c2" \
				     : \
				     : "r"(__rb), "r"(__rs), "i"(TLBIEL_OPCODE(3, 4, ric, prs)) \
				     : "memory"); \
	} while (0)

static inline void arch_tlbi_begin(void)
{
	__asm__ __volatile__("ptesync" : : : "memory");
}

/* Pages of 4 KiB: AP = 0. */
static inline void arch_tlbi_page(unsigned int asid, unsigned long va)
{
	TLBIEL(TLBIE_RIC_TLB, 1, va & PAGE_MASK, (u64)PID_OF(asid) << 32);
}

static inline void arch_tlbi_end(void)
{
	__asm__ __volatile__("ptesync; isync" : : : "memory");
}

/* A fault that is resolved may come once more by what was kept; none is tried again here. */
static inline bool arch_show_stale_faults(bool show)
{
	return false;
}
