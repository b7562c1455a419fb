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

const struct erratum arch_errata[] = {
	{ .name = "thead-mae",
	  .source = "Linux, ERRATA_THEAD_MAE: page attributes in bits that the ISA reserves",
	  .done = "entries have them where firmware switched them on",
	  .vendor = 0x5b7,
	  .part = 0,
	  .last = 0 },
	{ .name = "sifive-cip-1200",
	  .source = "SiFive FU740 errata, CIP-1200: sfence.vma with an address may miss",
	  .done = "a flush of a page is one of everything",
	  .vendor = 0x489,
	  .part = 0x8000000000000007,
	  .last = 0x200630,
	  .enable = fence_all },
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
