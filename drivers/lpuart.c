/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NXP's LPUART: i.MX 7ULP, 8QM, 8QXP, 8ULP, 93 (i.MX 8QuadXPlus Reference Manual, IMX8DQXPRM,
 * 13.2), and Layerscape LS1028A (LS1028ARM, chapter 23), whose registers begin 16 bytes earlier.
 */
#include <drivers/uart.h>

#define BAUD 0x00
#define STAT 0x04
#define CTRL 0x08
#define DATA 0x0c

#define BAUD_SBR_MAX 0x1fff
#define BAUD_OSR_16  (15 << 24)
#define STAT_SENT    (1 << 22)
#define STAT_ROOM    (1 << 23)
#define CTRL_RECEIVE (1 << 18)
#define CTRL_SEND    (1 << 19)
#define IMX	     0x10 /* where the registers begin */
#define OVERSAMPLING 16

/* baud = clock / ((OSR + 1) * SBR), to be changed while both directions are off. */
static void set_speed(const struct uart *u, u32 at)
{
	u32 divisor = uart_divisor(u, OVERSAMPLING);

	uart_wait(u, at + STAT, STAT_SENT, STAT_SENT);
	uart_set(u, at + CTRL, 0);
	uart_set(u, at + BAUD, BAUD_OSR_16 | MIN(divisor, BAUD_SBR_MAX));
}

static void setup_at(const struct uart *u, u32 at)
{
	if (uart_speed_known(u))
		set_speed(u, at);
	uart_set(u, at + CTRL, CTRL_SEND | CTRL_RECEIVE);
}

static void setup(struct uart *u)
{
	setup_at(u, 0);
}

static void setup_imx(struct uart *u)
{
	setup_at(u, IMX);
}

#define REGISTERS .width = 4, .mask = STAT_ROOM, .ready = STAT_ROOM

UART_DRIVER(lpuart) = {
	.compatible = { "fsl,ls1028a-lpuart" },
	.earlycon = { "lpuart32" },
	.span = DATA + 4,
	REGISTERS,
	.data = DATA,
	.status = STAT,
	.setup = setup,
};

UART_DRIVER(lpuart_imx) = {
	.compatible = { "fsl,imx7ulp-lpuart", "fsl,imx8qxp-lpuart", "fsl,imx8ulp-lpuart",
			"fsl,imx93-lpuart" },
	.span = IMX + DATA + 4,
	REGISTERS,
	.data = IMX + DATA,
	.status = IMX + STAT,
	.setup = setup_imx,
};
