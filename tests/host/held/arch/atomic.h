/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own in held_check: accesses that others race with are the model's. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

u64 model_load(const void *p, u64 now, bool acquire);
void model_store(const void *p, u64 v, bool release);

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x) ((__typeof__(x))model_load(&(x), (u64)(x), false))
#define MODEL_STORE(x, v, release) \
	do { \
		(x) = (v); \
		model_store(&(x), (u64)(x), release); \
	} while (0)
#define WRITE_ONCE(x, v)	MODEL_STORE(x, v, false)
#define smp_load_acquire(p)	((__typeof__(*(p)))model_load((p), (u64) * (p), true))
#define smp_store_release(p, v) MODEL_STORE(*(p), v, true)
