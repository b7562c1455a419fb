/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * drivers/ against models of the devices (model.h): what is written goes out, whole, whatever FIFO
 * and line do; the speed is what was asked for, or what firmware had set; nothing that firmware had
 * written is lost; and a device that never gets ready ends in lost text, not in a loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static const struct model *const models[] = {
	&m_16550, &m_16450, &m_dw,	  &m_omap,   &m_pxa,	    &m_mediatek, &m_meson8,
	&m_pl011, &m_sbsa,  &m_aux,	  &m_meson,  &m_imx,	    &m_sifive,	 &m_cadence,
	&m_geni,  &m_mvebu, &m_mvebu_ext, &m_lpuart, &m_lpuart_imx, &m_samsung
};
#define for_each_model(m) \
	for (const struct model *const *__i = models, *m; \
	     __i < models + ARRAY_SIZE(models) && (m = *__i, true); __i++)

struct line line;
u32 plain[1024];
unsigned long accesses, reaches;
bool model_swaps;

static const struct model *model;
static const char *stage = "";

void fail_says(void)
{
	printf("uarts # %s, %s: ", model ? model->compatible : "tree", stage);
}

/* ---- the line ---- */

static void line_send(void)
{
	if (!line.queued)
		return;
	if (line.sent < LINE_MAX - 1)
		line.text[line.sent++] = line.fifo[0];
	memmove(line.fifo, line.fifo + 1, --line.queued);
}

static void line_tick(void)
{
	if (accesses++ > 10000000)
		fail("it waits for ever");
	if (!line.blocked && ++line.beat % line.pace == 0)
		line_send();
}

void line_push(u8 byte)
{
	if (line.queued >= line.size)
		line.lost++;
	else
		line.fifo[line.queued++] = byte;
}

void line_clear(void)
{
	line.lost += line.queued;
	line.queued = 0;
}

static void line_drain(void)
{
	while (line.queued)
		line_send();
	line.text[line.sent] = '\0';
}

/* ---- access ---- */

static u32 swap(u32 val, unsigned int width)
{
	if (!model_swaps || width == 1)
		return val;
	return width == 2 ? __builtin_bswap16(val) : __builtin_bswap32(val);
}

static u32 reg_of(unsigned long addr, unsigned int width, u8 want_width, u8 shift)
{
	if (width != want_width)
		fail("an access of %u bytes", width);
	if (addr & ((1UL << shift) - 1) || addr % width || addr >= 4096)
		fail("an access at %lx", addr);
	if (addr + width > reaches)
		reaches = addr + width;
	line_tick();
	return addr >> shift;
}

static u8 now_width, now_shift;

static u32 fake_read(unsigned long addr, unsigned int width)
{
	return swap(model->read(reg_of(addr, width, now_width, now_shift)), width);
}

static void fake_write(unsigned long addr, unsigned int width, u32 val)
{
	model->write(reg_of(addr, width, now_width, now_shift), swap(val, width));
}

const struct uart_access model_access = { fake_read, fake_write };
/* Of drivers/uart_mmio.c, which is not here: who gets no other access would crash. */
const struct uart_access uart_mmio;

void model_start(const struct model *m, bool off)
{
	model = m;
	now_width = m->width;
	now_shift = m->shift;
	model_swaps = false;
	accesses = reaches = 0;
	memset(&line, 0, sizeof(line));
	memset(plain, 0, sizeof(plain));
	line.size = m->fifo_size;
	line.pace = 3;
	m->power_on();
	if (off)
		m->turn_off();
}

struct uart model_uart(const struct model *m)
{
	struct uart u;

	uart_init(&u, uart_driver_find(m->compatible, strlen(m->compatible), false));
	if (!u.driver)
		fail("no driver");
	u.access = &model_access;
	u.width = now_width;
	u.shift = now_shift;
	return u;
}

/* ---- what is held against every driver ---- */

/* More than the largest FIFO takes. */
#define TEXT(eol) "The quick brown fox" eol "jumps over" eol eol "the lazy dog" eol
static const char text[] = TEXT("\n") TEXT("\n") TEXT("\n") TEXT("\n");
static const char sent[] = TEXT("\r\n") TEXT("\r\n") TEXT("\r\n") TEXT("\r\n");

