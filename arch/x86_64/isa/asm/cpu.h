/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: the processor as every program sees it. */
#pragma once

#define ARCH_CACHE_LINE_MAX 128 /* 64, but the L2 prefetcher fetches pairs of lines */

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" : : : "memory");
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("movq %%rsp, %0" : "=r"(sp));
	return sp;
}

/* Intel SDM vol. 2A, CLFLUSH: from every cache of the coherence domain. As old as SSE2. */
static inline bool arch_cache_flush_line(const void *p)
{
	__asm__ __volatile__("clflush (%0)" : : "r"(p) : "memory");
	return true;
}
