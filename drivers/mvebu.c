/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two UARTs of Marvell's Armada 37xx (Functional Specifications, UART): the second one, called
 * extended, has the register for data elsewhere.
 */
#include <drivers/uart.h>

#define TSH	 0x04
#define TSH_EXT	 0x1c
#define CTRL	 0x08
#define CTRL_EXT 0x04
#define STAT	 0x0c
#define BRDV	 0x10
#define OSAMP	 0x14

#define CTRL_RESETS (1 << 14 | 1 << 15) /* of the FIFOs; held while set */
#define STAT_EMPTY  (1 << 6)
#define STAT_FULL   (1 << 11)
#define BRDV_MASK   0x3ff

/* baud = clock / (16 * divisor), if no other oversampling is chosen in OSAMP. */
static void set_speed(const struct uart *u)
{
	uart_wait(u, STAT, STAT_EMPTY, STAT_EMPTY);
	uart_change(u, BRDV, BRDV_MASK, uart_divisor(u, 16) & BRDV_MASK);
	uart_set(u, OSAMP, 0);
}

static void setup(struct uart *u)
{
	if (uart_speed_known(u))
		set_speed(u);
	uart_change(u, CTRL, CTRL_RESETS, 0);
}

static void setup_ext(struct uart *u)
{
	if (uart_speed_known(u))
		set_speed(u);
	uart_change(u, CTRL_EXT, CTRL_RESETS, 0);
}

#define REGISTERS .width = 4, .status = STAT, .mask = STAT_FULL, .ready = 0

UART_DRIVER(mvebu) = {
	.compatible = { "marvell,armada-3700-uart" },
	.earlycon = { "ar3700_uart" },
	.span = OSAMP + 4,
	REGISTERS,
	.data = TSH,
	.setup = setup,
};

UART_DRIVER(mvebu_ext) = {
	.compatible = { "marvell,armada-3700-uart-ext" },
	.span = TSH_EXT + 4,
	REGISTERS,
	.data = TSH_EXT,
	.setup = setup_ext,
};
