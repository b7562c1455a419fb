/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the rate of the time stamp counter. It is measured against the first of these that the
 * machine has and that runs: the ACPI power-management timer (ACPI 6.5 section 4.8.3.3), the HPET
 * (IA-PC HPET Specification 1.0a), channel 0 of the 8254. Where none is, it is what CPUID says.
 * What else there is gives a second opinion.
 */
#include <arch/clock.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/kmap.h>

#include "port.h"

#define PM_TIMER_HZ	3579545
#define PM_TIMER_MASK	0xffffff /* it has at least 24 bits; more are not needed here */
#define HPET_SIZE	0x400
#define HPET_PERIOD	0x004 /* sections 2.3.4, 2.3.5, 2.3.7; of a tick, in femtoseconds */
#define HPET_CONFIG	0x010
#define HPET_COUNTER	0x0f0
#define HPET_ENABLE	1
#define HPET_PERIOD_MIN 1000000 /* bounds of our own and of the specification */
#define HPET_PERIOD_MAX 100000000
#define FS_PER_SEC	1000000000000000ULL
#define PIT_HZ		1193182
#define PIT_MASK	0xffff
#define PIT_CHANNEL0	0x40
#define PIT_COMMAND	0x43
#define PIT_CH0_MODE2	0x34 /* channel 0, both bytes, mode 2: down from 65536 over and over */
#define PIT_CH0_LATCH	0x00 /* keep the count, to be read in two bytes */
#define MEASURE_HZ	100  /* measure for 1/100 s: less than each counter takes to wrap */
#define SAMPLES		8
#define TSC_HZ_MIN	10000000
#define TSC_DEAD_TICKS	(1ULL << 32) /* a reference that has not got there by then stands still */
#define AGREE_PERCENT	2

static char reference_option[OPT_STRING_MAX];
OPTION_CHOICE(tsc_by, "tsc_by", reference_option, "auto|pm-timer|hpet|pit|cpuid",
	      "what tells the time stamp counter's rate (default: the first that there is)");

/* A counter of known rate, that counts upwards and wraps. */
struct counter {
	u32 (*read)(void);
	u32 mask;
	u32 hz; /* 0: there is no such counter */
};

static u64 tsc_hz;
static volatile u32 *hpet;

u64 arch_clock_hz(void)
{
	return tsc_hz;
}

static u32 pm_timer_read(void)
{
	return x86_inl(x86_acpi.pm_timer);
}

static u32 hpet_read(void)
{
	return hpet[HPET_COUNTER / 4];
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
static u32 sample(const struct counter *ref, u64 *tsc)
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
static u64 measure(const struct counter *ref)
{
	/* A tenth of a second, once the rate is known. */
	u64 dead_ticks = tsc_hz ? tsc_hz / 10 : TSC_DEAD_TICKS, tsc0 = 0, tsc1 = 0;
	u32 ref0, ref1;

	ref0 = sample(ref, &tsc0);
	do {
		if (arch_clock_read() - tsc0 > dead_ticks)
			return 0;
	} while (((ref->read() - ref0) & ref->mask) < ref->hz / MEASURE_HZ);
	ref1 = sample(ref, &tsc1);
	return (tsc1 - tsc0) * ref->hz / ((ref1 - ref0) & ref->mask);
}

static u64 by_pm_timer(void)
{
	static const struct counter c = { pm_timer_read, PM_TIMER_MASK, PM_TIMER_HZ };

	return x86_acpi.pm_timer ? measure(&c) : 0;
}

static u64 by_hpet(void)
{
	struct counter c = { hpet_read, 0xffffffff, 0 };
	u32 period, config;
	u64 hz;

	hpet = x86_acpi.hpet ? ioremap(x86_acpi.hpet, HPET_SIZE) : NULL;
	period = hpet ? hpet[HPET_PERIOD / 4] : 0;
	if (period < HPET_PERIOD_MIN || period > HPET_PERIOD_MAX)
		return 0;
	c.hz = FS_PER_SEC / period;
	config = hpet[HPET_CONFIG / 4];
	hpet[HPET_CONFIG / 4] = config | HPET_ENABLE;
	hz = measure(&c);
	hpet[HPET_CONFIG / 4] = config;
	return hz;
}

static u64 by_pit(void)
{
	static const struct counter c = { pit_read, PIT_MASK, PIT_HZ };

	x86_outb(PIT_COMMAND, PIT_CH0_MODE2);
	x86_outb(PIT_CHANNEL0, 0); /* 65536 */
	x86_outb(PIT_CHANNEL0, 0);
	return measure(&c);
}

/* In the order in which they are believed: hz() is 0 if there is no such thing. */
static const struct reference {
	const char *name;
	u64 (*hz)(void);
} references[] = {
	{ "pm-timer", by_pm_timer },
	{ "hpet", by_hpet },
	{ "pit", by_pit },
	{ "cpuid", x86_tsc_hz_by_cpuid },
};

static bool is_asked_for(const struct reference *r)
{
	return !reference_option[0] || !strcmp(reference_option, "auto") ||
	       !strcmp(reference_option, r->name);
}

/* Another reference's opinion of a rate that @by has given. */
static void compare(u64 hz, const struct reference *by, const struct reference *other)
{
	u64 hz2 = other->hz();

	if (hz2 >= TSC_HZ_MIN && (MAX(hz, hz2) - MIN(hz, hz2)) * 100 > hz * AGREE_PERCENT)
		pr_warn("the time stamp counter has %llu Hz by %s, %llu Hz by %s: the first counts",
			(unsigned long long)hz, by->name, (unsigned long long)hz2, other->name);
}

int arch_clock_init(void)
{
	const struct reference *by = NULL, *end = references + ARRAY_SIZE(references), *r;

	for (r = references; r < end; r++) {
		if (by) {
			compare(tsc_hz, by, r);
		} else if (is_asked_for(r)) {
			tsc_hz = r->hz();
			by = tsc_hz >= TSC_HZ_MIN ? r : NULL;
		}
	}
	if (by)
		return 0;
	pr_err("the time stamp counter's rate cannot be told: no ACPI timer, HPET or 8254 that "
	       "runs, and CPUID does not say%s%s",
	       reference_option[0] ? "; tsc_by=" : "", reference_option);
	return -ENODEV;
}
