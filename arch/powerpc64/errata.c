/* SPDX-License-Identifier: GPL-2.0-only */
/* Errata of Power processors, by the Processor Version Register (ISA 3.0B Book III, 4.3.1). */
#include <arch/errata.h>
#include <asm/reg.h>
#include <lib/compiler.h>

struct cpu_kind arch_cpu_kind(void)
{
	u32 pvr = mfspr(SPR_PVR);

	return (struct cpu_kind){ .part = pvr >> 16, .revision = pvr & 0xfff };
}

const struct erratum arch_errata[] = {
	{ .name = "power9-tlbie",
	  .source = "Linux a5d4b5891c2f: a store may complete behind the tlbie of its translation",
	  .done = "a tlbie is followed by another",
	  .part = 0x004e,
	  .last = 0x203 },
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
