/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The counter's rate, measured against CLOCK_MONOTONIC: no file says it alike on all ISAs, and an
 * emulator's counter may have another than the machine's.
 */
#include <arch/clock.h>
#include <kernel/printk.h>
#include <lib/errno.h>

#include "port.h"

#define NS_PER_SEC     1000000000ULL
#define CALIBRATION_NS 20000000ULL

static u64 clock_hz;

struct sample {
	u64 ns, ticks;
};

/* Both clocks at one time: of some tries, the one that took least between two looks. */
static struct sample sample_take(void)
{
	struct sample best = { 0 };
	u64 least = ~0ULL;

	for (int i = 0; i < 16; i++) {
		struct linux_timespec t = { 0 };
		u64 before = host_counter(), after;

		host_syscall(HOST_NR_clock_gettime, LINUX_CLOCK_MONOTONIC, (long)&t, 0, 0, 0, 0);
		after = host_counter();
		if (after - before >= least)
			continue;
		least = after - before;
		best.ns = t.sec * NS_PER_SEC + t.nsec;
		best.ticks = before + least / 2;
	}
	return best;
}

int arch_clock_init(void)
{
	struct sample from = sample_take(), to;

	do
		to = sample_take();
	while (to.ns - from.ns < CALIBRATION_NS);
	clock_hz = (to.ticks - from.ticks) * NS_PER_SEC / (to.ns - from.ns);
	if (!clock_hz) {
		pr_err("the counter of this machine does not count");
		return -ENODEV;
	}
	return 0;
}

u64 arch_clock_hz(void)
{
	return clock_hz;
}
