/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory barriers: the contract, after Linux's Documentation/memory-barriers.txt.
 *
 * Each port's <asm/barrier.h> defines every macro below as its architecture's manual asks,
 * citing the section, and the litmus test that covers it. A port that lacks one does not compile:
 * there is no generic fallback, least of all to a compiler barrier.
 *
 * mb(), rmb(), wmb()	 full, load-load, store-store; also for device memory
 * smp_mb()		 orders every earlier access before every later one, cumulative
 * smp_rmb()		 earlier loads before later loads
 * smp_wmb()		 earlier stores before later stores
 * smp_read_barrier_depends() a load before a load whose address depends on it
 * smp_load_acquire(p)	 a load that comes before every later access
 * smp_store_release(p, v) a store that comes after every earlier access
 * smp_mb__before_atomic(), smp_mb__after_atomic() full barrier beside a relaxed atomic
 * arch_ctrl_isync()	 after a conditional branch: later loads wait for the branch
 *			 (isb, isync, fence.i); orders nothing by itself
 *
 * The mappings must be Linux's, since the expectations in tests/litmus/shapes.tsv are computed for
 * those.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#include <asm/barrier.h>

#if !defined(mb) || !defined(rmb) || !defined(wmb)
#error "asm/barrier.h: mb, rmb and wmb are part of the contract"
#endif
#if !defined(smp_mb) || !defined(smp_rmb) || !defined(smp_wmb)
#error "asm/barrier.h: smp_mb, smp_rmb and smp_wmb are part of the contract"
#endif
#if !defined(smp_load_acquire) || !defined(smp_store_release)
#error "asm/barrier.h: smp_load_acquire and smp_store_release are part of the contract"
#endif
#if !defined(smp_read_barrier_depends) || !defined(arch_ctrl_isync)
#error "asm/barrier.h: smp_read_barrier_depends and arch_ctrl_isync are part of the contract"
#endif
#if !defined(smp_mb__before_atomic) || !defined(smp_mb__after_atomic)
#error "asm/barrier.h: smp_mb__before_atomic and smp_mb__after_atomic are part of the contract"
#endif

#ifdef BUSTED_MB
/*
 * The busted twin: litmus.SB+mb+mb must catch this build. Never set in a normal one. Not a switch
 * of kernel/busted.h, whose load and branch would stand between the accesses that are raced.
 */
#undef smp_mb
#define smp_mb() barrier()
#endif
