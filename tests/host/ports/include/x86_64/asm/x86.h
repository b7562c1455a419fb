/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: CPU and chipset are those of tests/host/ports/x86_64.c. */
#pragma once

#include <lib/types.h>

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

struct cpuid x86_cpuid(u32 leaf);
struct cpuid x86_cpuid_sub(u32 leaf, u32 sub);

u8 x86_inb(u16 port);
u16 x86_inw(u16 port);
u32 x86_inl(u16 port);
void x86_outb(u16 port, u8 val);
void x86_outw(u16 port, u16 val);
void x86_outl(u16 port, u32 val);
