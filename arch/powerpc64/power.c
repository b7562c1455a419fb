/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Power-off through OPAL. It carries no status: the host reads the verdict from the console. Where
 * the machine cannot power off (no BMC), a reboot is tried: with QEMU's -no-reboot it ends the run.
 */
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/this_cpu.h>
#include <asm/opal.h>
#include <kernel/clock.h>
#include <kernel/printk.h>

#define FLUSH_TRIES    10000
#define POWEROFF_MAX_S 5
#define CLOCK_HZ_USUAL 512000000 /* of POWER9 and POWER10, if the device tree could not be read */

/* Firmware acts on the request in its own time, when polled (skiboot, doc/opal-api). */
static void poll_for(u64 seconds)
{
	u64 hz = arch_clock_hz() ? arch_clock_hz() : CLOCK_HZ_USUAL;
	u64 start = arch_clock_read();

	while (arch_clock_read() - start < hz * seconds)
		opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
}

/* Firmware may have kept text back. A console that takes none ends this, too. */
static void console_flush(void)
{
	s64 rc = OPAL_BUSY;

	for (unsigned int i = 0; i < FLUSH_TRIES; i++) {
		if (rc != OPAL_BUSY && rc != OPAL_BUSY_EVENT && rc != OPAL_PARTIAL)
			break;
		rc = opal_call(OPAL_CONSOLE_FLUSH, 0, 0, 0, 0, 0, 0);
		opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
	}
}

void arch_power_off(enum run_verdict v)
{
	s64 rc;

	arch_irq_disable();
	console_flush();
	rc = opal_call_wait(OPAL_CEC_POWER_DOWN, 0, 0, 0);
	if (rc == OPAL_SUCCESS)
		poll_for(POWEROFF_MAX_S);
	printk("OPAL does not power off (%lld): rebooting\n", (long long)rc);
	console_flush();
	opal_call_wait(OPAL_CEC_REBOOT, 0, 0, 0);
	poll_for(POWEROFF_MAX_S);
	arch_cpu_halt();
}

void arch_reset(void)
{
	arch_irq_disable();
	console_flush();
	opal_call_wait(OPAL_CEC_REBOOT, 0, 0, 0);
	poll_for(POWEROFF_MAX_S);
}
