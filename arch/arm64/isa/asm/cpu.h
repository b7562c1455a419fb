/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: the processor as every program sees it. */
#pragma once

/* The architecture allows lines of up to 2 KiB (CTR_EL0); CPUs that were built have 64 or 128. */
#define ARCH_CACHE_LINE_MAX 128

static inline void cpu_relax(void)
{
	__asm__ __volatile__("yield" : : : "memory");
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("mov %0, sp" : "=r"(sp));
	return sp;
}

/* To the point of coherency; not waited for (there is no DSB). */
static inline bool arch_cache_flush_line(const void *p)
{
	__asm__ __volatile__("dc civac, %0" : : "r"(p) : "memory");
	return true;
}
