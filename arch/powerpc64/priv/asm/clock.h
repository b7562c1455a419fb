/* SPDX-License-Identifier: GPL-2.0-only */
/* The time base: 64 bits, one rate, kept in step on all CPUs by firmware (Book II, "Time Base"). */
#pragma once

#include <asm/reg.h>

static inline u64 arch_clock_read(void)
{
	return mfspr(SPR_TB);
}
