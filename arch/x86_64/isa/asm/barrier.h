/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: memory barriers.
 *
 * Intel SDM vol. 3A section 9.2.2 (AMD APM vol. 2 section 7.2): for ordinary write-back memory,
 * loads are not reordered with loads, stores not with stores, stores not with earlier loads; a load
 * may pass an earlier store to another address. A locked instruction or MFENCE stops the last. So
 * all but smp_mb() is a matter of the compiler only.
 */
#pragma once

/* SDM vol. 3A section 9.2.5: order device and non-temporal accesses too. */
#define mb()  __asm__ __volatile__("mfence" : : : "memory")
#define rmb() __asm__ __volatile__("lfence" : : : "memory")
#define wmb() __asm__ __volatile__("sfence" : : : "memory")

/*
 * SDM vol. 3A section 9.2.3.9: loads and stores are not reordered with locked instructions; faster
 * than MFENCE on most CPUs. Tests: litmus.SB+mb+mb, litmus.R+mb+mb.
 */
#define smp_mb() __asm__ __volatile__("lock; addl $0, -4(%%rsp)" : : : "memory", "cc")

/* SDM vol. 3A section 9.2.3.2. Tests: litmus.MP+wmb+rmb, litmus.2+2W+wmb+wmb. */
#define smp_rmb() barrier()
#define smp_wmb() barrier()

/* Every load is an acquire, every store a release (9.2.3.2, 9.2.3.3). Tests: litmus.MP+rel+acq. */
#define smp_load_acquire(p) \
	__extension__({ \
		__typeof__(*(p)) __acquired = READ_ONCE(*(p)); \
		barrier(); \
		__acquired; \
	})
#define smp_store_release(p, v) \
	do { \
		barrier(); \
		WRITE_ONCE(*(p), v); \
	} while (0)

/* Loads are in order anyway. Tests: litmus.MP+wmb+addr. */
#define smp_read_barrier_depends() \
	do { \
	} while (0)

/* Every atomic operation is a locked instruction, a full barrier by itself. */
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic()	barrier()

/* Loads after a branch are ordered after the loads that it depends on. */
#define arch_ctrl_isync() barrier()
