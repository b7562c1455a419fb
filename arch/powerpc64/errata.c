/* SPDX-License-Identifier: GPL-2.0-only */
/* Errata of Power processors, by the Processor Version Register (ISA 3.0B Book III, 4.3.1). */
#include <arch/errata.h>
#include <asm/reg.h>
#include <lib/compiler.h>

#include "port.h"

struct cpu_kind arch_cpu_kind(void)
{
	u32 pvr = mfspr(SPR_PVR);

	return (struct cpu_kind){ .part = pvr >> PVR_VERSION_SHIFT, .revision = pvr & 0xfff };
}

/* Of all revisions: newer ones have another defect, in which a stale entry stays (047e6575aec7). */
static void tlbie_twice(void)
{
	WRITE_ONCE(machine.tlbie_twice, true);
}

const struct erratum arch_errata[] = {
	{ .name = "power9-tlbie",
	  .source = "Linux a5d4b5891c2f, 047e6575aec7: a tlbie may leave an entry, or a store "
		    "behind it",
	  .done = "a tlbie is followed by another",
	  .part = PVR_VERSION_POWER9,
	  .last = 0xfff,
	  .enable = tlbie_twice },
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
