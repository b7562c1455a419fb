/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cadence's UART in AMD's Zynq and Zynq UltraScale+ (Zynq UltraScale+ Device TRM, UG1085, chapter
 * 21; registers: UG1087, UART module).
 */
#include <drivers/uart.h>

#define CR	0x00
#define MR	0x04
#define IDR	0x0c
#define BAUDGEN 0x18
#define SR	0x2c
#define FIFO	0x30
#define BAUDDIV 0x34

#define CR_RESETS   (1 << 0 | 1 << 1) /* clear themselves */
#define CR_RECEIVE  (1 << 2)
#define CR_NO_RX    (1 << 3)
#define CR_SEND	    (1 << 4)
#define CR_NO_TX    (1 << 5)
#define MR_8N1	    (4 << 3)
#define SR_EMPTY    (1 << 3)
#define SR_FULL	    (1 << 4)
#define SR_ACTIVE   (1 << 11)
#define BAUDDIV_MIN 4
#define BAUDDIV_MAX 255
#define BAUDGEN_MAX 0xffff
#define IRQS	    0x3fff

/* How far off is the speed with this BAUDDIV? In parts of @want = clock / baud. */
static u32 error_of(u32 want, u32 div, u32 *gen)
{
	u32 got;

	*gen = (want + (div + 1) / 2) / (div + 1);
	got = *gen * (div + 1);
	return got > want ? got - want : want - got;
}

/* 21.3.2: baud = clock / (BAUDGEN * (BAUDDIV + 1)): the pair that comes nearest. */
static void set_speed(const struct uart *u)
{
	u32 want = uart_divisor(u, 1), best = UINT32_MAX, gen = 1, div = BAUDDIV_MIN;

	for (u32 d = BAUDDIV_MIN; d <= BAUDDIV_MAX; d++) {
		u32 g, error = error_of(want, d, &g);

		if (g && g <= BAUDGEN_MAX && error < best) {
			best = error;
			gen = g;
			div = d;
		}
	}
	uart_wait(u, SR, SR_EMPTY | SR_ACTIVE, SR_EMPTY);
	uart_set(u, CR, CR_NO_RX | CR_NO_TX);
	uart_set(u, BAUDGEN, gen);
	uart_set(u, BAUDDIV, div);
	uart_set(u, CR, CR_NO_RX | CR_NO_TX | CR_RESETS);
	uart_wait(u, CR, CR_RESETS, 0);
	uart_set(u, MR, MR_8N1);
}

static void setup(struct uart *u)
{
	uart_set(u, IDR, IRQS);
	if (uart_speed_known(u))
		set_speed(u);
	uart_change(u, CR, CR_NO_RX | CR_NO_TX, CR_RECEIVE | CR_SEND);
}

UART_DRIVER(cadence) = {
	.compatible = { "cdns,uart-r1p12", "cdns,uart-r1p8", "xlnx,xuartps", "xlnx,zynqmp-uart" },
	.earlycon = { "cdns" },
	.span = BAUDDIV + 4,
	.width = 4,
	.data = FIFO,
	.status = SR,
	.mask = SR_FULL,
	.ready = 0,
	.setup = setup,
};
