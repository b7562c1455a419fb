/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UART of Qualcomm's GENI serial engines (binding qcom,geni-uart). No manual is public: the
 * registers are used as in the console of Trusted Firmware-A, plat/qti. The engine is given a
 * command for each byte. Firmware loads the engine's program and sets clock and speed: all of that
 * stays.
 */
#include <drivers/uart.h>

#define STATUS	     0x040
#define TX_TRANS_LEN 0x270
#define M_CMD0	     0x600
#define TX_FIFO	     0x700

#define STATUS_COMMAND_ACTIVE (1 << 0)
#define COMMAND_START_TX      (1 << 27)

/* A command of one byte; with none active the FIFO is empty. */
static void put(const struct uart *u, u8 byte)
{
	uart_set(u, TX_TRANS_LEN, 1);
	uart_set(u, M_CMD0, COMMAND_START_TX);
	uart_set(u, TX_FIFO, byte);
}

UART_DRIVER(geni) = {
	.compatible = { "qcom,geni-debug-uart", "qcom,geni-uart" },
	.earlycon = { "qcom_geni" },
	.span = TX_FIFO + 4,
	.width = 4,
	.status = STATUS,
	.mask = STATUS_COMMAND_ACTIVE,
	.ready = 0,
	.put = put,
};
