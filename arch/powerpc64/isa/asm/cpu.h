/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64: the processor as every program sees it. */
#pragma once

#define ARCH_CACHE_LINE_MAX 128

/* Does a core run several threads, which share its issue slots? Set once, before they do. */
extern bool cpu_has_threads;

/*
 * A moment at low priority leaves the core to its other threads (Power ISA 3.0B, Book II, section
 * 3.2: or 1,1,1 low, or 2,2,2 medium). Only where it has any: under QEMU, which has none, each of
 * the two leaves translated code and takes a global lock.
 */
static inline void cpu_relax(void)
{
	if (cpu_has_threads)
		__asm__ __volatile__("or 1,1,1; or 2,2,2" : : : "memory");
	barrier();
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("mr %0, 1" : "=r"(sp));
	return sp;
}

static inline bool arch_cache_flush_line(const void *p)
{
	__asm__ __volatile__("dcbf 0, %0" : : "r"(p) : "memory");
	return true;
}
