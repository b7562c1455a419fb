/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial ports as their manuals have them, for the drivers to meet: registers with side effects, a
 * FIFO that the line empties, at a pace of accesses. Written from the manuals and not from the
 * drivers: no constant is shared.
 */
#pragma once

#include "../check.h"

#include <stdbool.h>

#undef __always_inline

#include <drivers/uart.h>

/* What a driver meets. */
struct model {
	const char *compatible;
	u32 clock_hz;
	u8 width, shift; /* of an access; of the distance of registers */
	unsigned int fifo_size;
	void (*power_on)(void); /* as firmware leaves it: enabled, 9600 baud */
	/* @reg counts registers where shift is not 0, else bytes. */
	u32 (*read)(u32 reg);
	void (*write)(u32 reg, u32 val);
	u32 (*baud)(void);	/* that its registers make; NULL: they do not */
	bool (*sends)(void);	/* is it enabled, for eight bits without parity? */
	void (*turn_off)(void); /* as reset leaves it; NULL: firmware must set it up */
};

#define MODEL_CLOCK 48000000
#define BAUD_BEFORE 9600 /* of firmware */

extern const struct model m_16550, m_16450, m_dw, m_omap, m_pxa, m_mediatek, m_pl011, m_sbsa, m_aux,
	m_meson, m_meson8, m_imx, m_sifive, m_cadence, m_geni, m_mvebu, m_mvebu_ext, m_lpuart,
	m_lpuart_imx, m_samsung;
extern const struct model m_pl031, m_alike; /* no UARTs */

/* ---- the line and its FIFO ---- */

#define LINE_MAX 8192

struct line {
	char text[LINE_MAX]; /* what has gone out */
	unsigned int sent, queued, lost;
	u8 fifo[256];
	unsigned int size;
	unsigned int pace, beat; /* a byte goes out every pace-th access */
	bool blocked;		 /* none does */
};

extern struct line line;

/* Make the device @m, as firmware leaves it, or switched off. */
void model_start(const struct model *m, bool off);
extern const struct uart_access model_access;
extern unsigned long accesses; /* of registers, since model_start() */
extern unsigned long reaches;  /* the highest address, of a byte */
extern bool model_swaps;       /* its registers are big-endian */

/* An UART of the model that runs, as a device tree that says all would have it. */
struct uart model_uart(const struct model *m);

extern char reported[128]; /* what was said last of a device */

void test_trees(void);
void test_names(void);
void test_screen(void);
void test_framebuffers(void);
void test_watchdogs(void);

void line_push(u8 byte);
void line_clear(void); /* a reset of the FIFO */

/* Registers without a side effect. */
extern u32 plain[1024];
