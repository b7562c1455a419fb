/* SPDX-License-Identifier: GPL-2.0-only */
/* The ISA's counter, which Linux lets every process read and keeps alike on all cores. */
#pragma once

#include <asm/host.h>

static inline u64 arch_clock_read(void)
{
	return host_counter();
}
