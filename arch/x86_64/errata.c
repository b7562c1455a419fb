/* SPDX-License-Identifier: GPL-2.0-only */
/* Errata of x86 processors, by CPUID: Intel SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E. */
#include <arch/errata.h>
#include <asm/x86.h>
#include <lib/compiler.h>

#define AMD		     0x68747541 /* "Auth" of "AuthenticAMD" */
#define FAMILY_MODEL(fam, m) ((fam) << 8 | (m))

struct cpu_kind arch_cpu_kind(void)
{
	u32 sig = x86_cpuid(1).eax;
	u32 family = sig >> 8 & 15, model = sig >> 4 & 15;

	if (family == 6 || family == 15)
		model |= sig >> 12 & 0xf0;
	if (family == 15)
		family += sig >> 20 & 0xff;
	return (struct cpu_kind){
		.vendor = x86_cpuid(0).ebx,
		.part = FAMILY_MODEL(family, model),
		.revision = sig & 15,
	};
}

const struct erratum arch_errata[] = {
	{ .name = "amd-298",
	  .source = "AMD 41322, Family 10h, 298: the L2 cache may lose accessed and dirty bits",
	  .taints = "mm.*,reclaim.*,rmap.*,tlb.*,torture.*",
	  .vendor = AMD,
	  .part = FAMILY_MODEL(0x10, 2),
	  .last = 2 },
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
