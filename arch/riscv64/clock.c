/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time counter and the timer interrupt: the hart's own comparator where it has one (Sstc,
 * version 1.0), else the firmware's (SBI 2.0, chapter 6), at two turns in machine mode a tick.
 */
#include <arch/clock.h>
#include <drivers/watchdog.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <lib/compiler.h>
#include <lib/errno.h>

#include "port.h"

static u64 timebase_hz;
static bool have_sstc;

/* Devicetree Specification v0.4, section 3.7: at /cpus, or (3.8.1) at each CPU; 32 or 64 bits. */
int clock_discover(const struct fdt *f)
{
	int node = fdt_path(f, "/cpus");
	struct fdt_prop p;
	u64 hz = 0;

	if (node >= 0 && fdt_prop(f, node, "timebase-frequency", &p) < 0)
		node = fdt_first_child(f, node);
	if (node < 0 || fdt_prop(f, node, "timebase-frequency", &p) < 0 ||
	    (p.len != 4 && p.len != 8)) {
		pr_err("device tree: no usable timebase-frequency in /cpus\n");
		return -ENOENT;
	}
	for (u32 i = 0; i < p.len; i++)
		hz = hz << 8 | p.data[i];
	if (hz < 1000) {
		pr_err("device tree: timebase-frequency of %lu Hz\n", hz);
		return -EINVAL;
	}
	timebase_hz = hz;
	return 0;
}

void clock_has_sstc(bool says_tree)
{
	have_sstc = says_tree;
}

/*
 * Is stimecmp ours to write? Machine mode has to permit it (menvcfg.STCE: Sstc 1.0, section 2.1),
 * and a tree may be newer than the firmware under it. Where it is not, the write is an illegal
 * instruction; this one goes no further than to 2. Interrupts disabled.
 */
static bool stimecmp_is_ours(void)
{
	unsigned long vector = csr_read(stvec), ours = 0, here;

	__asm__ __volatile__("	la	%1, 2f\n"
			     "	csrw	stvec, %1\n"
			     "	csrw	%3, %4\n"
			     "	li	%0, 1\n"
			     "	.balign	4\n"
			     "2:	csrw	stvec, %2\n"
			     : "+r"(ours), "=&r"(here)
			     : "r"(vector), "i"(CSR_STIMECMP), "r"(-1UL)
			     : "memory");
	return ours;
}

u64 arch_clock_hz(void)
{
	return timebase_hz;
}

int arch_clock_init(void)
{
	if (have_sstc && !stimecmp_is_ours()) {
		pr_warn("the device tree has Sstc, which firmware has not enabled: the timer is "
			"firmware's\n");
		have_sstc = false;
	}
	return timebase_hz ? 0 : -ENOENT;
}

void arch_timer_arm(u64 ticks)
{
	u64 when;

	if (!smp_processor_id())
		watchdogs_tick();
	when = arch_clock_read() + ticks;
	if (have_sstc)
		csr_write(CSR_STIMECMP, when);
	else
		sbi_call(SBI_EXT_TIME, SBI_TIME_SET, when, 0, 0, 0);
	csr_set(sie, 1UL << IRQ_S_TIMER);
}
