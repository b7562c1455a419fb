/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor itself. TPIDR_EL1 holds this CPU's per-CPU offset; TPIDR_EL0 and TPIDRRO_EL0 are
 * scratch for trap.S.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* The architecture allows lines of up to 2 KiB (CTR_EL0); CPUs that were built have 64 or 128. */
#define ARCH_CACHE_LINE_MAX 128

#define ARCH_STACK_FRAME_POINTER() ((unsigned long)__builtin_frame_address(0))

#define arm64_read_sysreg(reg) \
	__extension__({ \
		u64 __val; \
		__asm__ __volatile__("mrs %0, " #reg : "=r"(__val)); \
		__val; \
	})
#define arm64_write_sysreg(val, reg) \
	__asm__ __volatile__("msr " #reg ", %x0" : : "rZ"((u64)(val)) : "memory")

/* MPIDR_EL1: the affinity fields, by which firmware and interrupt controllers name a CPU. */
#define MPIDR_AFFINITY_MASK 0xff00ffffffULL

#define cpu_relax() __asm__ __volatile__("yield" : : : "memory")

static inline void arch_cpu_idle(void)
{
	/*
	 * WFI returns for a pending interrupt also while PSTATE.I masks it (Arm ARM DDI 0487, D1.6
	 * "Mechanisms for entering a low-power state"), so one that came since the caller's check
	 * ends the sleep. The ISB after unmasking makes sure that it is taken here.
	 */
	__asm__ __volatile__("dsb sy\n	wfi\n	msr daifclr, #2\n	isb" : : : "memory");
}

static inline void __noreturn arch_cpu_halt(void)
{
	/* Without its timer nothing ends the WFI over and over. */
	arm64_write_sysreg(0, cntv_ctl_el0);
	arm64_write_sysreg(0, cntp_ctl_el0);
	for (;;)
		__asm__ __volatile__("msr daifset, #15\n	dsb sy\n	wfi"
				     :
				     :
				     : "memory");
}

static inline unsigned long arch_percpu_offset(void)
{
	return arm64_read_sysreg(tpidr_el1);
}

static inline void arch_set_percpu_offset(unsigned long offset)
{
	arm64_write_sysreg(offset, tpidr_el1);
}

static inline unsigned long arch_current_sp(void)
{
	unsigned long sp;

	__asm__ __volatile__("mov %0, sp" : "=r"(sp));
	return sp;
}
