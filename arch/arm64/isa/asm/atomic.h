/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic read-modify-write by load-exclusive and store-exclusive (Arm ARM DDI 0487, B2.9
 * "Synchronization and semaphores"), so that one image runs on every Armv8.0 CPU: LSE, which
 * Armv8.1 added, is not asked for.
 *
 * acquire = LDAXR, release = STLXR. Full is Linux's mapping: LDXR, STLXR, and a DMB ISH after the
 * loop: STLXR keeps earlier accesses before the store, the DMB keeps the whole before later ones.
 * A cmpxchg that fails leaves before the barrier and orders nothing.
 * Tests: litmus.SB+xchg+xchg, litmus.SB+cmpxchg+cmpxchg, litmus.MP+rel+acq, litmus.lock-MP
 */
#pragma once

#include <lib/types.h>

#define __ARM64_RMW(bits, r, suffix, ld, st, fence) \
	static inline u##bits arch_xchg##bits##suffix(volatile u##bits *p, u##bits new) \
	{ \
		u##bits old; \
		u32 failed; \
\
		__asm__ __volatile__("1:	" #ld "	%" #r "0, %2\n" \
				     "	" #st "	%w1, %" #r "3, %2\n" \
				     "	cbnz	%w1, 1b\n" \
				     "	" fence "\n" \
				     : "=&r"(old), "=&r"(failed), "+Q"(*p) \
				     : "r"(new) \
				     : "memory"); \
		return old; \
	} \
\
	static inline u##bits arch_fetch_add##bits##suffix(volatile u##bits *p, u##bits v) \
	{ \
		u##bits old, sum; \
		u32 failed; \
\
		__asm__ __volatile__("1:	" #ld "	%" #r "0, %3\n" \
				     "	add	%" #r "1, %" #r "0, %" #r "4\n" \
				     "	" #st "	%w2, %" #r "1, %3\n" \
				     "	cbnz	%w2, 1b\n" \
				     "	" fence "\n" \
				     : "=&r"(old), "=&r"(sum), "=&r"(failed), "+Q"(*p) \
				     : "r"(v) \
				     : "memory"); \
		return old; \
	} \
\
	static inline u##bits arch_cmpxchg##bits##suffix(volatile u##bits *p, u##bits expected, \
							 u##bits new) \
	{ \
		u##bits old; \
		u32 failed; \
\
		__asm__ __volatile__("1:	" #ld "	%" #r "0, %2\n" \
				     "	cmp	%" #r "0, %" #r "3\n" \
				     "	b.ne	2f\n" \
				     "	" #st "	%w1, %" #r "4, %2\n" \
				     "	cbnz	%w1, 1b\n" \
				     "	" fence "\n" \
				     "2:\n" \
				     : "=&r"(old), "=&r"(failed), "+Q"(*p) \
				     : "r"(expected), "r"(new) \
				     : "memory", "cc"); \
		return old; \
	}

__ARM64_RMW(32, w, _relaxed, ldxr, stxr, "")
__ARM64_RMW(32, w, _acquire, ldaxr, stxr, "")
__ARM64_RMW(32, w, _release, ldxr, stlxr, "")
__ARM64_RMW(32, w, , ldxr, stlxr, "dmb ish")
__ARM64_RMW(64, x, _relaxed, ldxr, stxr, "")
__ARM64_RMW(64, x, _acquire, ldaxr, stxr, "")
__ARM64_RMW(64, x, _release, ldxr, stlxr, "")
__ARM64_RMW(64, x, , ldxr, stlxr, "dmb ish")

#undef __ARM64_RMW
