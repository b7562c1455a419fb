/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done when the machine says that something of it is broken: by itself, and by firmware. */
#include <arch/errata.h>
#include <arch/pgtable_user.h>
#include <asm/opal.h>

#include "mce.h"

bool mce_mend(u64 srr1, u64 dsisr)
{
	if (!mce_decode(srr1, dsisr)->drop_translations)
		return false;
	arch_tlb_flush_everything_local();
	errata_note("machine-check");
	return true;
}

bool hmi_mend(void)
{
	if (opal_call(OPAL_HANDLE_HMI, 0, 0, 0, 0, 0, 0) != OPAL_SUCCESS)
		return false;
	errata_note("hypervisor-maintenance");
	return true;
}
