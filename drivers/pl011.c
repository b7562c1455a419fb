/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm's PL011 (PrimeCell UART Technical Reference Manual, DDI 0183), and the "SBSA generic UART"
 * (Server Base System Architecture, DEN 0029, appendix B): those of its registers that remain when
 * firmware sets it up.
 */
#include <drivers/uart.h>

/* DDI 0183, 3.2 and 3.3. */
#define DR   0x00
#define FR   0x18
#define IBRD 0x24
#define FBRD 0x28
#define LCRH 0x2c
#define CR   0x30
#define IMSC 0x38

#define FR_BUSY	      (1 << 3)
#define FR_FULL	      (1 << 5)
#define LCRH_FIFO_8N1 (3 << 5 | 1 << 4)
#define CR_ENABLE     (1 << 0)
#define CR_SEND	      (1 << 8)
#define CR_RECEIVE    (1 << 9)

/* 3.3.13, 3.3.14: the peripheral's number and the PrimeCell's, a byte in each word. */
#define PERIPH_ID0 0xfe0
#define PERIPH_ID1 0xfe4
#define CELL_ID0   0xff0

/*
 * 3.3.8: disabled after the byte that is being sent; the divisor, in 64ths, counts from when LCRH
 * is written.
 */
static void set_speed(const struct uart *u)
{
	u64 sixteenth = 16ULL * u->baud;
	u32 divisor = (64ULL * u->clock_hz + sixteenth / 2) / sixteenth;

	uart_wait(u, FR, FR_BUSY, 0);
	uart_set(u, CR, 0);
	uart_set(u, IBRD, divisor >> 6);
	uart_set(u, FBRD, divisor & 63);
	uart_set(u, LCRH, LCRH_FIFO_8N1);
}

static void setup(struct uart *u)
{
	bool on = uart_read(u, CR) & CR_ENABLE;

	if (!on && !u->baud)
		u->baud = UART_BAUD_DEFAULT;
	if (uart_speed_known(u))
		set_speed(u);
	uart_set(u, IMSC, 0);
	uart_change(u, CR, 0, CR_ENABLE | CR_SEND | CR_RECEIVE);
}

static bool probe(const struct uart *u)
{
	static const u8 cell_id[] = { 0x0d, 0xf0, 0x05, 0xb1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(cell_id); i++)
		if ((uart_read(u, CELL_ID0 + 4 * i) & 0xff) != cell_id[i])
			return false;
	return (uart_read(u, PERIPH_ID0) & 0xff) == 0x11 && !(uart_read(u, PERIPH_ID1) & 0x0f);
}

#define REGISTERS .width = 4, .data = DR, .status = FR, .mask = FR_FULL, .ready = 0

UART_DRIVER(pl011) = {
	.compatible = { "arm,pl011" },
	.earlycon = { "pl011" },
	.span = IMSC + 4,
	REGISTERS,
	.setup = setup,
	.probe = probe,
	.probe_span = 0x1000,
};

UART_DRIVER(sbsa_uart) = {
	.compatible = { "arm,sbsa-uart" },
	.earlycon = { "sbsa-uart" },
	.span = FR + 4,
	REGISTERS,
};
