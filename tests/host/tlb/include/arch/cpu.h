/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/arch/cpu.h in the simulation: a CPU that spins lets the others go on. */
#pragma once

#include <lib/compiler.h>

#define ARCH_NAME	    "sim"
#define ARCH_CACHE_LINE_MAX 64

void sim_relax(void);

static inline void cpu_relax(void)
{
	sim_relax();
}
