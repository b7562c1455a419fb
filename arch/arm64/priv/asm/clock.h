/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic timer's counter (Arm ARM DDI 0487, D12 "The Generic Timer in AArch64 state"). The
 * virtual counter may be read at EL1 whatever EL2 permits, and boot.S makes it equal the physical
 * one where we were given EL2.
 */
#pragma once

#include <asm/sysreg.h>
#include <lib/compiler.h>

/* How to read a counter that is known to be wrong now and then (errata.c); NULL: it is right. */
extern u64 (*arm64_bad_counter)(void);

static inline u64 arch_clock_read(void)
{
	u64 (*bad)(void) = READ_ONCE(arm64_bad_counter);

	return unlikely(bad != NULL) ? bad() : arm64_read_sysreg(cntvct_el0);
}