static void check_text(struct uart *u, const char *before)
{
	unsigned long first = accesses;
	char want[sizeof(sent) + 8];

	uart_write(u, text, sizeof(text) - 1);
	line_drain();
	snprintf(want, sizeof(want), "%s%s", before, sent);
	if (line.lost || strcmp(line.text, want))
		fail("%u bytes lost, and sent was: %s", line.lost, line.text);
	if (u->stuck || accesses - first > 2 * sizeof(sent) * MAX(line.pace, 4))
		fail("it is taken for one that is not ready");
	if (reaches > uart_span(u))
		fail("it reaches to %lx, beyond its span of %x", reaches, uart_span(u));
}

/* A receiver bears some 2 %, of which the two sides' clocks have theirs. */
static void check_speed(u32 want)
{
	u32 got = model->baud ? model->baud() : want, off = got > want ? got - want : want - got;

	if (off > want / 100)
		fail("%u baud, not %u", got, want);
	if (!model->sends())
		fail("it is not set up to send");
}

/* Nothing is waited for that does not come: some looks for each byte, some for all else. */
static void check_effort(unsigned int pace)
{
	if (accesses > 12 * pace + 100)
		fail("%lu accesses for its set-up", accesses);
}

/* What is said of its speed is true. */
static void check_said(const struct uart *u, bool known)
{
	bool set = known && model->baud;

	if (!strstr(reported, set ? "set to" : "as firmware set it"))
		fail("its speed was %s, and it says: %s", set ? "set" : "left alone", reported);
}

/* @clock, @baud: are they known? Bytes of firmware's wait to go out, if it is not off. */
static void setup(const char *what, bool clock, u32 baud, bool off, unsigned int pace)
{
	const char *before = off ? "" : model->fifo_size < 3 ? "f" : "fw\n";
	struct uart u;

	stage = what;
	model_start(model, off);
	line.pace = pace;
	for (const char *p = before; *p; p++)
		line_push(*p);
	u = model_uart(model);
	u.clock_hz = clock ? MAX(model->clock_hz, 1) : 0;
	u.baud = baud;
	if (uart_start(&u))
		fail("it does not start");
	check_effort(pace);
	check_said(&u, clock && baud);
	check_speed(clock && baud && model->baud ? baud : BAUD_BEFORE);
	check_text(&u, before);
}

static void check_setup(void)
{
	setup("speed known", true, 115200, false, 3);
	setup("a high speed", true, MAX(model->clock_hz / 48, 1), false, 7);
	if (model->baud && model->baud() != model->clock_hz / 48)
		fail("%u baud, not %u exactly", model->baud(), model->clock_hz / 48);
	setup("a low speed", true, BAUD_BEFORE / 2, false, 3);
	setup("clock unknown", false, 115200, false, 3);
	setup("speed unknown", true, 0, false, 3);
	setup("a slow line", true, 115200, false, 500);
	if (model->turn_off)
		setup("off before", true, 115200, true, 3);
}

/* Off, with the speed that firmware once set still there: it must be switched on. */
static void check_switched_on(void)
{
	struct uart u;

	stage = "off, speed unknown";
	if (!model->turn_off)
		return;
	model_start(model, true);
	if (model->baud && model->baud() < BAUD_BEFORE - 100)
		return; /* there is none */
	u = model_uart(model);
	uart_start(&u);
	if (!model->sends())
		fail("it is not switched on");
	check_text(&u, "");
}

/* A second of looks once, then a look a byte; and when it works again, so does the console. */
static void check_stuck(void)
{
	struct uart u;
	unsigned long first;

	stage = "never ready";
	model_start(model, false);
	u = model_uart(model);
	uart_start(&u);
	line.blocked = true;
	for (int i = 0; i < 300; i++) /* more than any FIFO takes */
		uart_write(&u, "x", 1);
	first = accesses;
	if (first > 1100000)
		fail("%lu accesses", first);
	for (int i = 0; i < 1000; i++)
		uart_write(&u, "x", 1);
	if (accesses - first > 5000)
		fail("%lu accesses for 1000 bytes", accesses - first);
	line.blocked = false;
	for (int i = 0; i < 2000; i++)
		uart_read(&u, u.driver->status);
	if (line.queued > 1)
		fail("the line of the model does not move");
	line_drain();
	line.sent = line.lost = 0;
	check_text(&u, "");
}

