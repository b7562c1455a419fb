/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console: the serial port that /chosen/stdout-path names, or the alias serial0. Firmware has
 * set its speed; all that is done here is to wait for room and to write a byte.
 *
 * Without a device tree there is nobody to tell but an emulator or a debug probe: then the text
 * goes there by semihosting, which does nothing on a machine that is alone.
 */
#include <arch/console.h>
#include <arch/cpu.h>
#include <lib/errno.h>
#include <lib/string.h>

#include "port.h"

/* A UART as far as polled output needs it: its data register, and when that takes a byte. */
struct uart {
	const char *compatible;
	u32 data, status; /* offsets of the registers */
	u32 mask, ready;  /* (status & mask) == ready */
};

static const struct uart uarts[] = {
	/* Arm PL011 (DDI 0183), 3.3: UARTDR; UARTFR.TXFF */
	{ "arm,pl011", 0x00, 0x18, 1 << 5, 0 },
	/* BCM2835 ARM Peripherals, 2.2: AUX_MU_IO; AUX_MU_LSR, transmitter can accept a byte */
	{ "brcm,bcm2835-aux-uart", 0x00, 0x14, 1 << 5, 1 << 5 },
};

static const struct uart *uart;
static struct early_device uart_dev;
static bool by_semihosting;

/* The node that @path names: an alias or a path, up to a ':' after which the speed stands. */
static int node_by_path(const char *path)
{
	char name[128];
	const char *end = strchr(path, ':');
	size_t len = end ? (size_t)(end - path) : strlen(path);
	int aliases;

	if (len >= sizeof(name))
		return -EINVAL;
	memcpy(name, path, len);
	name[len] = '\0';
	if (name[0] == '/')
		return fdt_path(&machine_fdt, name);
	aliases = fdt_path(&machine_fdt, "/aliases");
	path = aliases < 0 ? NULL : fdt_prop_string(&machine_fdt, aliases, name);
	return path ? fdt_path(&machine_fdt, path) : -ENOENT;
}

static int uart_node(void)
{
	int chosen = fdt_path(&machine_fdt, "/chosen");
	const char *path = chosen < 0 ? NULL : fdt_prop_string(&machine_fdt, chosen, "stdout-path");
	int node = path ? node_by_path(path) : -ENOENT;

	return node < 0 ? node_by_path("serial0") : node;
}

int arch_console_init(void)
{
	phys_addr_t pa;
	u64 size;
	int node = uart_node();
	int err;

	if (node < 0)
		return node;
	for (unsigned int i = 0; i < ARRAY_SIZE(uarts); i++)
		if (fdt_is_compatible(&machine_fdt, node, uarts[i].compatible))
			uart = &uarts[i];
	if (!uart)
		return -ENODEV;
	err = fdt_reg_phys(&machine_fdt, node, 0, &pa, &size);
	if (err)
		return err;
	return early_ioremap(&uart_dev, pa, uart->status + 4);
}

void console_use_semihosting(void)
{
	by_semihosting = true;
}

bool console_is_semihosting(void)
{
	return by_semihosting;
}

/* Semihosting for AArch32 and AArch64 (Arm, 2021): SYS_WRITE0, a terminated string. */
#define SYS_WRITE0 0x04

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

static void console_put(char c)
{
	while ((mmio_read32(uart_dev.base + uart->status) & uart->mask) != uart->ready)
		cpu_relax();
	mmio_write32(uart_dev.base + uart->data, (u8)c);
}

void arch_console_write(const char *s, size_t len)
{
	if (by_semihosting)
		semihosting_write(s, len);
	if (!uart_dev.base)
		return;
	for (; len--; s++) {
		if (*s == '\n')
			console_put('\r');
		console_put(*s);
	}
}
