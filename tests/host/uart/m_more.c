/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Amlogic's (S905X3 Data Sheet 13.5.4), NXP's (IMX8MMRM 16.2), SiFive's (FU740-C000 Manual 18):
 * plain registers for speed and enable bits, whose writes while bytes go out spoil these.
 */
#include "model.h"

static bool full(void)
{
	return line.queued == line.size;
}

/* Of registers without a side effect, but that a change of the speed spoils what is being sent. */
static void set_plain(u32 reg, u32 val, u32 speed_reg)
{
	if (reg == speed_reg && plain[reg / 4] != val)
		line_clear();
	plain[reg / 4] = val;
}

/* ---- Meson ---- */

static u32 meson_clock; /* where it is not the crystal */

static void meson_start(u32 clock)
{
	meson_clock = clock;
	plain[0x08 / 4] = 1 << 12 | 1 << 13 | 1 << 15 | 1 << 28;
	plain[0x14 / 4] = 1 << 23 | 1 << 24 | (24000000 / 3 / BAUD_BEFORE - 1);
}

static void meson_on(void)
{
	meson_start(199999995); /* the chip's own, of which the tree says nothing */
}

static void meson8_on(void)
{
	meson_start(159999984);
}

static void meson_off(void)
{
	plain[0x08 / 4] = 0;
}

static u32 meson_read(u32 reg)
{
	if (reg == 0x0c)
		return (full() ? 1 << 21 : 0) | (line.queued ? 1 << 25 : 0) |
		       (line.queued > 1 ? 0 : 1 << 22);
	return plain[reg / 4];
}

static void meson_write(u32 reg, u32 val)
{
	if (reg == 0 && (plain[0x08 / 4] & 1 << 12))
		line_push(val);
	else
		set_plain(reg, val, 0x14);
}

static u32 meson_baud(void)
{
	u32 reg = plain[0x14 / 4];

	if (!(reg & 1 << 23))
		return 0;
	return (reg & 1 << 24 ? 24000000 / 3 : meson_clock / 4) / ((reg & 0x7fffff) + 1);
}

static bool meson_sends(void)
{
	u32 control = plain[0x08 / 4];

	return (control & (3 << 12 | 1 << 15)) == (3 << 12 | 1 << 15) && !(control & 3 << 27);
}

const struct model m_meson = { .compatible = "amlogic,meson-gx-uart",
			       .clock_hz = 24000000,
			       .width = 4,
			       .fifo_size = 64,
			       .power_on = meson_on,
			       .turn_off = meson_off,
			       .read = meson_read,
			       .write = meson_write,
			       .baud = meson_baud,
			       .sends = meson_sends };

const struct model m_meson8 = { .compatible = "amlogic,meson8-uart",
				.clock_hz = 159999984,
				.width = 4,
				.fifo_size = 64,
				.power_on = meson8_on,
				.turn_off = meson_off,
				.read = meson_read,
				.write = meson_write,
				.baud = meson_baud,
				.sends = meson_sends };

/* ---- i.MX ---- */

static u32 ubir_used;

static void imx_on(void)
{
	plain[0x80 / 4] = 1 | 1 << 13; /* an interrupt when there is room */
	plain[0x84 / 4] = 0x4027;
	plain[0x90 / 4] = 4 << 7 | 2 << 10 | 1;
	plain[0xa4 / 4] = ubir_used = 0;
	plain[0xa8 / 4] = MODEL_CLOCK / 2 / 16 / BAUD_BEFORE - 1;
}

static void imx_off(void)
{
	plain[0x80 / 4] = 0;
	plain[0x84 / 4] = 1;
}

static u32 imx_read(u32 reg)
{
	if (reg == 0x98)
		return (line.queued ? 0 : 1 << 3) | (line.queued > 1 ? 0 : 1 << 14);
	if (reg == 0xb4)
		return full() ? 1 << 4 : 0;
	return plain[reg / 4];
}

static bool imx_enabled(void)
{
	return (plain[0x80 / 4] & 1) && (plain[0x84 / 4] & 0x4025) == 0x4025;
}

/* 16.2.14: RXDMUXSEL should always be set; levels of FIFOs: 2 to 32, 1 to 32. */
static bool imx_sends(void)
{
	u32 tx = plain[0x90 / 4] >> 10 & 63, rx = plain[0x90 / 4] & 63;

	return imx_enabled() && plain[0x80 / 4] == 1 && (plain[0x84 / 4] & 2) &&
	       (plain[0x88 / 4] & 4) && tx >= 2 && tx <= 32 && rx >= 1 && rx <= 32;
}

static void imx_write(u32 reg, u32 val)
{
	if (reg == 0x40 && imx_enabled()) {
		line_push(val);
		return;
	}
	if ((reg == 0x80 && !(val & 1)) || (reg == 0x84 && !(val & 1)))
		line_clear();
	if ((reg == 0x90 || reg == 0xa4 || reg == 0xa8) && (plain[0x80 / 4] & 1))
		fail("imx: the speed is changed while it is enabled");
	if (reg == 0xa8)
		ubir_used = plain[0xa4 / 4];
	plain[reg / 4] = val;
}

static u32 imx_baud(void)
{
	static const u8 rfdiv[] = { 6, 5, 4, 3, 2, 1, 7, 1 };
	u32 clock = MODEL_CLOCK / rfdiv[plain[0x90 / 4] >> 7 & 7];

	return clock * (ubir_used + 1ULL) / (16 * (plain[0xa8 / 4] + 1));
}

const struct model m_imx = { .compatible = "fsl,imx8mm-uart",
			     .clock_hz = MODEL_CLOCK,
			     .width = 4,
			     .fifo_size = 32,
			     .power_on = imx_on,
			     .turn_off = imx_off,
			     .read = imx_read,
			     .write = imx_write,
			     .baud = imx_baud,
			     .sends = imx_sends };

/* ---- SiFive ---- */

static void sifive_on(void)
{
	plain[0x08 / 4] = 1;
	plain[0x10 / 4] = 1;
	plain[0x18 / 4] = MODEL_CLOCK / BAUD_BEFORE - 1;
}

static void sifive_off(void)
{
	plain[0x08 / 4] = 0;
}

static u32 sifive_read(u32 reg)
{
	return reg == 0 ? (full() ? 1U << 31 : 0) : plain[reg / 4];
}

static void sifive_write(u32 reg, u32 val)
{
	if (reg == 0 && (plain[0x08 / 4] & 1))
		line_push(val);
	else
		plain[reg / 4] = val;
}

static u32 sifive_baud(void)
{
	return MODEL_CLOCK / (plain[0x18 / 4] + 1);
}

static bool sifive_sends(void)
{
	return (plain[0x08 / 4] & 1) && !plain[0x10 / 4];
}

const struct model m_sifive = { .compatible = "sifive,uart0",
				.clock_hz = MODEL_CLOCK,
				.width = 4,
				.fifo_size = 8,
				.power_on = sifive_on,
				.turn_off = sifive_off,
				.read = sifive_read,
				.write = sifive_write,
				.baud = sifive_baud,
				.sends = sifive_sends };
