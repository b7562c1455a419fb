/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the rate of the time stamp counter, measured against the ACPI power-management timer
 * (ACPI 6.5 section 4.8.3.3), or against channel 0 of the 8254 where there is none that runs.
 */
#include <arch/clock.h>
#include <kernel/printk.h>
#include <lib/errno.h>

#include "port.h"

#define PM_TIMER_HZ    3579545
#define PM_TIMER_MASK  0xffffff /* it has at least 24 bits; more are not needed here */
#define PIT_HZ	       1193182
#define PIT_MASK       0xffff
#define PIT_CHANNEL0   0x40
#define PIT_COMMAND    0x43
#define PIT_CH0_MODE2  0x34 /* channel 0, both bytes, mode 2: down from 65536 over and over */
#define PIT_CH0_LATCH  0x00 /* keep the count, to be read in two bytes */
#define MEASURE_HZ     100  /* measure for 1/100 s: less than each counter takes to wrap */
#define SAMPLES	       8
#define TSC_HZ_MIN     10000000
#define TSC_DEAD_TICKS (1ULL << 32) /* a reference that has not got there by then stands still */

/* A counter of known rate, that counts upwards and wraps. */
struct reference {
	u32 (*read)(void);
	u32 mask;
	u32 hz;
};

static u64 tsc_hz;

u64 arch_clock_hz(void)
{
	return tsc_hz;
}

static u32 pm_timer_read(void)
{
	return x86_inl(x86_acpi.pm_timer);
}

static u32 pit_read(void)
{
	u32 count;

	x86_outb(PIT_COMMAND, PIT_CH0_LATCH);
	count = x86_inb(PIT_CHANNEL0);
	count |= (u32)x86_inb(PIT_CHANNEL0) << 8;
	return -count;
}

/*
 * A pair of readings that belong together: of some tries the one that took least, since a
 * hypervisor may stop us for a while between any two instructions.
 */
static u32 sample(const struct reference *ref, u64 *tsc)
{
	u64 best = ~0ULL, before, after;
	u32 found = 0, val;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		before = arch_clock_read();
		val = ref->read();
		after = arch_clock_read();
		if (after - before < best) {
			best = after - before;
			*tsc = before + best / 2;
			found = val;
		}
	}
	return found;
}

/* The time stamp counter's rate in Hz, or 0 if the reference does not run. */
static u64 measure(const struct reference *ref)
{
	u64 tsc0 = 0, tsc1 = 0;
	u32 ref0, ref1;

	ref0 = sample(ref, &tsc0);
	do {
		if (arch_clock_read() - tsc0 > TSC_DEAD_TICKS)
			return 0;
	} while (((ref->read() - ref0) & ref->mask) < ref->hz / MEASURE_HZ);
	ref1 = sample(ref, &tsc1);
	return (tsc1 - tsc0) * ref->hz / ((ref1 - ref0) & ref->mask);
}

int arch_clock_init(void)
{
	static const struct reference pm_timer = { pm_timer_read, PM_TIMER_MASK, PM_TIMER_HZ };
	static const struct reference pit = { pit_read, PIT_MASK, PIT_HZ };

	if (x86_acpi.pm_timer)
		tsc_hz = measure(&pm_timer);
	if (tsc_hz < TSC_HZ_MIN) {
		x86_outb(PIT_COMMAND, PIT_CH0_MODE2);
		x86_outb(PIT_CHANNEL0, 0); /* 65536 */
		x86_outb(PIT_CHANNEL0, 0);
		tsc_hz = measure(&pit);
	}
	if (tsc_hz < TSC_HZ_MIN) {
		pr_err("the time stamp counter's rate cannot be measured: neither ACPI timer nor "
		       "8254");
		return -ENODEV;
	}
	return 0;
}
