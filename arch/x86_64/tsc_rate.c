/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the time stamp counter's rate as CPUID has it: by a hypervisor's leaf, by the crystal's
 * rate and a ratio, or, least exact, by the processor's base frequency.
 */
#include "port.h"

#define CPUID_HYPERVISOR   (1U << 31) /* leaf 1, ECX */
#define CPUID_LEAF_CRYSTAL 0x15	      /* Intel SDM vol. 2A, CPUID */
#define CPUID_LEAF_BASE	   0x16
#define CPUID_LEAF_TIMING  0x40000010 /* VMware's interface, which KVM and others have, too */
#define MHZ		   1000000ULL

/* Leaf 0x40000010, EAX: kHz. Without a hypervisor, its number would give some other leaf. */
static u64 by_hypervisor(void)
{
	if (!(x86_cpuid(1).ecx & CPUID_HYPERVISOR))
		return 0;
	return x86_cpuid(CPUID_LEAF_TIMING).eax * 1000ULL;
}

/* Leaf 0x15: EBX / EAX of the crystal's rate, ECX; some CPUs do not name that. */
static u64 by_crystal(void)
{
	struct cpuid c = x86_cpuid(CPUID_LEAF_CRYSTAL);

	return c.eax ? (u64)c.ecx * c.ebx / c.eax : 0;
}

/* Leaf 0x16, EAX: MHz, with which the counter runs where it is constant. */
static u64 by_base_frequency(void)
{
	return (x86_cpuid(CPUID_LEAF_BASE).eax & 0xffff) * MHZ;
}

u64 x86_tsc_hz_by_cpuid(void)
{
	u64 hz = by_hypervisor();

	if (!hz)
		hz = by_crystal();
	return hz ? hz : by_base_frequency();
}
