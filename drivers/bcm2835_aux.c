/* SPDX-License-Identifier: GPL-2.0-only */
/* The mini UART of Broadcom's BCM2835 and later (BCM2835 ARM Peripherals, 2.2). */
#include <drivers/uart.h>

#define IO   0x00
#define IER  0x04
#define LCR  0x0c
#define LSR  0x14
#define CNTL 0x20
#define BAUD 0x28

#define LCR_8BIT    3 /* the manual says 1, of which its errata say that it is 3 */
#define LSR_ROOM    (1 << 5)
#define LSR_IDLE    (1 << 6)
#define CNTL_ENABLE 3 /* receiver and transmitter, no flow control */

/* 2.2.1: the speed is clock / (8 * (BAUD + 1)). */
static void setup(struct uart *u)
{
	uart_wait(u, LSR, LSR_IDLE, LSR_IDLE);
	uart_set(u, IER, 0);
	uart_set(u, LCR, LCR_8BIT);
	if (uart_speed_known(u))
		uart_set(u, BAUD, uart_divisor(u, 8) - 1);
	uart_change(u, CNTL, 0, CNTL_ENABLE);
}

UART_DRIVER(bcm2835_aux) = {
	.compatible = { "brcm,bcm2835-aux-uart" },
	.earlycon = { "bcm2835aux" },
	.span = BAUD + 4,
	.width = 4,
	.data = IO,
	.status = LSR,
	.mask = LSR_ROOM,
	.ready = LSR_ROOM,
	.setup = setup,
};
