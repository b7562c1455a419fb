/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64: the processor as every program sees it. */
#pragma once

#define ARCH_CACHE_LINE_MAX 128

/*
 * No SMT priority hint (or 1,1,1): under QEMU each one leaves translated code and takes a global
 * lock, which makes every spin loop many times slower; on silicon it only shifts issue slots to
 * another thread of the core.
 */
static inline void cpu_relax(void)
{
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
