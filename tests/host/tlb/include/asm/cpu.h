/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: the processor. A CPU that spins lets the others go on. */
#pragma once

#define ARCH_NAME	    "sim"
#define ARCH_CACHE_LINE_MAX 64

void sim_relax(void);
#define cpu_relax() sim_relax()

static inline void __noreturn arch_cpu_halt(void)
{
	for (;;)
		sim_relax();
}
