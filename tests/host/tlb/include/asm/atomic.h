/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated port: atomic operations, each a step. The fully ordered ones and releases are
 * barriers for stores to page tables, see <asm/barrier.h>.
 */
#pragma once

#include <lib/types.h>

#include <asm/barrier.h>

#define SIM_ATOMIC(bits, order, before) \
	static inline u##bits arch_xchg##bits##order(volatile u##bits *p, u##bits v) \
	{ \
		u##bits old; \
\
		sim_step(); \
		before; \
		old = *p; \
		SIM_PUT##bits(p, v); \
		return old; \
	} \
	static inline u##bits arch_cmpxchg##bits##order(volatile u##bits *p, u##bits o, u##bits v) \
	{ \
		u##bits old; \
\
		sim_step(); \
		before; \
		old = *p; \
		if (old == o) \
			SIM_PUT##bits(p, v); \
		return old; \
	} \
	static inline u##bits arch_fetch_add##bits##order(volatile u##bits *p, u##bits v) \
	{ \
		u##bits old; \
\
		sim_step(); \
		before; \
		old = *p; \
		SIM_PUT##bits(p, old + v); \
		return old; \
	}
#define SIM_PUT32(p, v) (*(p) = (v))
#define SIM_PUT64(p, v) sim_store(p, v)

#define SIM_ATOMICS(order, before) \
	SIM_ATOMIC(32, order, before) \
	SIM_ATOMIC(64, order, before)

SIM_ATOMICS(_relaxed, (void)0)
SIM_ATOMICS(_acquire, (void)0)
SIM_ATOMICS(_release, sim_drain())
SIM_ATOMICS(, sim_drain())
