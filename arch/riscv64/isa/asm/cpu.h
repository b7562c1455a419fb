/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64: the processor as every program sees it. */
#pragma once

#define ARCH_CACHE_LINE_MAX 128

/*
 * No pause hint (Zihintpause): it matters to harts that share a core, of which there are few, and
 * makes QEMU leave translated code (45 ns instead of 3 for a turn of a spinning loop), which blurs
 * the moment at which racing CPUs start.
 */
static inline void cpu_relax(void)
{
	barrier();
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("mv %0, sp" : "=r"(sp));
	return sp;
}

/* Zicbom's cbo.flush needs machine mode's leave, of which nobody else is told anything. */
static inline bool arch_cache_flush_line(const void *p)
{
	return false;
}
