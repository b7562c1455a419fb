/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64: this CPU. r13, a register that the ABI keeps, holds the per-CPU offset. */
#pragma once

#include <arch/irq.h>
#include <asm/reg.h>

/*
 * stop with PSSCR.EC = ESL = 0 (Book III, "Power-Saving Mode"): nothing is lost but time; execution
 * goes on behind it as soon as an exception is pending that LPCR lets wake a thread, MSR.EE or not.
 * So a wake-up that came after the caller's check ends the stop at once, and is taken when EE is
 * set.
 */
static inline void arch_cpu_idle(void)
{
	mtspr(SPR_PSSCR, 0);
	__asm__ __volatile__("stop" : : : "memory");
	arch_irq_enable();
}

static inline void arch_cpu_give_way(void)
{
}

/* Whatever is pending would end each stop at once: put the decrementer off and drop doorbells. */
static inline void __noreturn arch_cpu_halt(void)
{
	arch_irq_disable();
	for (;;) {
		mtspr(SPR_DEC, 0x7fffffff);
		doorbell_clear();
		mtspr(SPR_PSSCR, 0);
		__asm__ __volatile__("stop" : : : "memory");
	}
}

static inline unsigned long arch_percpu_offset(void)
{
	unsigned long off;

	__asm__ __volatile__("mr %0, 13" : "=r"(off));
	return off;
}
