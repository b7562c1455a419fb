/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own: an access that is marked is a step, a store two. */
#pragma once

#include_next <lib/compiler.h>

/* Another thread may run first. */
void step(void);
extern unsigned long step_stores; /* counted, for those who spin */

#define STEP_VALUE(x) \
	__extension__({ \
		step(); \
		*(const volatile __typeof__(x) *)&(x); \
	})
#define STEP_STORE(x, v) \
	do { \
		__typeof__(x) __v = (v); \
\
		step(); \
		*(volatile __typeof__(x) *)&(x) = __v; \
		step_stores++; \
		step(); \
	} while (0)

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x)	 STEP_VALUE(x)
#define WRITE_ONCE(x, v) STEP_STORE(x, v)
