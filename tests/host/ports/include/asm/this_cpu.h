/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the port's: a CPU that halts goes back to the test. */
#pragma once

#include <lib/compiler.h>

void host_halt(void) __noreturn;

static inline void arch_cpu_idle(void)
{
}

static inline void arch_cpu_give_way(void)
{
}

static inline void __noreturn arch_cpu_halt(void)
{
	host_halt();
}

static inline unsigned long arch_percpu_offset(void)
{
	return 0;
}
