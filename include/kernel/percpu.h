/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU variables. The linker gathers them in .percpu; CPU 0 uses that original, every other CPU
 * a copy made when it is brought up. Access to this CPU's copy wants that the caller cannot move
 * to another CPU meanwhile.
 */
#pragma once

#include <arch/cpu.h>
#include <arch/this_cpu.h>
#include <lib/compiler.h>

#define NR_CPUS 64

/* An array is declared as DECLARE_PER_CPU(char, name[SIZE]). */
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define DEFINE_PER_CPU(type, name)  __section(".percpu") __typeof__(type) name

extern char __percpu_start[], __percpu_end[]; /* linker symbols: the section */

/* Offset of each CPU's copy; 0 for CPU 0. Written once, before the CPU starts. */
extern unsigned long percpu_offset[NR_CPUS];

/* The address dependency pairs with the release in percpu_create(); tests: litmus.MP+rel+addr */
#define per_cpu_ptr(p, cpu) ((__typeof__(p))((unsigned long)(p) + percpu_offset[cpu]))
#define per_cpu(var, cpu)   (*per_cpu_ptr(&(var), cpu))

#define this_cpu_ptr(p) ((__typeof__(p))((unsigned long)(p) + arch_percpu_offset()))
#define this_cpu(var)	(*this_cpu_ptr(&(var)))

DECLARE_PER_CPU(unsigned int, cpu_number);

/* Logical number of the CPU that runs this. */
static inline unsigned int smp_processor_id(void)
{
	return READ_ONCE(this_cpu(cpu_number));
}

/* Keep the section as linked, to make copies of. Boot CPU, before anything changes it. */
int percpu_init(void);

/* Allocate and fill @cpu's copy. Boot CPU, before the CPU starts. 0 or -ENOMEM. */
int percpu_create(unsigned int cpu);
