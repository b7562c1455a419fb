/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: this CPU. The per-CPU offset is the base of segment GS. */
#pragma once

/*
 * STI takes effect only after the next instruction (Intel SDM vol. 2B, STI), so that no interrupt
 * comes between it and HLT.
 */
static inline void arch_cpu_idle(void)
{
	__asm__ __volatile__("sti; hlt" : : : "memory");
}

static inline void arch_cpu_give_way(void)
{
}

static inline void __noreturn arch_cpu_halt(void)
{
	for (;;)
		__asm__ __volatile__("cli; hlt" : : : "memory");
}

/* A per-CPU variable that holds its own copy's offset; DEFINE_PER_CPU in smp.c. */
extern unsigned long x86_percpu_offset;

static inline unsigned long arch_percpu_offset(void)
{
	unsigned long offset;

	__asm__ __volatile__("movq %%gs:x86_percpu_offset(%%rip), %0" : "=r"(offset));
	return offset;
}
