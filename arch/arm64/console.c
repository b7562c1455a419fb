/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: a serial port that drivers/ knows, as the boot line or the device tree names it; or
 * a screen, where there is none or the boot line asks for it.
 *
 * Without one there is nobody to tell but an emulator or a debug probe: then the text goes there by
 * semihosting, which does nothing on a machine that is alone. There the run ends before it begins,
 * by a reset with a code for firmware, or switched off: not in silence for as long as it takes.
 */
#include <arch/console.h>
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

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

static void *map_screen(const struct framebuffer *fb)
{
	return boot_map_framebuffer(EARLY_SCREEN_BASE, fb);
}

int console_use_screen(const struct fdt *f)
{
	const struct screen_tree tree = { f, fdt_reg_phys };

	return screen_console_start(&boot_handover.framebuffer, f ? &tree : NULL, map_screen);
}

int arch_console_init(void)
{
	const struct fdt *f = &machine_fdt;
	const char *line = earlycon_line(f, boot_early_line());

	if (screen_is_asked_for(line) && !console_use_screen(f))
		return 0;
	if (!uart_console_find(&uart, f, line, uart_map))
		return 0;
	return console_use_screen(f);
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
	return uart.driver || screen_console_is_on() || !semihosting_call(SYS_ISERROR, &no_error);
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
	screen_console_write(s, len);
	if (by_semihosting || (!uart.driver && !screen_console_is_on()))
		semihosting_write(s, len);
	if (!uart.driver)
		return;
	uart.base = (unsigned long)uart_dev.base; /* which arch_mmu_activate() moves */
	uart_write(&uart, s, len);
}
