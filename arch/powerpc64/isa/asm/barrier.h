/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Barriers: Linux's mapping (Power ISA 3.0B, Book II, "Storage Ordering" and "Memory Barrier
 * Instructions"; its appendix B shows the same sequences).
 *
 * sync orders all accesses, cumulatively. lwsync orders all but a store before a load, in cacheable
 * memory only, which is why the ones that also serve devices are sync. isync waits until every
 * earlier branch is decided.
 */
#pragma once

#include <lib/compiler.h>

#define __ppc_sync()   __asm__ __volatile__("sync" : : : "memory")
#define __ppc_lwsync() __asm__ __volatile__("lwsync" : : : "memory")

#define mb()  __ppc_sync()
#define rmb() __ppc_sync()
#define wmb() __ppc_sync()

#define smp_mb()  __ppc_sync()	 /* tests: litmus.SB+mb+mb, litmus.IRIW+mb+mb */
#define smp_rmb() __ppc_lwsync() /* tests: litmus.MP+wmb+rmb */
#define smp_wmb() __ppc_lwsync() /* tests: litmus.MP+wmb+rmb, litmus.2+2W+wmb+wmb */

/*
 * An address dependency orders two loads by itself ("Storage Ordering"); tests: litmus.MP+wmb+addr
 */
#define smp_read_barrier_depends() barrier()

/* A load, then lwsync: nothing later overtakes the load; tests: litmus.MP+rel+acq */
#define smp_load_acquire(p) \
	__extension__({ \
		__typeof__(*(p)) __val = READ_ONCE(*(p)); \
		__ppc_lwsync(); \
		__val; \
	})

/* lwsync, then the store: nothing earlier is overtaken by it; tests: litmus.MP+rel+acq */
#define smp_store_release(p, v) \
	do { \
		__ppc_lwsync(); \
		WRITE_ONCE(*(p), v); \
	} while (0)

/* lwarx and stwcx. order nothing; tests: litmus.SB+after_atomic */
#define smp_mb__before_atomic() __ppc_sync()
#define smp_mb__after_atomic()	__ppc_sync()

/* A branch on a load, then isync, keeps later loads behind it; tests: litmus.MP+wmb+ctrlisync */
#define arch_ctrl_isync() __asm__ __volatile__("isync" : : : "memory")
