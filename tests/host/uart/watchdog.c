/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watchdogs, on models of the devices: one that runs is stopped, or can be fed for ever; what else
 * its control register says stays. Written from the manuals, in numbers of their own.
 */
#include <drivers/watchdog.h>
#include <lib/fdt.h>
#include <stdarg.h>
#include <string.h>

#include "../../library/fdt_builder.h"
#include "model.h"

#define FULL 10 /* looks at the device until it would reset the machine */
#define BASE 0x10000UL

/* What a device does with a write; registers are words of reg[] at their offset. */
static struct dog {
	const char *compatible;
	unsigned int width;
	unsigned int control, running; /* register, and its value as firmware left it */
	unsigned int bits;	       /* which let it run */
	void (*write)(struct dog *d, unsigned int reg, unsigned int val);
	bool stops;
	unsigned int reg[0x400];
	unsigned int left, step;
} * dog;

/* PrimeCell SP805: nothing but the lock can be written while it is locked. */
static void write_sp805(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0xc00)
		d->step = val == 0x1acce551;
	else if (!d->step)
		fail("sp805: a write of %x while it is locked", reg);
	else if (reg == 0xc)
		d->left = FULL;
	else
		d->reg[reg / 4] = val;
}

/* A write of the offset is a refresh. */
static void write_sbsa(struct dog *d, unsigned int reg, unsigned int val)
{
	d->reg[reg / 4] = val;
	if (reg == 8 && val)
		d->left = FULL;
}

static void write_dw(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0xc && (val & 0xff) == 0x76)
		d->left = FULL;
	if (reg == 0)
		d->reg[0] |= val & 1; /* set once, it stays */
}

static void write_pm(struct dog *d, unsigned int reg, unsigned int val)
{
	if (val >> 24 != 0x5a)
		fail("the power manager: a write of %x without the password", reg);
	d->reg[reg / 4] = val & 0xffffff;
}

static void write_imx(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0)
		fail("i.MX: its control register can be written once, and firmware has done it");
	if (reg == 2 && val == 0xaaaa && d->step)
		d->left = FULL;
	d->step = reg == 2 && val == 0x5555;
}

/* Unlocked for one write, and that must let it be unlocked again. */
static void write_ulp(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 4 && val == 0xd928c520)
		d->step = d->reg[0] & 0x20;
	if (reg == 4 && val == 0xb480a602)
		d->left = FULL;
	if (reg == 0 && !d->step)
		return;
	if (reg == 0) {
		d->reg[0] = val;
		d->step = 0;
	}
}

static void write_sunxi(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0x10 && val == 0x14af)
		d->left = FULL;
	else
		d->reg[reg / 4] = val;
}

static void write_d1(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0x18 && val >> 16 == 0x16aa)
		d->reg[6] = val & 0xffff;
	if (reg == 0x10)
		write_sunxi(d, reg, val);
}

static void write_meson(struct dog *d, unsigned int reg, unsigned int val)
{
	d->reg[reg / 4] = val;
	if (reg == 8)
		d->left = FULL;
}

static void write_mediatek(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0 && val >> 24 == 0x22)
		d->reg[0] = val & 0xffffff;
	if (reg == 8 && val == 0x1971)
		d->left = FULL;
}

static void write_cadence(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0 && val >> 12 == 0xabc)
		d->reg[0] = val & 0xfff;
	if (reg == 8 && val == 0x1999)
		d->left = FULL;
}

/* Runs for ever once it has been started; food out of its time is death. */
static unsigned int rti_window; /* of its period: the last 1 / 2^n, in which it may be fed */

static void write_rti(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg != 0x9c)
		fail("RTI: a write of %x to %x", val, reg);
	if (d->reg[0xa0 / 4] > ((d->reg[0x94 / 4] & 0xfff) + 1) << 13 >> rti_window)
		fail("RTI: fed before its window of 1/2^%u was open", rti_window);
	if (val == 0xa35c && d->step)
		d->left = FULL;
	d->step = val == 0xe51a;
}

/* A key, another key, and one write. */
static void write_k1(struct dog *d, unsigned int reg, unsigned int val)
{
	if (reg == 0xb0 || reg == 0xb4) {
		d->step = reg == 0xb0 ? val == 0xbaba : d->step && val == 0xeb10 ? 2 : 0;
		return;
	}
	if (d->step == 2 && reg == 0xc8 && val & 1)
		d->left = FULL;
	else if (d->step == 2)
		d->reg[reg / 4] = val;
	else
		fail("K1: a write of %x to %x without its keys", val, reg);
	d->step = 0;
}

