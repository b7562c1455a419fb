/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory barriers for RVWMO: RISC-V Unprivileged ISA 20191213, chapter 14, mapped as in table A.5
 * (Linux primitives). fence p,s orders earlier accesses of kind p before later ones of kind s
 * (section 2.7); i and o are device input and output, r and w memory.
 */
#pragma once

#include <lib/compiler.h>

#define riscv_fence(p, s) __asm__ __volatile__("fence " #p ", " #s : : : "memory")

#define mb()  riscv_fence(iorw, iorw)
#define rmb() riscv_fence(ir, ir)
#define wmb() riscv_fence(ow, ow)

/* tests: litmus.SB+mb+mb, litmus.IRIW+mb+mb */
#define smp_mb()  riscv_fence(rw, rw)
/* tests: litmus.MP+wmb+rmb */
#define smp_rmb() riscv_fence(r, r)
/* tests: litmus.MP+wmb+rmb, litmus.2+2W+wmb+wmb */
#define smp_wmb() riscv_fence(w, w)

/*
 * RVWMO keeps a load before one whose address depends on it (section 14.1.1, rule 9), so only the
 * compiler is held here; tests: litmus.MP+wmb+addr
 */
#define smp_read_barrier_depends() barrier()

/* fence r,rw: the load before every later access; tests: litmus.MP+rel+acq, litmus.LB+acq+acq */
#define smp_load_acquire(p) \
	__extension__({ \
		__typeof__(*(p)) __acq_v = READ_ONCE(*(p)); \
		BUILD_BUG_ON(sizeof(*(p)) > 8); \
		riscv_fence(r, rw); \
		__acq_v; \
	})

/* fence rw,w: every earlier access before the store; tests: litmus.MP+rel+acq, litmus.S+rel+acq */
#define smp_store_release(p, v) \
	do { \
		BUILD_BUG_ON(sizeof(*(p)) > 8); \
		riscv_fence(rw, w); \
		WRITE_ONCE(*(p), v); \
	} while (0)

/*
 * A relaxed amo or lr/sc orders nothing by itself. Not by smp_mb(), so that the busted build breaks
 * that one alone; tests: litmus.SB+after_atomic
 */
#define smp_mb__before_atomic() riscv_fence(rw, rw)
#define smp_mb__after_atomic()	riscv_fence(rw, rw)

/* fence.i (Zifencei): later fetches see this hart's earlier stores; no more than that */
#define arch_ctrl_isync() __asm__ __volatile__("fence.i" : : : "memory")
