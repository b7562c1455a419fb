/* SPDX-License-Identifier: GPL-2.0-only */
/* The processor: idling, and the per-CPU offset in tp (which nothing else uses in the kernel). */
#pragma once

#include <lib/compiler.h>

#include <asm/csr.h>

#define ARCH_CACHE_LINE_MAX 128

/*
 * No pause hint (Zihintpause): it matters to harts that share a core, of which there are few, and
 * makes QEMU leave translated code (45 ns instead of 3 for a turn of a spinning loop), which blurs
 * the moment at which racing CPUs start.
 */
#define cpu_relax() barrier()

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

static inline void arch_set_percpu_offset(unsigned long off)
{
	__asm__ __volatile__("mv tp, %0" : : "r"(off) : "memory");
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("mv %0, sp" : "=r"(sp));
	return sp;
}

#define ARCH_STACK_FRAME_POINTER() ((unsigned long)__builtin_frame_address(0))
