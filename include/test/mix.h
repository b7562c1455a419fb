/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A computation with more values at work than any of the ISAs has registers for, and a condition
 * that compilers keep in flags where they can: whatever is lost on the way shows in the result.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define MIX_LIST(op) \
	op(0, 27) op(1, 0) op(2, 1) op(3, 2) op(4, 3) op(5, 4) op(6, 5) op(7, 6) op(8, 7) op(9, 8) \
		op(10, 9) op(11, 10) op(12, 11) op(13, 12) op(14, 13) op(15, 14) op(16, 15) \
			op(17, 16) op(18, 17) op(19, 18) op(20, 19) op(21, 20) op(22, 21) \
				op(23, 22) op(24, 23) op(25, 24) op(26, 25) op(27, 26)
#define MIX_VALUE(n, before) u64 v##n = seed * (2 * n + 3);
#define MIX_STEP(n, before)  v##n = (v##n << 1 ^ v##before) + round;
#define MIX_SUM(n, before)   sum ^= v##n;

#define MIX_SMALL 1000 /* seeds up to this take the condition's one way, others the other */

/* A function of @seed, with @between once a round, which may use @round. */
#define MIX_FUNCTION(name, rounds, between, ...) \
	static noinline u64 name(u64 seed, ##__VA_ARGS__) \
	{ \
		u64 sum = 0; \
		MIX_LIST(MIX_VALUE) \
\
		for (u64 round = 0; round < (rounds); round++) { \
			between; \
			if (seed > MIX_SMALL) { \
				v4 = ~v4; \
				barrier(); \
			} \
			MIX_LIST(MIX_STEP) \
		} \
		MIX_LIST(MIX_SUM) \
		return sum; \
	}
