/* SPDX-License-Identifier: GPL-2.0-only */
/* The UART of Amlogic's Meson (S905X3 Data Sheet 02, 13.5.4). */
#include <drivers/uart.h>

#define WFIFO	0x00
#define CONTROL 0x08
#define STATUS	0x0c
#define REG5	0x14 /* the divisor, since Meson6 */

#define CONTROL_SEND	 (1 << 12)
#define CONTROL_RECEIVE	 (1 << 13)
#define CONTROL_TWO_WIRE (1 << 15) /* no flow control */
#define CONTROL_IRQS	 (3 << 27)
#define STATUS_FULL	 (1 << 21)
#define STATUS_BUSY	 (1 << 25)

#define REG5_USE      (1 << 23)
#define REG5_XTAL     (1 << 24) /* from the crystal by 3, not from the clock by 4 */
#define XTAL_HZ	      24000000
#define XTAL_DIVISOR  3
#define CLOCK_DIVISOR 4

static void set_speed(const struct uart *u)
{
	bool xtal = u->clock_hz == XTAL_HZ;
	u32 divisor = uart_divisor(u, xtal ? XTAL_DIVISOR : CLOCK_DIVISOR);

	uart_wait(u, STATUS, STATUS_BUSY, 0);
	uart_set(u, REG5, (divisor - 1) | REG5_USE | (xtal ? REG5_XTAL : 0));
}

static void setup(struct uart *u)
{
	if (uart_speed_known(u))
		set_speed(u);
	uart_change(u, CONTROL, CONTROL_IRQS, CONTROL_SEND | CONTROL_RECEIVE | CONTROL_TWO_WIRE);
}

UART_DRIVER(meson) = {
	.compatible = { "amlogic,meson-uart", "amlogic,meson-ao-uart", "amlogic,meson6-uart",
			"amlogic,meson8-uart", "amlogic,meson8b-uart", "amlogic,meson-gx-uart",
			"amlogic,meson-g12a-uart", "amlogic,meson-s4-uart",
			"amlogic,meson-a1-uart" },
	.earlycon = { "meson" },
	.span = REG5 + 4,
	.width = 4,
	.data = WFIFO,
	.status = STATUS,
	.mask = STATUS_FULL,
	.ready = 0,
	.setup = setup,
};
