/* SPDX-License-Identifier: GPL-2.0-only */
/* NXP's LPUART (IMX8DQXPRM 13.2, LS1028ARM 23), Samsung's (Exynos 4412 User's Manual 28.6). */
#include "model.h"

/* ---- LPUART ---- */

static u32 at; /* where its registers begin */

static void lpuart_start(u32 begin)
{
	at = begin;
	plain[at / 4] = 15 << 24 | MODEL_CLOCK / 16 / BAUD_BEFORE;
	plain[at / 4 + 2] = 1 << 19 | 1 << 18 | 1 << 21; /* the receiver's interrupt is on */
}

static void lpuart_on(void)
{
	lpuart_start(0);
}

static void lpuart_imx_on(void)
{
	lpuart_start(0x10);
}

static void lpuart_off(void)
{
	plain[at / 4 + 2] = 0;
}

static u32 lpuart_read(u32 reg)
{
	if (reg == at + 4)
		return (line.queued < line.size ? 1 << 23 : 0) | (line.queued ? 0 : 1 << 22);
	return plain[reg / 4];
}

static bool lpuart_sends(void)
{
	return plain[at / 4 + 2] == 3 << 18;
}

static void lpuart_write(u32 reg, u32 val)
{
	if (reg == at + 0xc && (plain[at / 4 + 2] & 1 << 19)) {
		line_push(val);
		return;
	}
	if (reg < at || reg > at + 8)
		fail("lpuart: register %x is none of its", reg);
	if (reg == at && (plain[at / 4 + 2] & 3 << 18))
		fail("lpuart: the speed is changed while it is enabled");
	if (reg == at + 8 && !(val & 1 << 19))
		line_clear();
	plain[reg / 4] = val;
}

static u32 lpuart_baud(void)
{
	u32 sbr = plain[at / 4] & 0x1fff, osr = plain[at / 4] >> 24 & 0x1f;

	return sbr ? MODEL_CLOCK / (sbr * (osr + 1)) : 0;
}

#define LPUART \
	.clock_hz = MODEL_CLOCK, .width = 4, .fifo_size = 16, .turn_off = lpuart_off, \
	.read = lpuart_read, .write = lpuart_write, .baud = lpuart_baud, .sends = lpuart_sends

const struct model m_lpuart = { .compatible = "fsl,ls1028a-lpuart", .power_on = lpuart_on, LPUART };
const struct model m_lpuart_imx = { .compatible = "fsl,imx8qxp-lpuart",
				    .power_on = lpuart_imx_on,
				    LPUART };

/* ---- Samsung's: firmware has left DMA to send ---- */

static void samsung_on(void)
{
	plain[0x04 / 4] = 0x3c5 | 2 << 2;
}

static u32 samsung_read(u32 reg)
{
	return reg == 0x10 ? (line.queued ? 0 : 1 << 1 | 1 << 2) : plain[reg / 4];
}

static bool samsung_sends(void)
{
	return (plain[0x04 / 4] & ~0xcU) == (0x3c5 & ~0xcU) && (plain[0x04 / 4] & 0xc) == 4;
}

static void samsung_write(u32 reg, u32 val)
{
	if (reg == 0x20 && samsung_sends())
		line_push(val);
	else
		plain[reg / 4] = val;
}

const struct model m_samsung = { .compatible = "samsung,exynos4210-uart",
				 .width = 4,
				 .fifo_size = 64,
				 .power_on = samsung_on,
				 .read = samsung_read,
				 .write = samsung_write,
				 .sends = samsung_sends };