static struct dog dogs[] = {
	{ "arm,sp805", 4, 8, 3, 3, write_sp805, true },
	{ "starfive,jh7110-wdt", 4, 8, 3, 3, write_sp805, true },
	{ "arm,sbsa-gwdt", 4, 0, 1, 1, write_sbsa, true },
	{ "snps,dw-wdt", 4, 0, 0x1d, 1, write_dw, false },
	{ "brcm,bcm2835-pm", 4, 0x1c, 0x122, 0x30, write_pm, true },
	{ "fsl,imx21-wdt", 2, 0, 0xff34, 4, write_imx, false },
	{ "fsl,imx93-wdt", 4, 0, 0x21a0, 0x80, write_ulp, true },
	{ "fsl,imx8ulp-wdt", 4, 0, 0x2180, 0x80, write_ulp, false }, /* without UPDATE */
	{ "allwinner,sun4i-a10-wdt", 4, 4, 0x83, 1, write_sunxi, true },
	{ "allwinner,sun6i-a31-wdt", 4, 0x18, 0xb1, 1, write_sunxi, true },
	{ "allwinner,sun20i-d1-wdt", 4, 0x18, 0xb1, 1, write_d1, true },
	{ "amlogic,meson-gxbb-wdt", 4, 0, 0x3040018, 1 << 18, write_meson, true },
	{ "mediatek,mt8183-wdt", 4, 0, 0x5d, 1, write_mediatek, true },
	{ "cdns,wdt-r1p2", 4, 0, 0x1c1, 1, write_cadence, true },
	{ "spacemit,soc-wdt", 4, 0xb8, 3, 1, write_k1, true },
	{ "spacemit,k1-wdt", 4, 0xb8, 1, 1, write_k1, true },
	{ "ti,j7-rti-wdt", 4, 0x90, 0xa98559da, 0xa8855112, write_rti, false },
};

static u32 model_read(unsigned long addr, unsigned int width)
{
	CHECK(width == dog->width && addr % width == 0);
	return dog->reg[(addr - BASE) / 4];
}

static void model_write(unsigned long addr, unsigned int width, u32 val)
{
	CHECK(width == dog->width && addr % width == 0);
	dog->write(dog, addr - BASE, val);
}

static const struct uart_access access_dog = { .read = model_read, .write = model_write };

static struct watchdog start(struct dog *d, bool running)
{
	struct watchdog w = { .driver = watchdog_driver_find(d->compatible),
			      .access = &access_dog,
			      .base = BASE };

	dog = d;
	memset(d->reg, 0, sizeof(d->reg));
	d->reg[d->control / 4] = running ? d->running : d->running & ~d->bits;
	d->left = FULL;
	d->step = 0;
	if (!w.driver)
		fail("%s: no driver", d->compatible);
	return w;
}

static void test_running(struct dog *d)
{
	struct watchdog w = start(d, true);
	bool runs = watchdog_stop(&w);
	unsigned int now = d->reg[d->control / 4];

	if (runs == d->stops || !(now & d->bits) != d->stops)
		fail("%s: it was to be %s", d->compatible, d->stops ? "stopped" : "left to be fed");
	if (d->stops && (now | 0x20) != ((d->running & ~d->bits) | 0x20))
		fail("%s: its control register is %x", d->compatible, now);
	for (unsigned int i = 0; !d->stops && i < 3; i++) {
		d->left = 1;
		watchdog_feed(&w);
		if (d->left != FULL)
			fail("%s: it was not fed", d->compatible);
	}
}

/* Where a device that runs on in spite of all is fed, though it should have stopped. */
static void test_food(struct dog *d)
{
	struct watchdog w = start(d, true);

	if (!w.driver->food || w.driver->food == 0x24)
		return; /* the power manager counts down from what is written */
	d->left = 1;
	watchdog_feed(&w);
	if (d->left != FULL)
		fail("%s: it cannot be fed", d->compatible);
	if (w.driver->relock && d->step)
		fail("%s: it is left unlocked", d->compatible);
}

