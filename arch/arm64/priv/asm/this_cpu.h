/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64: this CPU. TPIDR_EL1 holds its per-CPU offset; TPIDR_EL0 and TPIDRRO_EL0 are scratch for
 * trap.S.
 */
#pragma once

#include <asm/sysreg.h>

static inline void arch_cpu_idle(void)
{
	/*
	 * WFI returns for a pending interrupt also while PSTATE.I masks it (Arm ARM DDI 0487, D1.6
	 * "Mechanisms for entering a low-power state"), so one that came since the caller's check
	 * ends the sleep. The ISB after unmasking makes sure that it is taken here.
	 */
	__asm__ __volatile__("dsb sy\n	wfi\n	msr daifclr, #2\n	isb" : : : "memory");
}

static inline void arch_cpu_give_way(void)
{
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
