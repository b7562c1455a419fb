/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: a thread that spins lets the others run. */
#pragma once

#include <sched.h>

#define ARCH_CACHE_LINE_MAX 64

static inline void cpu_relax(void)
{
	sched_yield();
}

static inline unsigned long arch_current_sp(void)
{
	return (unsigned long)__builtin_frame_address(0);
}

static inline bool arch_cache_flush_line(const void *p)
{
	return false;
}
