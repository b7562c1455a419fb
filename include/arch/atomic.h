/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic read-modify-write operations: the contract.
 *
 * For u32 (suffix 32) and u64 (suffix 64) and for each ordering _relaxed, _acquire, _release and
 * full (no suffix). xchg and fetch_add return the old value, cmpxchg the value found.
 *
 * Full means: a full barrier on either side, as Linux's value-returning atomics. A cmpxchg that
 * fails orders nothing. Below are the size-generic names that the rest of the kernel uses.
 */
#pragma once

#include <arch/barrier.h>

#define __ATOMIC_CONTRACT(bits, order) \
	static inline u##bits arch_xchg##bits##order(volatile u##bits *p, u##bits v); \
	static inline u##bits arch_fetch_add##bits##order(volatile u##bits *p, u##bits v); \
	static inline u##bits arch_cmpxchg##bits##order(volatile u##bits *p, u##bits old, \
							u##bits v);
#define __ATOMIC_CONTRACTS(order) \
	__ATOMIC_CONTRACT(32, order) \
	__ATOMIC_CONTRACT(64, order)

__ATOMIC_CONTRACTS()
__ATOMIC_CONTRACTS(_relaxed)
__ATOMIC_CONTRACTS(_acquire)
__ATOMIC_CONTRACTS(_release)

#include <asm/atomic.h>

/* The unevaluated arms must compile too, hence the casts through the operation's own width. */
#define __atomic_rmw(op, order, p, v) \
	__extension__({ \
		BUILD_BUG_ON(sizeof(*(p)) != 4 && sizeof(*(p)) != 8); \
		(__typeof__(*(p)))(sizeof(*(p)) == 4 \
					   ? (u64)arch_##op##32##order((volatile u32 *)(p), \
								       (u32)(u64)(v)) \
					   : arch_##op##64##order((volatile u64 *)(p), (u64)(v))); \
	})
#define __atomic_cas(order, p, o, n) \
	__extension__({ \
		BUILD_BUG_ON(sizeof(*(p)) != 4 && sizeof(*(p)) != 8); \
		(__typeof__(*(p)))(sizeof(*(p)) == 4 \
					   ? (u64)arch_cmpxchg32##order((volatile u32 *)(p), \
									(u32)(u64)(o), \
									(u32)(u64)(n)) \
					   : arch_cmpxchg64##order((volatile u64 *)(p), (u64)(o), \
								   (u64)(n))); \
	})

/* Pointers and integers of 4 or 8 bytes. The plain name is fully ordered. */
#define xchg(p, v)		 __atomic_rmw(xchg, , p, v)
#define xchg_relaxed(p, v)	 __atomic_rmw(xchg, _relaxed, p, v)
#define xchg_acquire(p, v)	 __atomic_rmw(xchg, _acquire, p, v)
#define xchg_release(p, v)	 __atomic_rmw(xchg, _release, p, v)
#define fetch_add(p, v)		 __atomic_rmw(fetch_add, , p, v)
#define fetch_add_relaxed(p, v)	 __atomic_rmw(fetch_add, _relaxed, p, v)
#define fetch_add_acquire(p, v)	 __atomic_rmw(fetch_add, _acquire, p, v)
#define fetch_add_release(p, v)	 __atomic_rmw(fetch_add, _release, p, v)
#define cmpxchg(p, o, n)	 __atomic_cas(, p, o, n)
#define cmpxchg_relaxed(p, o, n) __atomic_cas(_relaxed, p, o, n)
#define cmpxchg_acquire(p, o, n) __atomic_cas(_acquire, p, o, n)
#define cmpxchg_release(p, o, n) __atomic_cas(_release, p, o, n)
