/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory barriers of arm64: Linux's mapping, instruction for instruction, since the litmus
 * expectations are computed for it.
 *
 * Arm ARM (DDI 0487), B2.3 "Definition of the Arm memory model", and B2.3 "Memory barriers" for
 * DMB, DSB and ISB; C6.2 for LDAR and STLR. The smp_ forms order accesses among CPUs, which share
 * the inner shareable domain (ISH); those without smp_ also wait (DSB) and reach devices (SY).
 */
#pragma once

#define arm64_dmb(opt) __asm__ __volatile__("dmb " #opt : : : "memory")
#define arm64_dsb(opt) __asm__ __volatile__("dsb " #opt : : : "memory")
#define arm64_isb()    __asm__ __volatile__("isb" : : : "memory")

#define mb()  arm64_dsb(sy)
#define rmb() arm64_dsb(ld)
#define wmb() arm64_dsb(st)

/* Everything before everything after; tests: litmus.SB+mb+mb, litmus.IRIW+mb+mb */
#define smp_mb()  arm64_dmb(ish)
/* Loads before loads and stores; we promise only the loads; tests: litmus.MP+wmb+rmb */
#define smp_rmb() arm64_dmb(ishld)
/* Stores before stores; tests: litmus.MP+wmb+rmb, litmus.2+2W+wmb+wmb */
#define smp_wmb() arm64_dmb(ishst)

/*
 * Nothing: an address dependency orders two loads by itself (B2.3, "Dependency-ordered-before");
 * tests: litmus.MP+wmb+addr
 */
#define smp_read_barrier_depends() \
	do { \
	} while (0)

/* Full whatever becomes of smp_mb(), so that the busted build breaks that one alone. */
#define smp_mb__before_atomic() arm64_dmb(ish)
#define smp_mb__after_atomic()	arm64_dmb(ish)

/* After a conditional branch: later loads wait for it; tests: litmus.MP+wmb+ctrlisync */
#define arch_ctrl_isync() arm64_isb()

/* LDAR: before every later access, and after every earlier STLR; tests: litmus.MP+rel+acq */
#define smp_load_acquire(p) \
	__extension__({ \
		u64 __raw; \
		BUILD_BUG_ON(sizeof(*(p)) != 1 && sizeof(*(p)) != 2 && sizeof(*(p)) != 4 && \
			     sizeof(*(p)) != 8); \
		switch (sizeof(*(p))) { \
		case 1: \
			__asm__ __volatile__("ldarb %w0, %1" \
					     : "=r"(__raw) \
					     : "Q"(*(p)) \
					     : "memory"); \
			break; \
		case 2: \
			__asm__ __volatile__("ldarh %w0, %1" \
					     : "=r"(__raw) \
					     : "Q"(*(p)) \
					     : "memory"); \
			break; \
		case 4: \
			__asm__ __volatile__("ldar %w0, %1" : "=r"(__raw) : "Q"(*(p)) : "memory"); \
			break; \
		default: \
			__asm__ __volatile__("ldar %0, %1" : "=r"(__raw) : "Q"(*(p)) : "memory"); \
			break; \
		} \
		(__typeof__(*(p)))__raw; \
	})

/* STLR: after every earlier access; tests: litmus.MP+rel+acq */
#define smp_store_release(p, v) \
	do { \
		u64 __raw = (u64)(__typeof__(*(p)))(v); \
		BUILD_BUG_ON(sizeof(*(p)) != 1 && sizeof(*(p)) != 2 && sizeof(*(p)) != 4 && \
			     sizeof(*(p)) != 8); \
		switch (sizeof(*(p))) { \
		case 1: \
			__asm__ __volatile__("stlrb %w1, %0" \
					     : "=Q"(*(p)) \
					     : "rZ"(__raw) \
					     : "memory"); \
			break; \
		case 2: \
			__asm__ __volatile__("stlrh %w1, %0" \
					     : "=Q"(*(p)) \
					     : "rZ"(__raw) \
					     : "memory"); \
			break; \
		case 4: \
			__asm__ __volatile__("stlr %w1, %0" \
					     : "=Q"(*(p)) \
					     : "rZ"(__raw) \
					     : "memory"); \
			break; \
		default: \
			__asm__ __volatile__("stlr %x1, %0" \
					     : "=Q"(*(p)) \
					     : "rZ"(__raw) \
					     : "memory"); \
			break; \
		} \
	} while (0)
