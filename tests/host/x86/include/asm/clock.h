/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before x86_64's: each thread has a counter of its own. */
#pragma once

u64 host_tsc(void);

static inline u64 arch_clock_read(void)
{
	return host_tsc();
}
