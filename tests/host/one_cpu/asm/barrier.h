/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before a port's: there is one CPU, which sees its own stores in order. */
#pragma once

#include <lib/compiler.h>

#define mb()	  barrier()
#define rmb()	  barrier()
#define wmb()	  barrier()
#define smp_mb()  barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()

#define smp_read_barrier_depends() barrier()
#define smp_mb__before_atomic()	   barrier()
#define smp_mb__after_atomic()	   barrier()
#define arch_ctrl_isync()	   barrier()
#define smp_load_acquire(p)	   READ_ONCE(*(p))
#define smp_store_release(p, v)	   WRITE_ONCE(*(p), v)
