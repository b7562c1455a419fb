/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/kernel/percpu.h in the simulation: a copy for each simulated CPU. */
#pragma once

#include <arch/cpu.h>
#include <lib/compiler.h>

#define NR_CPUS 3

#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name[NR_CPUS]
#define DEFINE_PER_CPU(type, name)  __typeof__(type) name[NR_CPUS]

#define per_cpu(var, cpu) ((var)[cpu])
#define this_cpu(var)	  ((var)[smp_processor_id()])

/* The simulated CPU that runs this. */
unsigned int sim_cpu_id(void);

static inline unsigned int smp_processor_id(void)
{
	return sim_cpu_id();
}
