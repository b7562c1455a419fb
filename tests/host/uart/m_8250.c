/* SPDX-License-Identifier: GPL-2.0-only */
/* The 8250 family: PC16550D data sheet; DW_apb_uart Databook; AM65x TRM; PXA27x manual. */
#include "model.h"

enum kind { PLAIN, NO_FIFO, DW, OMAP, PXA, MEDIATEK };

static struct {
	enum kind kind;
	u8 ier, lcr, mcr, dll, dlm, mdr1;
	bool fifo_on, speed_set;
	unsigned int unread; /* bytes that the line has sent us: a DW is busy with them */
} r;

static void on(enum kind kind)
{
	r.kind = kind;
	r.ier = kind == PXA ? 0x41 : 1;
	r.lcr = 3;
	r.mcr = 0;
	r.dll = MODEL_CLOCK / (16 * BAUD_BEFORE) & 0xff;
	r.dlm = MODEL_CLOCK / (16 * BAUD_BEFORE) >> 8;
	r.mdr1 = 0;
	r.speed_set = false;
	r.fifo_on = kind != NO_FIFO;
	r.unread = kind == DW ? 3 : 0;
}

static void on_plain(void)
{
	on(PLAIN);
}

static void on_no_fifo(void)
{
	on(NO_FIFO);
}

static void on_dw(void)
{
	on(DW);
}

static void on_omap(void)
{
	on(OMAP);
}

static void on_pxa(void)
{
	on(PXA);
}

static void on_mediatek(void)
{
	on(MEDIATEK);
}

static bool is_dlab(void)
{
	return r.lcr & 0x80;
}

static u32 read(u32 reg)
{
	switch (reg) {
	case 0:
		if (is_dlab())
			return r.dll;
		r.unread -= r.unread > 0;
		return 'x';
	case 1:
		return is_dlab() ? r.dlm : r.ier;
	case 2:
		return r.fifo_on ? 0xc1 : 1;
	case 3:
		return r.lcr;
	case 4:
		return r.mcr;
	case 5: /* an empty FIFO, while the last byte of it goes out; idle */
		return (line.queued > 1 ? 0 : 0x20) | (line.queued ? 0 : 0x40) | (r.unread ? 1 : 0);
	case 63:
		return r.kind == DW ? 0x44570110 : 0;
	default:
		return 0;
	}
}

static void write_fcr(u32 val)
{
	if (r.kind == NO_FIFO)
		return;
	if ((val & 4) || !(val & 1) != !r.fifo_on)
		line_clear();
	if (val & 2)
		r.unread = 0;
	r.fifo_on = val & 1;
	line.size = r.fifo_on ? 17 : 2; /* with the shift register */
}

/* A half of the divisor; what is being sent is spoiled. */
static void write_divisor(u8 *half, u32 val)
{
	if (r.kind == MEDIATEK)
		fail("mediatek: the divisor is only a part of the speed");
	if (r.kind == OMAP && r.mdr1 != 7)
		fail("omap: the speed is changed while it is enabled");
	line_clear();
	*half = val;
	r.speed_set = true;
}

static void write(u32 reg, u32 val)
{
	switch (reg) {
	case 0:
		if (is_dlab())
			write_divisor(&r.dll, val);
		else if (r.mdr1 == 0 && (r.kind != PXA || (r.ier & 0x40)))
			line_push(val);
		return;
	case 1:
		if (is_dlab())
			write_divisor(&r.dlm, val);
		else
			r.ier = val;
		return;
	case 2:
		write_fcr(val);
		return;
	case 3:
		/* 3.1 of the DW's: ignored while it is busy. */
		if (r.kind != DW || (!r.unread && !line.queued))
			r.lcr = val;
		return;
	case 4:
		r.mcr = val;
		return;
	case 8:
		if (r.kind == OMAP)
			r.mdr1 = val;
		return;
	}
}

static u32 baud(void)
{
	unsigned int divisor = r.dlm << 8 | r.dll;

	return divisor ? MODEL_CLOCK / (16 * divisor) : 0;
}

static bool sends(void)
{
	if ((r.ier & 0xf) || r.lcr != 3 || r.mdr1)
		return false;
	/* Who set the speed knows of no firmware that has set the lines for the other side. */
	if (r.speed_set && r.mcr != 3)
		return false;
	return r.kind != PXA || (r.ier & 0x40);
}

static void off_omap(void)
{
	r.mdr1 = 7;
}

static void off_pxa(void)
{
	r.ier = 0;
}

#define COMMON .clock_hz = MODEL_CLOCK, .read = read, .write = write, .baud = baud, .sends = sends
#define BYTES  .width = 1, COMMON
#define WORDS  .width = 4, .shift = 2, .fifo_size = 17, COMMON

const struct model m_16550 = {
	.compatible = "ns16550a", .fifo_size = 17, .power_on = on_plain, BYTES
};
const struct model m_16450 = {
	.compatible = "ns16450", .fifo_size = 2, .power_on = on_no_fifo, BYTES
};
const struct model m_dw = { .compatible = "snps,dw-apb-uart", .power_on = on_dw, WORDS };
const struct model m_omap = {
	.compatible = "ti,am654-uart", .power_on = on_omap, .turn_off = off_omap, WORDS
};
const struct model m_pxa = {
	.compatible = "spacemit,k1-uart", .power_on = on_pxa, .turn_off = off_pxa, WORDS
};
const struct model m_mediatek = { .compatible = "mediatek,mt6577-uart",
				  .width = 4,
				  .shift = 2,
				  .fifo_size = 17,
				  .power_on = on_mediatek,
				  .read = read,
				  .write = write,
				  .sends = sends };
