/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64: this hart. tp, which nothing else uses in the kernel, holds the per-CPU offset. */
#pragma once

#include <asm/csr.h>

/*
 * wfi resumes when an interrupt that sie enables is pending, whatever sstatus.SIE says (Privileged
 * Architecture 1.12, section 3.3.3), so one that comes before the wfi does not get lost. Setting
 * SIE takes it at once (section 3.1.9: evaluated right after a write to sstatus).
 */
static inline void arch_cpu_idle(void)
{
	__asm__ __volatile__("wfi" : : : "memory");
	csr_set(sstatus, SSTATUS_SIE);
}

static inline void arch_cpu_give_way(void)
{
}

/* With sie empty no interrupt ends the wfi. */
static inline __noreturn void arch_cpu_halt(void)
{
	csr_clear(sstatus, SSTATUS_SIE);
	csr_write(sie, 0);
	for (;;)
		__asm__ __volatile__("wfi" : : : "memory");
}

static inline unsigned long arch_percpu_offset(void)
{
	unsigned long off;

	__asm__ __volatile__("mv %0, tp" : "=r"(off));
	return off;
}
