/* SPDX-License-Identifier: GPL-2.0-only */
/* Errata of RISC-V cores. A core names itself by three numbers, for which M-mode is asked. */
#include <arch/errata.h>
#include <asm/sbi.h>
#include <lib/compiler.h>

#include "port.h"

struct cpu_kind arch_cpu_kind(void)
{
	return (struct cpu_kind){
		.vendor = sbi_call(SBI_EXT_BASE, SBI_BASE_MVENDORID, 0, 0, 0, 0).value,
		.part = sbi_call(SBI_EXT_BASE, SBI_BASE_MARCHID, 0, 0, 0, 0).value,
		.revision = sbi_call(SBI_EXT_BASE, SBI_BASE_MIMPID, 0, 0, 0, 0).value,
	};
}

static void fence_all(void)
{
	WRITE_ONCE(riscv_page_fence_misses, true);
}

/* mimpid is a date in its lower 24 bits; of one before the last the core was mended. */
static bool cip_1200_present(void)
{
	u64 imp = arch_cpu_kind().revision;

	return (imp & 0xffffff) <= 0x200630 && imp != 0x1200626;
}

/* Linux, arch/riscv/errata/sifive: of the U74's architecture, and of the U54's. */
#define CIP_1200(arch) \
	{ \
		.name = "sifive-cip-1200", \
		.source = "SiFive FU740 errata, CIP-1200: sfence.vma with an address may miss", \
		.done = "a flush of a page is one of everything", .vendor = 0x489, .part = arch, \
		.first = 0, .last = ~0ULL, .present = cip_1200_present, .enable = fence_all, \
	}

const struct erratum arch_errata[] = {
	{ .name = "thead-mae",
	  .source = "Linux, ERRATA_THEAD_MAE: page attributes in bits that the ISA reserves",
	  .done = "entries have them where firmware switched them on",
	  .vendor = 0x5b7,
	  .part = 0,
	  .last = 0 },
	CIP_1200(0x8000000000000007),
	CIP_1200(0x1),
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
