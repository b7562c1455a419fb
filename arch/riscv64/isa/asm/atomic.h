/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Atomic operations: AMO, or load-reserved/store-conditional for compare and exchange, with the
 * annotations of RISC-V Unprivileged ISA 20191213, table A.5 ("Mappings from Linux memory
 * primitives to RISC-V primitives") and section 8.2 to 8.4 for the instructions:
 *
 *		amo		lr / sc
 *   relaxed	-		-   / -
 *   acquire	.aq		.aq / -
 *   release	.rl		-   / .aqrl	(.rl alone would let the sc go after later loads,
 *						 which Linux's release to acquire does not)
 *   full	.aqrl		.aq / .aqrl
 *
 * tests: kernel.atomic_values, kernel.exclusion, litmus.SB+xchg+xchg
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define RISCV_AMO(name, insn, type, sfx, order, ann) \
	static inline type arch_##name##order(volatile type *p, type v) \
	{ \
		type old; \
\
		__asm__ __volatile__(insn "." sfx ann " %0, %2, %1" \
				     : "=r"(old), "+A"(*p) \
				     : "r"(v) \
				     : "memory"); \
		return old; \
	}

/* The loop is "constrained" (section 8.3): the sc succeeds in the end. A mismatch leaves early. */
#define RISCV_CMPXCHG(name, type, sfx, order, lr_ann, sc_ann) \
	static inline type arch_##name##order(volatile type *p, type old, type new) \
	{ \
		type found; \
		unsigned long failed; \
\
		__asm__ __volatile__("1:	lr." sfx lr_ann " %0, %2\n" \
				     "	bne	%0, %z3, 2f\n" \
				     "	sc." sfx sc_ann " %1, %z4, %2\n" \
				     "	bnez	%1, 1b\n" \
				     "2:\n" \
				     : "=&r"(found), "=&r"(failed), "+A"(*p) \
				     : "rJ"((long)(RISCV_SIGNED_##type)old), "rJ"(new) \
				     : "memory"); \
		return found; \
	}

/* lr.w sign-extends what it reads, so the value to compare with must be sign-extended too. */
#define RISCV_SIGNED_u32 s32
#define RISCV_SIGNED_u64 s64

#define RISCV_AMO_ORDERS(name, insn, type, sfx) \
	RISCV_AMO(name, insn, type, sfx, _relaxed, "") \
	RISCV_AMO(name, insn, type, sfx, _acquire, ".aq") \
	RISCV_AMO(name, insn, type, sfx, _release, ".rl") \
	RISCV_AMO(name, insn, type, sfx, , ".aqrl")

#define RISCV_CMPXCHG_ORDERS(name, type, sfx) \
	RISCV_CMPXCHG(name, type, sfx, _relaxed, "", "") \
	RISCV_CMPXCHG(name, type, sfx, _acquire, ".aq", "") \
	RISCV_CMPXCHG(name, type, sfx, _release, "", ".aqrl") \
	RISCV_CMPXCHG(name, type, sfx, , ".aq", ".aqrl")

RISCV_AMO_ORDERS(xchg32, "amoswap", u32, "w")
RISCV_AMO_ORDERS(xchg64, "amoswap", u64, "d")
RISCV_AMO_ORDERS(fetch_add32, "amoadd", u32, "w")
RISCV_AMO_ORDERS(fetch_add64, "amoadd", u64, "d")
RISCV_CMPXCHG_ORDERS(cmpxchg32, u32, "w")
RISCV_CMPXCHG_ORDERS(cmpxchg64, u64, "d")
