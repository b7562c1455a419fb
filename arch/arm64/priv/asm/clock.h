/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generic timer's counter (Arm ARM DDI 0487, D12 "The Generic Timer in AArch64 state"). The
 * virtual counter may be read at EL1 whatever EL2 permits, and boot.S makes it equal the physical
 * one where we were given EL2.
 */
#pragma once

#include <asm/sysreg.h>

static inline u64 arch_clock_read(void)
{
	return arm64_read_sysreg(cntvct_el0);
}
