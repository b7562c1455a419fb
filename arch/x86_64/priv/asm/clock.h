/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the time stamp counter. Every CPU of the last 15 years has a constant rate and the same
 * value on all cores (Intel SDM vol. 3B section 18.17.1); virtual machines emulate one. A CPU whose
 * counter is apart from the boot CPU's does not come up: tsc_sync.c.
 */
#pragma once

static inline u64 arch_clock_read(void)
{
	u32 lo, hi;

	__asm__ __volatile__("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}
