/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: instructions that C has no words for. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* Intel SDM vol. 4, table 2-2. */
#define MSR_APIC_BASE	 0x1b
#define MSR_TSC_ADJUST	 0x3b
#define MSR_PAT		 0x277
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC	 0x800 /* + register offset / 16 */
#define MSR_GS_BASE	 0xc0000101

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

/* The leaf's registers; all zero if the CPU, or the hypervisor (0x40000000), has no such leaf. */
static inline struct cpuid x86_cpuid(u32 leaf)
{
	struct cpuid c;

	__asm__ __volatile__("cpuid"
			     : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
			     : "a"(leaf & 0xc0000000), "c"(0));
	if (leaf > c.eax)
		return (struct cpuid){ 0, 0, 0, 0 };
	__asm__ __volatile__("cpuid"
			     : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
			     : "a"(leaf), "c"(0));
	return c;
}

/* Level @sub of a leaf that is there, and has several. */
static inline struct cpuid x86_cpuid_sub(u32 leaf, u32 sub)
{
	struct cpuid c;

	__asm__ __volatile__("cpuid"
			     : "=a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx)
			     : "a"(leaf), "c"(sub));
	return c;
}

/* CPUID leaf 7, EBX bit 1: is there an IA32_TSC_ADJUST? */
static inline bool x86_has_tsc_adjust(void)
{
	return x86_cpuid(7).ebx & (1 << 1);
}

/* CPUID leaf 0x80000007, EDX bit 8: the same rate in every state of the CPU. */
static inline bool x86_tsc_is_invariant(void)
{
	return x86_cpuid(0x80000007).edx & (1 << 8);
}

static inline u64 x86_rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ __volatile__("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}

static inline void x86_wrmsr(u32 msr, u64 val)
{
	__asm__ __volatile__("wrmsr" : : "c"(msr), "a"((u32)val), "d"((u32)(val >> 32)) : "memory");
}

/* x86_inb(port), x86_outb(port, v), and so for 16 (w) and 32 bits (l). */
#define __X86_PORT_IO(bits, s) \
	static inline u##bits x86_in##s(u16 port) \
	{ \
		u##bits v; \
\
		__asm__ __volatile__("in" #s " %1, %0" : "=a"(v) : "Nd"(port) : "memory"); \
		return v; \
	} \
	static inline void x86_out##s(u16 port, u##bits v) \
	{ \
		__asm__ __volatile__("out" #s " %0, %1" : : "a"(v), "Nd"(port) : "memory"); \
	}

__X86_PORT_IO(8, b)
__X86_PORT_IO(16, w)
__X86_PORT_IO(32, l)
