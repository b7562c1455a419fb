/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time: the contract.
 */
#pragma once

#include <lib/types.h>

/*
 * A counter at a constant rate, the same on every CPU to within a few microseconds; may be read
 * speculatively. Any context.
 */
static inline u64 arch_clock_read(void);

#include <asm/clock.h>

/* Ticks a second of arch_clock_read(); valid after arch_clock_init(). */
u64 arch_clock_hz(void);

/* Find the rate (device tree, CPUID, calibration). Boot CPU, once. 0 or -errno. */
int arch_clock_init(void);

/*
 * One timer interrupt on this CPU, @ticks of arch_clock_read() from now (at least 1); replaces an
 * earlier one. Interrupts disabled.
 */
void arch_timer_arm(u64 ticks);
