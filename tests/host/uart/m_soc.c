/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cadence's in Zynq (UG1085 chapter 21, UG1087), Qualcomm's GENI (as Trusted Firmware-A uses it),
 * Marvell's of Armada 37xx (Functional Specifications).
 */
#include "model.h"

static bool full(void)
{
	return line.queued == line.size;
}

/* ---- Cadence ---- */

static u32 irqs; /* that are not masked */

static void cadence_on(void)
{
	plain[0x00 / 4] = 1 << 2 | 1 << 4;
	irqs = 0x3fff;
	plain[0x04 / 4] = 0x20;
	plain[0x18 / 4] = MODEL_CLOCK / 8 / BAUD_BEFORE;
	plain[0x34 / 4] = 7;
}

static void cadence_off(void)
{
	plain[0x00 / 4] = 1 << 3 | 1 << 5;
}

static u32 cadence_read(u32 reg)
{
	if (reg == 0x2c)
		return (full() ? 1 << 4 : 0) | (line.queued ? 1 << 11 : 0) |
		       (line.queued > 1 ? 0 : 1 << 3);
	return plain[reg / 4];
}

/* 21.3.1: disabled wins. */
static bool cadence_enabled(void)
{
	return (plain[0] & 1 << 4) && !(plain[0] & 1 << 5);
}

static void cadence_write(u32 reg, u32 val)
{
	if (reg == 0x30 && cadence_enabled()) {
		line_push(val);
		return;
	}
	if (reg == 0x0c)
		irqs &= ~val;
	if ((reg == 0x18 || reg == 0x34) && cadence_enabled())
		fail("cadence: the speed is changed while it is enabled");
	if (reg == 0 && (val & (1 << 1 | 1 << 5)))
		line_clear();
	plain[reg / 4] = reg == 0 ? val & ~3U : val; /* the resets clear themselves */
}

static u32 cadence_baud(void)
{
	u32 gen = plain[0x18 / 4], div = plain[0x34 / 4];

	if (gen == 0 || gen > 0xffff || div < 4 || div > 255)
		return 0;
	return MODEL_CLOCK / (gen * (div + 1));
}

static bool cadence_sends(void)
{
	return cadence_enabled() && (plain[0] & 0xc) == 4 && (plain[0x04 / 4] & 0x3f) == 0x20 &&
	       !irqs;
}

const struct model m_cadence = { .compatible = "xlnx,xuartps",
				 .clock_hz = MODEL_CLOCK,
				 .width = 4,
				 .fifo_size = 64,
				 .power_on = cadence_on,
				 .turn_off = cadence_off,
				 .read = cadence_read,
				 .write = cadence_write,
				 .baud = cadence_baud,
				 .sends = cadence_sends };

/* ---- GENI: the engine does one command at a time, of so many bytes of its FIFO ---- */

static unsigned int command_bytes;

static void geni_on(void)
{
	command_bytes = 0;
}

static u32 geni_read(u32 reg)
{
	return reg == 0x40 ? command_bytes || line.queued : plain[reg / 4];
}

static void geni_write(u32 reg, u32 val)
{
	if (reg == 0x600) {
		if (val != 1 << 27)
			fail("geni: no command %x is known", val);
		if (line.queued)
			line.lost++; /* a command in the midst of another */
		command_bytes = plain[0x270 / 4];
	} else if (reg == 0x700 && command_bytes) {
		command_bytes--;
		line_push(val);
	} else if (reg == 0x700) {
		line.lost++;
	}
	plain[reg / 4] = val;
}

static bool geni_sends(void)
{
	return true;
}

const struct model m_geni = { .compatible = "qcom,geni-debug-uart",
			      .width = 4,
			      .fifo_size = 16,
			      .power_on = geni_on,
			      .read = geni_read,
			      .write = geni_write,
			      .sends = geni_sends };

/* ---- Armada 37xx ---- */

static bool extended;

static u32 mvebu_ctrl(void)
{
	return extended ? 0x04 : 0x08;
}

static void mvebu_start(bool ext)
{
	extended = ext;
	plain[mvebu_ctrl() / 4] = 0;
	plain[0x10 / 4] = 0x55000000 | MODEL_CLOCK / 10 / BAUD_BEFORE;
	plain[0x14 / 4] = 0x0a0a0a0a;
}

static void mvebu_on(void)
{
	mvebu_start(false);
}

static void mvebu_ext_on(void)
{
	mvebu_start(true);
}

static void mvebu_off(void)
{
	plain[mvebu_ctrl() / 4] = 3 << 14;
	plain[0x14 / 4] = 0;
}

static u32 mvebu_read(u32 reg)
{
	if (reg == 0x0c)
		return (full() ? 1 << 11 : 0) | (line.queued ? 0 : 1 << 6) |
		       (line.queued > 1 ? 0 : 1 << 13);
	return plain[reg / 4];
}

static bool mvebu_sends(void)
{
	return !(plain[mvebu_ctrl() / 4] & 3 << 14);
}

static void mvebu_write(u32 reg, u32 val)
{
	if (reg == (extended ? 0x1c : 0x04) && mvebu_sends()) {
		line_push(val);
		return;
	}
	if (reg == 0x10 && (val >> 10) != (plain[reg / 4] >> 10))
		fail("mvebu: what is beside the divisor was changed");
	if (reg == 0x10)
		line_clear();
	plain[reg / 4] = val;
}

static u32 mvebu_baud(void)
{
	u32 divisor = plain[0x10 / 4] & 0x3ff, times = plain[0x14 / 4] ? 10 : 16;

	return divisor ? MODEL_CLOCK / times / divisor : 0;
}

#define MVEBU \
	.clock_hz = MODEL_CLOCK, .width = 4, .fifo_size = 32, .turn_off = mvebu_off, \
	.read = mvebu_read, .write = mvebu_write, .baud = mvebu_baud, .sends = mvebu_sends

const struct model m_mvebu = { .compatible = "marvell,armada-3700-uart",
			       .power_on = mvebu_on,
			       MVEBU };
const struct model m_mvebu_ext = { .compatible = "marvell,armada-3700-uart-ext",
				   .power_on = mvebu_ext_on,
				   MVEBU };
