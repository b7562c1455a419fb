/* SPDX-License-Identifier: GPL-2.0-only */
/* SiFive's UART (SiFive FU740-C000 Manual v1p3, chapter 18). */
#include <drivers/uart.h>

#define TXDATA 0x00
#define TXCTRL 0x08
#define IE     0x10
#define DIV    0x18

#define TXDATA_FULL (1U << 31)
#define TXCTRL_SEND (1 << 0)

/* 18.9: baud = clock / (div + 1). There is nothing that says when the last byte has gone out. */
static void setup(struct uart *u)
{
	uart_set(u, IE, 0);
	if (uart_speed_known(u))
		uart_set(u, DIV, uart_divisor(u, 1) - 1);
	uart_change(u, TXCTRL, 0, TXCTRL_SEND);
}

UART_DRIVER(sifive) = {
	.compatible = { "sifive,uart0", "sifive,fu540-c000-uart", "sifive,fu740-c000-uart" },
	.earlycon = { "sifive" },
	.span = DIV + 4,
	.width = 4,
	.data = TXDATA,
	.status = TXDATA,
	.mask = TXDATA_FULL,
	.ready = 0,
	.setup = setup,
};
