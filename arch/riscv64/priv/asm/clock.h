/* SPDX-License-Identifier: GPL-2.0-only */
/* The time CSR: one counter for all harts (RISC-V Unprivileged ISA 20191213, section 10.1). */
#pragma once

#include <lib/types.h>

static inline u64 arch_clock_read(void)
{
	u64 t;

	__asm__ __volatile__("csrr %0, time" : "=r"(t));
	return t;
}
