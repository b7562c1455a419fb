/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console is the firmware's: its debug console (SBI 2.0, chapter 12), or else the legacy call
 * for one character (chapter 5). Firmware may have neither; then, and if the boot line names it by
 * earlycon=, it is a serial port that drivers/ knows. Whether firmware's text gets anywhere nobody
 * says: a screen shows the same.
 */
#include <arch/console.h>
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <kernel/boot.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "port.h"

static bool have_dbcn;
static struct uart uart;
static const struct fdt *tree; /* while console_choose() runs */
static void *uart_final;       /* its registers, on the final tables */

static int uart_map(struct uart *u)
{
	int err = 0;

	if (u->io_port)
		return -EINVAL;
	if (u->node >= 0)
		err = fdt_reg_phys(tree, u->node, 0, &u->pa, &u->size);
	if (err)
		return err;
	u->pa += u->offset;
	u->base = (unsigned long)early_map(u->pa, uart_span(u), PROT_DEVICE);
	return u->base ? 0 : -ENOMEM;
}

/*
 * Is there the legacy call? Version 0.1 of SBI had it and no call to ask by; some that came later
 * leave it out.
 */
static bool have_legacy(void)
{
	return sbi_call(SBI_EXT_BASE, SBI_BASE_SPEC_VERSION, 0, 0, 0, 0).error ||
	       sbi_probe(SBI_EXT_LEGACY_PUTCHAR);
}

int arch_console_init(void)
{
	have_dbcn = sbi_probe(SBI_EXT_DBCN);
	return have_dbcn || have_legacy() ? 0 : -ENODEV;
}

static void *map_screen(const struct framebuffer *fb)
{
	return boot_map_framebuffer(EARLY_SCREEN_BASE, fb);
}

static int use_screen(void)
{
	const struct screen_tree with_tree = { tree, fdt_reg_phys };

	return screen_console_start(&boot_handover.framebuffer, &with_tree, map_screen);
}

/* What firmware says of its legacy call may be wrong: better that than silence. */
void console_choose(const struct fdt *f, bool firmware_has_one)
{
	const char *line = earlycon_line(f, boot_early_line());

	tree = f;
	if (screen_is_asked_for(line) && !use_screen())
		return;
	if (!firmware_has_one && !uart_console_find(&uart, f, line, uart_map))
		return;
	if (uart_console_named(&uart, f, line, uart_map))
		use_screen();
}

int console_map_device(void)
{
	if (screen_console_map(kmap_framebuffer))
		return -ENOMEM;
	if (!uart.driver)
		return 0;
	uart_final = ioremap(uart.pa, uart_span(&uart));
	return uart_final ? 0 : -ENOMEM;
}

/* Firmware takes physical addresses and text may stand on a mapped stack: hence a copy. */
static void write_dbcn(const char *s, size_t len)
{
	static char buf[256];

	while (len) {
		size_t n = 0, done = 0;

		while (len && n + 2 <= sizeof(buf)) {
			if (*s == '\n')
				buf[n++] = '\r';
			buf[n++] = *s++;
			len--;
		}
		while (done < n) {
			struct sbi_ret r = sbi_call(SBI_EXT_DBCN, SBI_DBCN_WRITE, n - done,
						    __pa(buf + done), 0, 0);

			if (r.error)
				return;
			done += r.value;
		}
	}
}

static void putchar_legacy(char c)
{
	sbi_call(SBI_EXT_LEGACY_PUTCHAR, 0, (u8)c, 0, 0, 0);
}

static void write_legacy(const char *s, size_t len)
{
	for (; len; s++, len--) {
		if (*s == '\n')
			putchar_legacy('\r');
		putchar_legacy(*s);
	}
}

void arch_console_write(const char *s, size_t len)
{
	screen_console_write(s, len);
	if (uart.driver) {
		if (mmu_is_final())
			uart.base = (unsigned long)uart_final;
		uart_write(&uart, s, len);
	} else if (have_dbcn) {
		write_dbcn(s, len);
	} else {
		write_legacy(s, len);
	}
}
