/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UART of Samsung's Exynos (Exynos 4412 User's Manual, 28.6) and what has it from there:
 * Google's Tensor, Tesla's FSD, Apple's. Its clock is behind a controller of the chip's: the speed
 * stays as firmware set it.
 */
#include <drivers/uart.h>

#define UCON	0x04
#define UTRSTAT 0x10
#define UTXH	0x20

#define UCON_SEND_POLLED (1 << 2)
#define UCON_SEND_MASK	 (3 << 2)
#define UTRSTAT_EMPTY	 (1 << 1) /* the FIFO too, where it is on */

static void setup(struct uart *u)
{
	uart_change(u, UCON, UCON_SEND_MASK, UCON_SEND_POLLED);
}

UART_DRIVER(samsung) = {
	.compatible = { "samsung,exynos4210-uart", "samsung,exynos5433-uart",
			"samsung,exynos850-uart", "google,gs101-uart", "tesla,fsd-uart",
			"axis,artpec8-uart", "apple,s5l-uart" },
	.earlycon = { "exynos4210", "s5l", "gs101" },
	.span = UTXH + 4,
	.width = 4,
	.data = UTXH,
	.status = UTRSTAT,
	.mask = UTRSTAT_EMPTY,
	.ready = UTRSTAT_EMPTY,
	.setup = setup,
	.keeps_speed = true,
};
