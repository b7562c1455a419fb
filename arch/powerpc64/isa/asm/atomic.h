/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic operations by load-and-reserve and store-conditional (Power ISA 3.0B, Book II,
 * "Load And Reserve and Store Conditional Instructions").
 * Those two order nothing; a fence stands before (release: lwsync) or after (acquire: lwsync) the
 * loop, or sync on both sides for the fully ordered form, as in Linux.
 * tests: litmus.SB+xchg+xchg, litmus.SB+cmpxchg+cmpxchg, litmus.SB+fetch_add+fetch_add,
 * litmus.SB+xchg_relaxed+xchg_relaxed, litmus.lock-MP
 */
#pragma once

#include <lib/types.h>

#define __PPC_ATOMIC(bits, suffix, order, before, after) \
	static inline u##bits arch_xchg##bits##order(volatile u##bits *p, u##bits new) \
	{ \
		u##bits old; \
\
		__asm__ __volatile__(before "1:	l" suffix "arx %0, 0, %2\n" \
					    "	st" suffix "cx. %3, 0, %2\n" \
					    "	bne- 1b\n" after \
				     : "=&r"(old), "+m"(*p) \
				     : "r"(p), "r"(new) \
				     : "cr0", "memory"); \
		return old; \
	} \
\
	static inline u##bits arch_fetch_add##bits##order(volatile u##bits *p, u##bits v) \
	{ \
		u##bits old, sum; \
\
		__asm__ __volatile__(before "1:	l" suffix "arx %0, 0, %3\n" \
					    "	add %1, %0, %4\n" \
					    "	st" suffix "cx. %1, 0, %3\n" \
					    "	bne- 1b\n" after \
				     : "=&r"(old), "=&r"(sum), "+m"(*p) \
				     : "r"(p), "r"(v) \
				     : "cr0", "memory"); \
		return old; \
	}

/* A failed comparison leaves before the second fence: it orders nothing. */
#define __PPC_CMPXCHG(bits, suffix, cmp, order, before, after) \
	static inline u##bits arch_cmpxchg##bits##order(volatile u##bits *p, u##bits old, \
							u##bits new) \
	{ \
		u##bits found; \
\
		__asm__ __volatile__(before "1:	l" suffix "arx %0, 0, %2\n" \
					    "	" cmp " %0, %3\n" \
					    "	bne- 2f\n" \
					    "	st" suffix "cx. %4, 0, %2\n" \
					    "	bne- 1b\n" after "2:\n" \
				     : "=&r"(found), "+m"(*p) \
				     : "r"(p), "r"(old), "r"(new) \
				     : "cr0", "memory"); \
		return found; \
	}

#define __PPC_ATOMICS(order, before, after) \
	__PPC_ATOMIC(32, "w", order, before, after) \
	__PPC_ATOMIC(64, "d", order, before, after) \
	__PPC_CMPXCHG(32, "w", "cmpw", order, before, after) \
	__PPC_CMPXCHG(64, "d", "cmpd", order, before, after)

__PPC_ATOMICS(_relaxed, "", "")
__PPC_ATOMICS(_acquire, "", "	lwsync\n")
__PPC_ATOMICS(_release, "	lwsync\n", "")
__PPC_ATOMICS(, "	sync\n", "	sync\n")
