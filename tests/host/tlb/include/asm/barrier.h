/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated port: barriers. Simulated CPUs see one another's variables in the order of the
 * steps; what is late is only when a store to a page table reaches the walks of other CPUs.
 * sim_drain(): now, at the latest. sim_wmb(): before the stores that follow, which else may
 * overtake those before.
 */
#pragma once

#include <lib/compiler.h>

void sim_drain(void);
void sim_wmb(void);

#define mb()	  (sim_step(), sim_drain())
#define rmb()	  barrier()
#define wmb()	  sim_wmb()
#define smp_mb()  mb()
#define smp_rmb() barrier()
#define smp_wmb() sim_wmb()

#define smp_read_barrier_depends() barrier()
#define smp_mb__before_atomic()	   mb()
#define smp_mb__after_atomic()	   mb()
#define arch_ctrl_isync()	   barrier()

#define smp_load_acquire(p) \
	__extension__({ \
		sim_step(); \
		*(const volatile __typeof__(*(p)) *)(p); \
	})
#define smp_store_release(p, v) \
	do { \
		sim_step(); \
		sim_drain(); \
		*(volatile __typeof__(*(p)) *)(p) = (v); \
	} while (0)
