/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time base, and the decrementer, which counts at the same rate (Power ISA 3.0B, Book III,
 * "Timer Facilities").
 */
#include <arch/clock.h>
#include <asm/reg.h>
#include <kernel/printk.h>
#include <lib/compiler.h>
#include <lib/errno.h>

#include "port.h"

u64 arch_clock_hz(void)
{
	return machine.timebase_hz;
}

int arch_clock_init(void)
{
	if (machine.timebase_hz)
		return 0;
	pr_err("no timebase-frequency in the boot CPU's node\n");
	return -ENODEV;
}

/* The largest positive value. */
static u64 decrementer_max(void)
{
	return (1ULL << (machine.dec_bits - 1)) - 1;
}

void arch_timer_arm(u64 ticks)
{
	mtspr(SPR_DEC, MIN(ticks, decrementer_max()));
}

void timer_put_off(void)
{
	mtspr(SPR_DEC, decrementer_max());
}
