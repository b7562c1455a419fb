/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the console. In this order: what earlycon= names; what ACPI's SPCR names; the first and
 * the second serial port that PCs have always had, at the I/O ports that a BIOS wrote to its data
 * area (IBM PC/AT technical reference) or at the usual ones; one behind PCI; the screen, as a frame
 * buffer or where a BIOS left it in text mode; the port by which emulators take text (Bochs User
 * Manual, port_e9_hack). A serial port that nobody named may have no plug: then the frame buffer
 * gets the same text.
 *
 * Registers in memory are reached through the boot tables first, which map them write-back: that
 * they are devices the MTRRs say, and uncached wins (Intel SDM vol. 3A table 12-7).
 */
#include <arch/console.h>
#include <drivers/screen.h>
#include <drivers/uart.h>
#include <drivers/vga_text.h>
#include <kernel/boot.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "port.h"

#define BDA_COM1    0x400 /* and 0x402: port of COM2 */
#define BDA_MODE    0x449 /* of the screen */
#define COM1_LEGACY 0x3f8
#define COM2_LEGACY 0x2f8
#define PC_CLOCK_HZ 1843200
#define MODE_TEXT   3 /* 80 columns, 25 lines, colours */
#define TEXT_PHYS   0xb8000
#define SCRATCH	    7
#define DEBUG_PORT  0xe9 /* reads as its number */

static struct uart uart;
static struct vga_text text_screen;
static bool by_debug_port;
static void *device, *device_final; /* registers in memory: on the boot tables, and after */

static u32 port_read(unsigned long port, unsigned int width)
{
	return width == 1 ? x86_inb(port) : width == 2 ? x86_inw(port) : x86_inl(port);
}

static void port_write(unsigned long port, unsigned int width, u32 val)
{
	if (width == 1)
		x86_outb(port, val);
	else if (width == 2)
		x86_outw(port, val);
	else
		x86_outl(port, val);
}

static const struct uart_access port_access = { .read = port_read, .write = port_write };

static int uart_map(struct uart *u)
{
	device = NULL;
	if (u->io_port) {
		u->access = &port_access;
		u->base = u->pa;
		if (!u->clock_hz)
			u->clock_hz = PC_CLOCK_HZ;
		return 0;
	}
	device = x86_boot_map_device(u->pa, uart_span(u));
	u->base = (unsigned long)device;
	return device ? 0 : -EFAULT;
}

/* Does a scratch register answer at @port? */
static bool port_answers(u16 port)
{
	x86_outb(port + SCRATCH, 0x5a);
	if (x86_inb(port + SCRATCH) != 0x5a)
		return false;
	x86_outb(port + SCRATCH, 0xa5);
	return x86_inb(port + SCRATCH) == 0xa5;
}

/* A 16550; clock, speed 0: as firmware left it. */
static int use_uart(phys_addr_t pa, bool io_port, u32 clock_hz, u32 baud, u8 width)
{
	static const char name[] = "ns16550a";
	int err;

	uart_init(&uart, uart_driver_find(name, sizeof(name) - 1, false));
	uart.pa = pa;
	uart.io_port = io_port;
	uart.clock_hz = clock_hz;
	uart.baud = baud;
	uart.width = width;
	uart.shift = width / 2; /* 1, 2 and 4 bytes: registers stand side by side */
	err = uart_map(&uart);
	return err ? err : uart_start(&uart);
}

static int use_pc_uart(phys_addr_t pa, bool io_port)
{
	return use_uart(pa, io_port, PC_CLOCK_HZ, UART_BAUD_DEFAULT, 1);
}

static int use_spcr(void)
{
	const struct acpi_serial *s = &x86_acpi.console;

	return s->addr ? use_uart(s->addr, s->io_port, s->clock_hz, s->baud, s->width) : -ENODEV;
}

static int use_port(u16 port)
{
	return port && port_answers(port) ? use_pc_uart(port, true) : -ENODEV;
}

static int use_com_ports(void)
{
	const u8 *bda = x86_bios_map(BDA_COM1, 4);

	for (unsigned int i = 0; bda && i < 4; i += 2)
		if (!use_port(bda[i] | bda[i + 1] << 8))
			return 0;
	return use_port(COM1_LEGACY) ? use_port(COM2_LEGACY) : 0;
}

static int use_pci(void)
{
	struct x86_pci_serial found;

	return x86_pci_find_serial(&found) ? use_pc_uart(found.addr, found.io_port) : -ENODEV;
}

static void *map_screen(const struct framebuffer *fb)
{
	phys_addr_t at = ALIGN_DOWN(fb->pa, 2UL << 20);

	if (fb->pa + framebuffer_size(fb) > x86_boot_map_end)
		return NULL;
	return boot_map_framebuffer((unsigned long)__va(at), fb);
}

static int use_screen(void)
{
	return screen_console_start(&boot_info.framebuffer, NULL, map_screen);
}

static int use_text_screen(void)
{
	const u8 *mode = x86_bios_map(BDA_MODE, 1);

	if (!mode || *mode != MODE_TEXT)
		return -ENODEV;
	device = x86_boot_map_device(TEXT_PHYS, VGA_TEXT_SIZE);
	vga_text_init(&text_screen, device);
	return 0;
}

int arch_console_init(void)
{
	const char *line = boot_built_in_line();

	line = *line ? line : boot_info.cmdline;
	if (!uart_console_find(&uart, NULL, line, uart_map))
		return 0;
	if (screen_is_asked_for(line) && !use_screen())
		return 0;
	if (!use_spcr())
		return 0;
	if (!use_com_ports() || !use_pci()) {
		use_screen();
		return 0;
	}
	uart.driver = NULL;
	if (!use_screen() || !use_text_screen())
		return 0;
	by_debug_port = x86_inb(DEBUG_PORT) == DEBUG_PORT;
	return by_debug_port ? 0 : -ENODEV;
}

int x86_console_map(void)
{
	int err = screen_console_map(kmap_framebuffer);

	if (err || !device)
		return err;
	device_final = text_screen.cells ? ioremap(TEXT_PHYS, VGA_TEXT_SIZE)
					 : ioremap(uart.pa, uart_span(&uart));
	return device_final ? 0 : -ENOMEM;
}

void x86_console_activate(void)
{
	screen_console_activate();
	if (!device_final)
		return;
	if (text_screen.cells)
		text_screen.cells = device_final;
	else
		uart.base = (unsigned long)device_final;
}

void arch_console_write(const char *s, size_t len)
{
	if (!uart.driver && !text_screen.cells && !by_debug_port && !screen_console_is_on())
		use_com_ports(); /* a panic before there is a console */
	screen_console_write(s, len);
	if (uart.driver)
		uart_write(&uart, s, len);
	else if (text_screen.cells)
		vga_text_write(&text_screen, s, len);
	for (; by_debug_port && len--; s++)
		x86_outb(DEBUG_PORT, *s);
}
