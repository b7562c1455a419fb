/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: a serial port that drivers/ knows, as the boot line or the device tree names it.
 *
 * Without one there is nobody to tell but an emulator or a debug probe: then the text goes there by
 * semihosting, which does nothing on a machine that is alone. There the run ends before it begins,
 * by a reset with a code for firmware, or switched off: not in silence for as long as it takes.
 */
#include <arch/console.h>
#include <drivers/uart.h>
#include <lib/errno.h>
#include <lib/string.h>

#include "port.h"

static struct uart uart;
static struct early_device uart_dev;
static bool by_semihosting;

static int uart_map(struct uart *u)
{
	int err = 0;

	if (u->io_port)
		return -EINVAL;
	if (u->node >= 0)
		err = fdt_reg_phys(&machine_fdt, u->node, 0, &u->pa, &u->size);
	if (err)
		return err;
	u->pa += u->offset;
	err = early_ioremap(&uart_dev, u->pa, uart_span(u));
	u->base = (unsigned long)uart_dev.base;
	return err;
}

int arch_console_init(void)
{
	const char *line = boot_built_in_line();

	return uart_console_find(&uart, &machine_fdt, *line ? line : NULL, uart_map);
}

void console_use_semihosting(void)
{
	by_semihosting = true;
}

bool console_is_semihosting(void)
{
	return by_semihosting;
}

/* Semihosting for AArch32 and AArch64 (Arm, 2021). */
#define SYS_WRITE0  0x04 /* a terminated string */
#define SYS_ISERROR 0x08 /* 0 for a status that is none */

bool console_is_heard(void)
{
	static const u64 no_error;

	/* Where nobody serves it the call changes nothing: it "returns" its own number. */
	return uart.driver || !semihosting_call(SYS_ISERROR, &no_error);
}

static void semihosting_write(const char *s, size_t len)
{
	char buf[128];

	while (len) {
		size_t n = MIN(len, sizeof(buf) - 1);

		memcpy(buf, s, n);
		buf[n] = '\0';
		semihosting_call(SYS_WRITE0, buf);
		s += n;
		len -= n;
	}
}

void arch_console_write(const char *s, size_t len)
{
	if (by_semihosting || !uart.driver)
		semihosting_write(s, len);
	if (!uart.driver)
		return;
	uart.base = (unsigned long)uart_dev.base; /* which arch_mmu_activate() moves */
	uart_write(&uart, s, len);
}
