/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of serial ports in memory. */
#include <arch/io.h>
#include <drivers/uart.h>

static u32 mmio_read(unsigned long addr, unsigned int width)
{
	const void *p = (const void *)addr;

	return width == 1 ? mmio_read8(p) : width == 2 ? mmio_read16(p) : mmio_read32(p);
}

static void mmio_write(unsigned long addr, unsigned int width, u32 val)
{
	void *p = (void *)addr;

	if (width == 1)
		mmio_write8(p, val);
	else if (width == 2)
		mmio_write16(p, val);
	else
		mmio_write32(p, val);
}

const struct uart_access uart_mmio = { .read = mmio_read, .write = mmio_write };