/* Setting up one that is busy for ever must end too. */
static void check_stuck_setup(void)
{
	struct uart u;

	stage = "busy for ever in its set-up";
	model_start(model, false);
	line_push('f');
	line.blocked = true;
	u = model_uart(model);
	u.clock_hz = model->clock_hz;
	u.baud = 115200;
	uart_start(&u);
	if (accesses > 2100000)
		fail("%lu accesses", accesses);
}

/* Its name on the boot line, and at which address. */
static void check_earlycon(void)
{
	struct uart u = model_uart(model), early;
	char value[64];

	stage = "earlycon=";
	if (!u.driver->earlycon[0])
		return;
	snprintf(value, sizeof(value), "%s,mmio32,0x12345000,115200n8", u.driver->earlycon[0]);
	CHECK(!uart_parse_earlycon(value, &early));
	CHECK(early.driver == u.driver && early.pa == 0x12345000 && early.baud == 115200);
	CHECK(early.width == 4 && early.shift == (u.driver->spread ? 2 : 0));
	CHECK(!early.io_port && !early.big_endian);
}

/* One without a known name: recognised, or not, and nothing is written to it. */
static void check_probe(bool known, u64 size)
{
	struct uart u;

	stage = "probed";
	model_start(model, false);
	if (now_width != 4)
		return;
	uart_init(&u, NULL);
	u.access = &model_access;
	u.size = size;
	CHECK(uart_start(&u) == (known ? 0 : -19));
	CHECK(!known || u.driver == model_uart(model).driver);
	CHECK(known || reaches <= size);
	reaches = 0;
	if (known)
		check_text(&u, "");
}

/* ---- the 16550's registers at any distance, of any width and byte order ---- */

static void check_layouts(void)
{
	static const struct {
		u8 width, shift;
		bool swaps;
	} ways[] = { { 1, 0 }, { 1, 2 }, { 2, 1 }, { 4, 2 }, { 4, 2, true }, { 2, 2, true } };
	struct uart u;

	stage = "layout of registers";
	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		model_start(&m_16550, false);
		now_width = ways[i].width;
		now_shift = ways[i].shift;
		model_swaps = ways[i].swaps;
		u = model_uart(&m_16550);
		u.big_endian = ways[i].swaps;
		u.clock_hz = MODEL_CLOCK;
		u.baud = 115200;
		CHECK(!uart_start(&u));
		CHECK(u.fifo == 16);
		check_speed(115200);
		check_text(&u, "");
	}
}

static void check_divisor(void)
{
	struct uart u = { .clock_hz = 1843200 * 5, .baud = 115200 * 2 };

	CHECK(uart_divisor(&u, 16) == 3); /* 2.5 */
	CHECK(uart_divisor(&u, 1) == 40);
	u.clock_hz--;
	CHECK(uart_divisor(&u, 16) == 2);
	CHECK(uart_divisor(&u, 1 << 20) == 1);
}

int main(void)
{
	static const struct model *const none[] = { &m_pl031, &m_alike };

	for_each_model(m)
	{
		model = m;
		check_setup();
		check_switched_on();
		check_stuck();
		check_stuck_setup();
		check_earlycon();
		check_probe(m == &m_pl011 || m == &m_dw, 4096);
		check_probe(m == &m_dw, 256);
		check_probe(false, 128);
	}
	check_layouts();
	check_divisor();
	for (const struct model *const *m = none; m < none + ARRAY_SIZE(none); m++) {
		model = *m;
		check_probe(false, 4096);
	}
	stage = "found";
	test_names();
	test_trees();
	test_screen();
	test_framebuffers();
	test_watchdogs();
	printf("ok uarts # %zu devices\n", ARRAY_SIZE(models));
	return 0;
}
