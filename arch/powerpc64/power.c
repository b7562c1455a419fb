/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Power-off through OPAL. It carries no status: the host reads the verdict from the console. Where
 * the machine cannot power off (no BMC), a reboot is tried: with QEMU's -no-reboot it ends the run.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <asm/opal.h>
#include <kernel/clock.h>
#include <kernel/printk.h>

#define FLUSH_MAX_NS	1000000000ULL
#define POWEROFF_MAX_NS 5000000000ULL

/* Firmware acts on the request in its own time, when polled (skiboot, doc/opal-api). */
static void poll_for(u64 ns)
{
	u64 start = arch_clock_read(), ticks = arch_clock_hz() * (ns / 1000000000ULL);

	while (arch_clock_read() - start < ticks)
		opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
}

static void console_flush(void)
{
	u64 start = arch_clock_read();
	s64 rc;

	do {
		rc = opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0, 0, 0, 0);
		opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
	} while ((rc == OPAL_BUSY || rc == OPAL_BUSY_EVENT || rc == OPAL_PARTIAL) &&
		 arch_clock_read() - start < arch_clock_hz());
}

void arch_power_off(enum run_verdict v)
{
	s64 rc;

	arch_irq_disable();
	console_flush();
	rc = opal_call_wait(OPAL_CEC_POWER_DOWN, 0, 0, 0);
	if (rc == OPAL_SUCCESS)
		poll_for(POWEROFF_MAX_NS);
	printk("OPAL does not power off (%lld): rebooting\n", (long long)rc);
	console_flush();
	opal_call_wait(OPAL_CEC_REBOOT, 0, 0, 0);
	poll_for(POWEROFF_MAX_NS);
	arch_cpu_halt();
}
