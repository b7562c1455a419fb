/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: console on the first serial port, a 16550 (National Semiconductor PC16550D data sheet).
 * Its I/O port is what a BIOS wrote to its data area; where there is no such entry, the port that
 * the PC's first serial port has always had, if a scratch register answers there.
 */
#include <arch/console.h>
#include <lib/errno.h>

#include "port.h"

#define BDA_COM1    0x400 /* physical; IBM PC/AT technical reference, BIOS data area */
#define COM1_LEGACY 0x3f8

/* Registers, and the bits of theirs that we use. */
#define UART_DATA      0
#define UART_IER       1
#define UART_FCR       2
#define UART_IIR       2
#define UART_LCR       3
#define UART_MCR       4
#define UART_LSR       5
#define UART_SCRATCH   7
#define FCR_ENABLE     0x07 /* FIFOs on, and emptied */
#define IIR_FIFO       0xc0 /* the FIFOs are there and work */
#define LCR_8N1	       0x03
#define LCR_DLAB       0x80 /* registers 0 and 1 are the divisor */
#define MCR_DTR_RTS    0x03
#define LSR_THR_EMPTY  0x20
#define DIVISOR_115200 1
#define FIFO_SIZE      16
#define WRITE_TRIES_MAX \
	200000 /* a read of the status takes about 1 us; 16 characters take 1.4 ms */

static u16 uart; /* 0: none */
static unsigned int uart_fifo = 1;
static unsigned int uart_room; /* characters that may be written before the status is read again */

static bool uart_present(u16 port)
{
	x86_outb(port + UART_SCRATCH, 0x5a);
	if (x86_inb(port + UART_SCRATCH) != 0x5a)
		return false;
	x86_outb(port + UART_SCRATCH, 0xa5);
	return x86_inb(port + UART_SCRATCH) == 0xa5;
}

int arch_console_init(void)
{
	const u8 *bda = x86_bios_map(BDA_COM1, 2);
	u16 port = bda ? bda[0] | bda[1] << 8 : 0;

	if (!port || !uart_present(port))
		port = COM1_LEGACY;
	if (!uart_present(port))
		return -ENODEV;
	x86_outb(port + UART_IER, 0);
	x86_outb(port + UART_LCR, LCR_DLAB);
	x86_outb(port + UART_DATA, DIVISOR_115200);
	x86_outb(port + UART_IER, 0);
	x86_outb(port + UART_LCR, LCR_8N1);
	x86_outb(port + UART_MCR, MCR_DTR_RTS);
	x86_outb(port + UART_FCR, FCR_ENABLE);
	if ((x86_inb(port + UART_IIR) & IIR_FIFO) == IIR_FIFO)
		uart_fifo = FIFO_SIZE;
	uart = port;
	return 0;
}

/* A device that never gets ready costs the character, not the kernel. */
static void uart_putc(char c)
{
	unsigned int tries;

	if (!uart_room) {
		for (tries = 0; tries < WRITE_TRIES_MAX; tries++) {
			if (x86_inb(uart + UART_LSR) & LSR_THR_EMPTY)
				break;
		}
		uart_room = uart_fifo;
	}
	uart_room--;
	x86_outb(uart + UART_DATA, c);
}

void arch_console_write(const char *s, size_t len)
{
	size_t i;

	if (!uart)
		return;
	for (i = 0; i < len; i++) {
		if (s[i] == '\n')
			uart_putc('\r');
		uart_putc(s[i]);
	}
}
