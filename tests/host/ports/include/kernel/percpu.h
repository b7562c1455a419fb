/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before the kernel's own: the test says which CPU runs this. */
#pragma once

#include <arch/cpu.h>
#include <lib/compiler.h>

#define NR_CPUS 64

#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define DEFINE_PER_CPU(type, name)  __typeof__(type) name

unsigned int smp_processor_id(void);