/* Fed as its counter goes down: not before its window is open, and before it is nearly over. */
static void test_window(struct dog *d, unsigned int halves, unsigned int preload)
{
	struct watchdog w = start(d, true);
	unsigned int period = (preload + 1) << 13, open = period >> halves, at = period;

	rti_window = halves;
	d->reg[0x94 / 4] = preload;
	d->reg[0xa8 / 4] = 5u << 4 * halves;
	for (d->left = 1; d->left == 1 && at; at -= period / 256) {
		d->reg[0xa0 / 4] = at;
		watchdog_feed(&w);
	}
	if (d->left != FULL || at < open / 4)
		fail("%s: not fed in its window of 1/2^%u", d->compatible, halves);
	rti_window = 0;
}

static void test_windows(void)
{
	for (unsigned int halves = 0; halves < 6; halves++) {
		test_window(&dogs[ARRAY_SIZE(dogs) - 1], halves, 0);
		test_window(&dogs[ARRAY_SIZE(dogs) - 1], halves, 0xfff);
		test_window(&dogs[ARRAY_SIZE(dogs) - 1], halves, 123);
	}
}

static void never(struct dog *d, unsigned int reg, unsigned int val)
{
	fail("%s: it did not run, and %x was written", d->compatible, reg);
}

static void test_stopped(struct dog *d)
{
	struct watchdog w = start(d, false);
	void (*write)(struct dog *, unsigned int, unsigned int) = d->write;

	d->write = never;
	CHECK(!watchdog_stop(&w));
	d->write = write;
}

/* ---- which of a tree's ---- */

static struct fdt_builder b;

/* @more: the second of its names. */
static void add_node(const char *name, const char *more, u32 addr, u32 size, const char *status)
{
	char both[64];
	size_t n = strlen(name) + 1;

	memcpy(both, name, n);
	memcpy(both + n, more, strlen(more) + 1);
	fdtb_begin_node(&b, name);
	fdtb_add_prop(&b, "compatible", both, n + strlen(more) + 1);
	FDTB_CELLS(&b, "reg", addr, size);
	fdtb_add_string(&b, "status", status);
	fdtb_end_node(&b);
}

static unsigned int nr_mapped;

static void *map_one(phys_addr_t pa, size_t size)
{
	CHECK(pa == 0x7000 && size <= 0x100);
	nr_mapped++;
	return (void *)BASE;
}

static void *map_none(phys_addr_t pa, size_t size)
{
	return NULL;
}

static void test_tree_of_dogs(struct dog *d)
{
	const char *why = "";
	struct fdt f;

	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	add_node("arm,sp805", "arm,primecell", 0x1000, 0x1000, "disabled");
	add_node("fsl,imx8mq-wdt", "fsl,imx21-wdt", 0x2000, 4, "okay"); /* ends too early */
	add_node("vendor,dog", "vendor,animal", 0x3000, 0x1000, "okay");
	add_node("rockchip,rk3399-wdt", "snps,dw-wdt", 0x7000, 0x100, "okay");
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!fdt_open(&f, b.blob, b.len, &why));
	watchdogs_find(&f, fdt_reg_phys);
	CHECK(watchdogs_map(&access_dog, map_none) < 0);
	CHECK(!watchdogs_map(&access_dog, map_one) && nr_mapped == 1);
	start(d, true);
	for (int i = 0; i < 3; i++) {
		d->left = 1;
		watchdogs_tick();
		CHECK(d->left == FULL);
		if (!i != (strstr(reported, "snps,dw-wdt at 0x7000 is running and cannot") != NULL))
			fail("the tick after %d says '%s'", i, reported);
		reported[0] = '\0';
	}
}

/* Of more than there is room for some, and nothing is written behind them. */
static void test_many_dogs(void)
{
	const char *why = "";
	struct fdt f;

	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	for (unsigned int i = 0; i < WATCHDOGS_MAX + 3; i++)
		add_node("snps,dw-wdt", "vendor,dog", 0x7000, 0x100, "okay");
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!b.overflow && !fdt_open(&f, b.blob, b.len, &why));
	nr_mapped = 0;
	watchdogs_find(&f, fdt_reg_phys);
	CHECK(!watchdogs_map(&access_dog, map_one) && nr_mapped == WATCHDOGS_MAX);
}

void test_watchdogs(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(dogs); i++) {
		test_running(dogs + i);
		test_food(dogs + i);
		test_stopped(dogs + i);
	}
	test_windows();
	test_tree_of_dogs(dogs + 3);
	test_many_dogs();
	CHECK(!watchdog_driver_find("arm,sp80") && !watchdog_driver_find(""));
}
