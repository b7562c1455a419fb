/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Console: OPAL's terminal 0, whatever device that is. And how to call OPAL at all, and how often
 * it must be called.
 */
#include <arch/clock.h>
#include <arch/console.h>
#include <asm/opal.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <mm/address.h>

#include "port.h"

/*
 * OPAL reads these by physical address, so they cannot be on a stack, which may be in the VMAP
 * area. Protected by the console lock (in a panic only one CPU writes).
 */
static char chunk[256];
static u64 chunk_len;

s64 opal_call_wait(u64 token, u64 a0, u64 a1, u64 a2)
{
	s64 rc;

	do {
		rc = opal_call(token, a0, a1, a2, 0, 0, 0);
		if (rc == OPAL_BUSY_EVENT || rc == OPAL_BUSY)
			opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
	} while (rc == OPAL_BUSY_EVENT || rc == OPAL_BUSY);
	return rc;
}

bool opal_has(u64 token)
{
	return opal_call(OPAL_CHECK_TOKEN, token, 0, 0, 0, 0, 0) == 1;
}

#define POLL_LONG_MS 1000 /* what waits for an answer of CPU 0 may give up soon */

/*
 * Firmware has work of its own, messages to the BMC and their answers above all, which it does when
 * the kernel polls it (skiboot, doc/device-tree/ibm,opal: ibm,heartbeat-ms; POWER9's must be
 * respected). Among it is the message that stops the watchdog by which the BMC guards the boot:
 * firmware queues it as it starts the kernel, so unless polled, the BMC resets the machine a minute
 * later.
 */
void opal_heartbeat(void)
{
	static u64 last; /* CPU 0's */
	u64 now = arch_clock_read(), took_ms;

	if (smp_processor_id() != 0 ||
	    now - last < (u64)machine.heartbeat_ms * machine.timebase_hz / 1000)
		return;
	last = now;
	opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
	took_ms = (arch_clock_read() - now) * 1000 / machine.timebase_hz;
	if (took_ms > POLL_LONG_MS)
		printk("warning: firmware had cpu 0 for %llu ms, interrupts disabled\n",
		       (unsigned long long)took_ms);
}

int arch_console_init(void)
{
	return opal.entry ? 0 : -ENODEV;
}

/* Hand @len bytes of chunk[] over; it may take them piecemeal. What it refuses is lost. */
static void chunk_write(size_t len)
{
	size_t done = 0;

	while (done < len) {
		s64 rc;

		chunk_len = len - done;
		rc = opal_call_wait(OPAL_CONSOLE_WRITE, 0, __pa(&chunk_len), __pa(chunk + done));
		if (rc != OPAL_SUCCESS && rc != OPAL_PARTIAL)
			return;
		done += chunk_len;
		if (!chunk_len)
			opal_call(OPAL_POLL_EVENTS, 0, 0, 0, 0, 0, 0);
	}
}

void arch_console_write(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n')
			chunk[n++] = '\r';
		chunk[n++] = s[i];
		if (n >= sizeof(chunk) - 1) {
			chunk_write(n);
			n = 0;
		}
	}
	chunk_write(n);
}
