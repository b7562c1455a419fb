/* SPDX-License-Identifier: GPL-2.0-only */
/* PL011 (DDI 0183), SBSA generic UART (DEN 0029), mini UART (BCM2835 ARM Peripherals 2.2). */
#include "model.h"

static struct {
	u32 ibrd, fbrd, lcrh, cr, imsc;
	u32 ibrd_used, fbrd_used; /* since LCRH was written */
} p;

static void pl011_on(void)
{
	p.ibrd = p.ibrd_used = MODEL_CLOCK / (16 * BAUD_BEFORE);
	p.fbrd = p.fbrd_used = 32;
	p.lcrh = 0x70;
	p.cr = 0x301;
	p.imsc = 0x50;
}

static void pl011_off(void)
{
	p.ibrd = p.fbrd = p.ibrd_used = p.fbrd_used = p.lcrh = 0;
	p.cr = 0x300;
}

static u32 flags(void)
{
	return (line.queued == line.size ? 1 << 5 : 0) | (line.queued ? 1 << 3 : 0) |
	       (line.queued > 1 ? 0 : 1 << 7);
}

static u32 pl011_read(u32 reg)
{
	static const u8 id[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	switch (reg) {
	case 0x18:
		return flags();
	case 0x24:
		return p.ibrd;
	case 0x28:
		return p.fbrd;
	case 0x2c:
		return p.lcrh;
	case 0x30:
		return p.cr;
	default:
		return reg >= 0xfe0 && reg < 0x1000 ? id[(reg - 0xfe0) / 4] : 0;
	}
}

static void pl011_write(u32 reg, u32 val)
{
	switch (reg) {
	case 0:
		if ((p.cr & 0x101) == 0x101)
			line_push(val);
		return;
	case 0x24:
		p.ibrd = val & 0xffff;
		return;
	case 0x28:
		p.fbrd = val & 63;
		return;
	case 0x2c:
		if (p.cr & 1)
			fail("pl011: LCRH is written while it is enabled");
		p.lcrh = val;
		p.ibrd_used = p.ibrd;
		p.fbrd_used = p.fbrd;
		return;
	case 0x30:
		if (!(val & 1))
			line_clear();
		p.cr = val;
		return;
	case 0x38:
		p.imsc = val;
		return;
	}
}

static u32 pl011_baud(void)
{
	u32 divisor = p.ibrd_used * 64 + p.fbrd_used;

	return divisor ? MODEL_CLOCK * 4ULL / divisor : 0;
}

static bool pl011_sends(void)
{
	return (p.cr & 0x301) == 0x301 && (p.lcrh & 0x7e) == 0x70 && !p.imsc;
}

const struct model m_pl011 = { .compatible = "arm,pl011",
			       .clock_hz = MODEL_CLOCK,
			       .width = 4,
			       .fifo_size = 16,
			       .power_on = pl011_on,
			       .turn_off = pl011_off,
			       .read = pl011_read,
			       .write = pl011_write,
			       .baud = pl011_baud,
			       .sends = pl011_sends };

/* A clock (DDI 0224), which has the PrimeCell's number too. */
/* The PL011's number, and not the PrimeCell's: some other maker's. */
static u32 alike_read(u32 reg)
{
	return reg >= 0xff0 ? 0 : pl011_read(reg);
}

static u32 pl031_read(u32 reg)
{
	return reg == 0xfe0 ? 0x31 : reg >= 0xfe0 ? pl011_read(reg) : 0;
}

static void pl031_write(u32 reg, u32 val)
{
	fail("a device that is none of ours is written to");
}

const struct model m_pl031 = { .compatible = "arm,pl031",
			       .width = 4,
			       .power_on = pl011_on,
			       .read = pl031_read,
			       .write = pl031_write };

const struct model m_alike = { .compatible = "vendor,alike",
			       .width = 4,
			       .power_on = pl011_on,
			       .read = alike_read,
			       .write = pl031_write };

/* Firmware sets it up: registers for that are not there. */
static void sbsa_write(u32 reg, u32 val)
{
	if (reg != 0)
		fail("sbsa-uart: register %x is none of its", reg);
	line_push(val);
}

static bool sbsa_sends(void)
{
	return true;
}

static u32 sbsa_read(u32 reg)
{
	return reg == 0x18 ? flags() : 0;
}

const struct model m_sbsa = { .compatible = "arm,sbsa-uart",
			      .width = 4,
			      .fifo_size = 32,
			      .power_on = pl011_off,
			      .read = sbsa_read,
			      .write = sbsa_write,
			      .sends = sbsa_sends };

static struct {
	u32 ier, lcr, cntl, baud;
} a;

static void aux_on(void)
{
	a.ier = 1;
	a.lcr = 3;
	a.cntl = 3;
	a.baud = MODEL_CLOCK / (8 * BAUD_BEFORE) - 1;
}

static void aux_off(void)
{
	a.lcr = 0;
	a.cntl = 0;
	a.baud = 0;
}

static u32 aux_read(u32 reg)
{
	switch (reg) {
	case 0x0c:
		return a.lcr;
	case 0x14:
		return (line.queued < line.size ? 1 << 5 : 0) | (line.queued ? 0 : 1 << 6);
	case 0x20:
		return a.cntl;
	case 0x28:
		return a.baud;
	default:
		return 0;
	}
}

static void aux_write(u32 reg, u32 val)
{
	switch (reg) {
	case 0:
		if (a.cntl & 2)
			line_push(val);
		return;
	case 0x04:
		a.ier = val;
		return;
	case 0x0c:
		a.lcr = val;
		return;
	case 0x20:
		a.cntl = val;
		return;
	case 0x28:
		/* A change of the speed spoils what is being sent. */
		line.lost += line.queued;
		a.baud = val;
		return;
	}
}

static u32 aux_baud(void)
{
	return MODEL_CLOCK / (8 * (a.baud + 1));
}

static bool aux_sends(void)
{
	return a.cntl == 3 && (a.lcr & 3) == 3 && !a.ier;
}

const struct model m_aux = { .compatible = "brcm,bcm2835-aux-uart",
			     .clock_hz = MODEL_CLOCK,
			     .width = 4,
			     .fifo_size = 8,
			     .power_on = aux_on,
			     .turn_off = aux_off,
			     .read = aux_read,
			     .write = aux_write,
			     .baud = aux_baud,
			     .sends = aux_sends };
