/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: the threads' order is that of the C language, which the host has. */
#pragma once

#include <lib/compiler.h>

#define mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define wmb() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define smp_mb()		   mb()
#define smp_rmb()		   mb()
#define smp_wmb()		   mb()
#define smp_read_barrier_depends() barrier()
#define smp_mb__before_atomic()	   mb()
#define smp_mb__after_atomic()	   mb()
#define arch_ctrl_isync()	   barrier()
#define smp_load_acquire(p)	   __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	   __atomic_store_n(p, v, __ATOMIC_RELEASE)
