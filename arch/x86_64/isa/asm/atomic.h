/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: atomic read-modify-write. A LOCK prefix makes the operation atomic and a full barrier
 * (Intel SDM vol. 3A sections 9.1.2.2 and 9.2.3.9), XCHG with memory implies it. There is no weaker
 * form, so the four orderings are one and the same. Tests: litmus.SB+xchg+xchg, litmus.lock-MP.
 */
#pragma once

#define __X86_ATOMIC(bits, s, order) \
	static inline u##bits arch_xchg##bits##order(volatile u##bits *p, u##bits new) \
	{ \
		__asm__ __volatile__("xchg" s " %0, %1" : "+r"(new), "+m"(*p) : : "memory"); \
		return new; \
	} \
	static inline u##bits arch_cmpxchg##bits##order(volatile u##bits *p, u##bits old, \
							u##bits new) \
	{ \
		__asm__ __volatile__("lock; cmpxchg" s " %2, %1" \
				     : "+a"(old), "+m"(*p) \
				     : "r"(new) \
				     : "memory", "cc"); \
		return old; \
	} \
	static inline u##bits arch_fetch_add##bits##order(volatile u##bits *p, u##bits v) \
	{ \
		__asm__ __volatile__("lock; xadd" s " %0, %1" \
				     : "+r"(v), "+m"(*p) \
				     : \
				     : "memory", "cc"); \
		return v; \
	}
#define __X86_ATOMICS(bits, s) \
	__X86_ATOMIC(bits, s, ) \
	__X86_ATOMIC(bits, s, _relaxed) \
	__X86_ATOMIC(bits, s, _acquire) \
	__X86_ATOMIC(bits, s, _release)

__X86_ATOMICS(32, "l")
__X86_ATOMICS(64, "q")
