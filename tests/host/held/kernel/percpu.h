/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own in held_check: there is one table, which another CPU reads. */
#pragma once

#define NR_CPUS 1
static unsigned long percpu_offset[NR_CPUS];

#define DEFINE_PER_CPU(type, name) __typeof__(type) name
#define this_cpu_ptr(p)		   (p)
#define this_cpu(var)		   (var)
#define per_cpu(var, cpu)	   (*((void)(cpu), &(var)))
