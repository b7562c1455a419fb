/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of a TLB invalidation, one by one: the contract, for tests which leave a part out. The
 * whole is in <arch/pgtable_user.h>, and is what mm/ uses.
 *
 *		arch_tlbi_begin()	arch_tlbi_page()	arch_tlbi_end()
 *	x86_64	-			INVLPG			-
 *	arm64	DSB NSHST		TLBI VALE1		DSB NSH, ISB
 *	riscv64	-			SFENCE.VMA		-
 *	powerpc64 ptesync		tlbiel			ptesync, isync
 *
 * Preemption disabled, or a thread that is bound to its CPU.
 */
#pragma once

#include <arch/pgtable_user.h>

/* What this CPU has stored to tables is seen by walks after an invalidation that follows. */
static inline void arch_tlbi_begin(void);
/* Invalidate what this CPU has of page @va of the loaded space, which has @asid; do not wait. */
static inline void arch_tlbi_page(unsigned int asid, unsigned long va);
/* Wait for it; what comes next in program order uses no translation that it dropped. */
static inline void arch_tlbi_end(void);
#if ARCH_TLB_BROADCAST
/* The first two parts for all of @asid on every CPU. */
static inline void arch_tlbi_everywhere(unsigned int asid);
#endif

/*
 * Faults that come of what a CPU has kept, though the tables permit the access by now: where a port
 * tries again by itself, with @show they come through, for tests that ask whether they were there.
 * Returns whether this port has any. A thread whose CPUs race with nobody.
 */
static inline bool arch_show_stale_faults(bool show);

/*
 * ARCH_MMU_KEEPS (<asm/translation.h>): 1 where the MMU is the port's own, which keeps what it has
 * read whoever runs or emulates the CPU; 0 where it is the CPU's.
 */
#include <asm/translation.h>
