/* SPDX-License-Identifier: GPL-2.0-only */
/* The UART of NXP's i.MX, since i.MX21 (i.MX 8M Mini Reference Manual, IMX8MMRM, 16.2). */
#include <drivers/uart.h>

#define UTXD 0x40
#define UCR1 0x80
#define UCR2 0x84
#define UCR3 0x88
#define UFCR 0x90
#define USR2 0x98
#define UBIR 0xa4
#define UBMR 0xa8
#define UTS  0xb4

#define UCR1_ENABLE	(1 << 0)
#define UCR2_RECEIVE	(1 << 1)
#define UCR2_SEND	(1 << 2)
#define UCR2_8BIT	(1 << 5)
#define UCR2_IGNORE_RTS (1 << 14)
#define UCR3_RXDMUXSEL	(1 << 2)
#define UFCR_RFDIV_1	(5 << 7)
#define UFCR_LEVELS	(2 << 10 | 1) /* of interrupts that stay off; 0 is reserved */
#define USR2_SENT	(1 << 3)
#define UTS_FULL	(1 << 4)

/*
 * 16.2.8.8: baud = clock / (16 * (UBMR + 1) / (UBIR + 1)); UBIR counts only once UBMR is written.
 * With UBIR + 1 = 16 the divisor has steps of a sixteenth.
 */
static void set_speed(const struct uart *u)
{
	uart_wait(u, USR2, USR2_SENT, USR2_SENT);
	uart_set(u, UCR1, 0);
	uart_set(u, UFCR, UFCR_RFDIV_1 | UFCR_LEVELS);
	uart_set(u, UBIR, 15);
	uart_set(u, UBMR, uart_divisor(u, 1) - 1);
}

static void setup(struct uart *u)
{
	if (uart_speed_known(u))
		set_speed(u);
	uart_change(u, UCR3, 0, UCR3_RXDMUXSEL);
	uart_set(u, UCR1, UCR1_ENABLE);
	uart_change(u, UCR2, 0, UCR2_RECEIVE | UCR2_SEND | UCR2_8BIT | UCR2_IGNORE_RTS);
}

UART_DRIVER(imx) = {
	.compatible = { "fsl,imx21-uart", "fsl,imx53-uart", "fsl,imx6q-uart", "fsl,imx8mq-uart",
			"fsl,imx8mm-uart", "fsl,imx8mn-uart", "fsl,imx8mp-uart" },
	.earlycon = { "ec_imx21", "ec_imx6q" },
	.span = UTS + 4,
	.width = 4,
	.data = UTXD,
	.status = UTS,
	.mask = UTS_FULL,
	.ready = 0,
	.setup = setup,
};
