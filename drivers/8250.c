/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 8250 family: National Semiconductor's PC16550D (data sheet, 1995) and what was made after it,
 * with eight registers at any distance and of any width. Those that differ in more than that:
 *  - Synopsys' DesignWare APB UART (DW_apb_uart Databook 4.02a): ignores a write of LCR while it is
 *    busy, which it is as long as unread bytes lie in its FIFO
 *  - TI's OMAP and K3 (AM65x TRM, 12.1.6): another register says that it is a 16550 at all
 *  - Intel's PXA and what has it from there (PXA27x Developer's Manual, 10.4.9): a bit of IER
 *    enables the device
 *  - MediaTek's (MT7622 Reference Manual): more registers make the speed, which is left as it is
 */
#include <drivers/uart.h>

#define DATA 0
#define IER  1
#define FCR  2
#define IIR  2
#define LCR  3
#define MCR  4
#define LSR  5

#define IER_PXA_ENABLE 0x40
#define FCR_ENABLE     0x07 /* FIFOs on, and emptied */
#define IIR_FIFO       0xc0 /* the FIFOs are there and work */
#define LCR_8N1	       0x03
#define LCR_DLAB       0x80 /* registers 0 and 1 are the divisor */
#define MCR_DTR_RTS    0x03
#define LSR_THR_EMPTY  0x20 /* room: the FIFO, if there is one, is empty */
#define LSR_IDLE       0x40 /* and the shift register too */
#define FIFO_SIZE      16

#define OMAP_MDR1	   8 /* MODE_SELECT */
#define OMAP_MDR1_16X	   0
#define OMAP_MDR1_DISABLED 7

#define DW_CTR	 63 /* register: component type */
#define DW_TYPE	 0x44570110
#define DW_TRIES 1000

/*
 * A DesignWare that took a byte from the line meanwhile drops the write (Databook, 5.2.3 LCR): it
 * is written again, with the receiver emptied.
 */
static void set_lcr(const struct uart *u, u32 lcr)
{
	for (unsigned int i = 0; i < DW_TRIES; i++) {
		uart_set(u, LCR, lcr);
		if ((uart_read(u, LCR) & 0xff) == lcr)
			return;
		uart_set(u, FCR, FCR_ENABLE);
		uart_read(u, DATA);
	}
}

static void set_speed(const struct uart *u)
{
	u32 divisor = uart_divisor(u, 16);

	set_lcr(u, LCR_DLAB | LCR_8N1);
	uart_set(u, DATA, divisor & 0xff);
	uart_set(u, IER, divisor >> 8 & 0xff);
	set_lcr(u, LCR_8N1);
}

/* No interrupts; what firmware has said goes out before anything changes. */
static void quiet(const struct uart *u, u32 ier)
{
	uart_wait(u, LSR, LSR_IDLE, LSR_IDLE);
	uart_set(u, IER, ier);
}

static void count_room(struct uart *u)
{
	u->fifo = (uart_read(u, IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
}

static void start(struct uart *u)
{
	if (uart_speed_known(u)) {
		set_speed(u);
		uart_set(u, MCR, MCR_DTR_RTS);
		uart_set(u, FCR, FCR_ENABLE);
	}
	count_room(u);
}

static void setup(struct uart *u)
{
	quiet(u, 0);
	start(u);
}

static void setup_pxa(struct uart *u)
{
	quiet(u, IER_PXA_ENABLE);
	start(u);
}

static void setup_omap(struct uart *u)
{
	quiet(u, 0);
	if (uart_speed_known(u))
		uart_set(u, OMAP_MDR1, OMAP_MDR1_DISABLED);
	start(u);
	uart_set(u, OMAP_MDR1, OMAP_MDR1_16X);
}

static void setup_as_it_is(struct uart *u)
{
	quiet(u, 0);
	count_room(u);
}

/* Databook, 5.2.38: the component type register. */
static bool probe_dw(const struct uart *u)
{
	return u->access->read(u->base + DW_CTR * 4, 4) == DW_TYPE;
}

#define REGISTERS \
	.width = 1, .spread = true, .data = DATA, .status = LSR, .mask = LSR_THR_EMPTY, \
	.ready = LSR_THR_EMPTY

UART_DRIVER(uart_16550) = {
	.compatible = { "ns16550a", "ns16550", "ns16450", "ns8250", "ns16750", "ns16850",
			"nvidia,tegra20-uart", "nxp,lpc3220-uart", "ti,da830-uart",
			"altr,16550-FIFO32", "altr,16550-FIFO64", "altr,16550-FIFO128",
			"andestech,uart16550", "opencores,uart16550-rtlsvn105" },
	.earlycon = { "uart8250", "uart", "ns16550a", "ns16550" },
	.span = 8,
	REGISTERS,
	.setup = setup,
};

UART_DRIVER(uart_dw) = {
	.compatible = { "snps,dw-apb-uart", "marvell,armada-38x-uart", "renesas,rzn1-uart" },
	.earlycon = { "dw-apb-uart" },
	.span = 8,
	.shift = 2,
	REGISTERS,
	.setup = setup,
	.probe = probe_dw,
	.probe_span = 0x100,
};

UART_DRIVER(uart_omap) = {
	.compatible = { "ti,omap2-uart", "ti,omap3-uart", "ti,omap4-uart", "ti,am3352-uart",
			"ti,am4372-uart", "ti,dra742-uart", "ti,am654-uart" },
	.earlycon = { "omap8250" },
	.span = 9,
	.shift = 2,
	REGISTERS,
	.setup = setup_omap,
};

UART_DRIVER(uart_pxa) = {
	.compatible = { "intel,xscale-uart", "mrvl,pxa-uart", "mrvl,mmp-uart", "spacemit,k1-uart" },
	.earlycon = { "pxa-uart" },
	.span = 8,
	.shift = 2,
	REGISTERS,
	.setup = setup_pxa,
};

UART_DRIVER(uart_mediatek) = {
	.compatible = { "mediatek,mt6577-uart" },
	.earlycon = { "mtk8250" },
	.span = 8,
	.shift = 2,
	REGISTERS,
	.setup = setup_as_it_is,
	.keeps_speed = true,
};
