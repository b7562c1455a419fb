/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands before include/lib/compiler.h in the simulation: a store of eight bytes may be one to a
 * page table, and with SIM_STEP_ONCE (mm/tlb.c) such an access is a step of its own, before which
 * another CPU may run.
 */
#pragma once

#include_next <lib/compiler.h>

void sim_step(void);
void sim_store(volatile void *p, unsigned long v);

#ifdef SIM_STEP_ONCE
#define SIM_STEP(size) ((size) == 8 ? sim_step() : (void)0)
#else
#define SIM_STEP(size) ((void)0)
#endif

#undef READ_ONCE
#define READ_ONCE(x) \
	__extension__({ \
		SIM_STEP(sizeof(x)); \
		*(const volatile __typeof__(x) *)&(x); \
	})

#undef WRITE_ONCE
#define WRITE_ONCE(x, v) \
	do { \
		__typeof__(x) __v = (v); \
\
		SIM_STEP(sizeof(x)); \
		if (sizeof(x) == 8) \
			sim_store(&(x), (unsigned long)__v); \
		else \
			*(volatile __typeof__(x) *)&(x) = __v; \
	} while (0)
