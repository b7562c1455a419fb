/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: the CPUs are those of main.c and tsc.c. */
#pragma once

#include <lib/types.h>

#define MSR_TSC_ADJUST 0x3b

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

struct cpuid x86_cpuid(u32 leaf);
bool x86_has_tsc_adjust(void);
u64 x86_rdmsr(u32 msr);
void x86_wrmsr(u32 msr, u64 val);
