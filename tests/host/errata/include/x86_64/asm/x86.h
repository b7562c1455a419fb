/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: the CPUs are those of tests/host/errata/x86_64.c. */
#pragma once

#include <lib/types.h>

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

struct cpuid x86_cpuid(u32 leaf);
