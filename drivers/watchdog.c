/* SPDX-License-Identifier: GPL-2.0-only */
/* Watchdogs that firmware has left running: see the header. */
#include <drivers/uart.h>
#include <drivers/watchdog.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/options.h>
#include <lib/report.h>
#include <lib/string.h>

static char mode[OPT_STRING_MAX] = "stop";
OPTION_CHOICE(watchdog, "watchdog", mode, "stop|leave",
	      "watchdogs that firmware has started: stop (or feed) them, or leave them alone");

static u32 reg_read(const struct watchdog *w, u32 reg)
{
	return w->access->read(w->base + reg, w->driver->width);
}

static void reg_write(const struct watchdog *w, u32 reg, u32 val)
{
	w->access->write(w->base + reg, w->driver->width, val);
}

/* TI AM62x TRM, SPRUIV7, "Real Time Interrupt", digital windowed watchdog */
#define RTI_DWDCTRL	0x90
#define RTI_DWDPRLD	0x94
#define RTI_WDKEY	0x9c
#define RTI_DWDCNTR	0xa0
#define RTI_WWDSIZECTRL 0xa8
#define RTI_ENABLED	0xa98559da
#define RTI_DISABLED	0x5312aced

/*
 * Food before the window opens resets the machine as well as none. The window is 0x5: all of the
 * time, 0x50: its last half, 0x500: its last quarter, and so on; a sixteenth of it for the way of
 * the counter's value to us.
 */
static bool rti_is_hungry(const struct watchdog *w)
{
	u32 left = ((reg_read(w, RTI_DWDPRLD) & 0xfff) + 1) << 13;

	for (u32 size = reg_read(w, RTI_WWDSIZECTRL); size >> 4; size >>= 4)
		left /= 2;
	return reg_read(w, RTI_DWDCNTR) < left - left / 16;
}

static const struct watchdog_driver drivers[] = {
	/* Arm DDI 0270; StarFive JH7110 TRM, whose watchdog has the same registers and key */
	{ .compatible = { "arm,sp805", "arm,sp805-wdt", "starfive,jh7110-wdt" },
	  .span = 0xc04,
	  .width = 4,
	  .control = 0x8,
	  .enable = 3, /* INTEN counts, RESEN resets */
	  .stops = true,
	  .lock = 0xc00,
	  .unlock = 0x1acce551,
	  .relock = 1,
	  .food = 0xc,
	  .feed = { 1 } },
	/* Arm BSA 1.0, appendix "Generic Watchdog": the control frame, the node's first */
	{ .compatible = { "arm,sbsa-gwdt" },
	  .span = 0x10,
	  .width = 4,
	  .control = 0,
	  .enable = 1,
	  .stops = true,
	  .food = 0x8, /* the offset: writing it starts the time anew, as the refresh does */
	  .feed = { 0x7fffffff } },
	/* DW_apb_wdt Databook: reset alone ends it. Rockchip, TH1520 and Sophgo have it. */
	{ .compatible = { "snps,dw-wdt" },
	  .span = 0x10,
	  .width = 4,
	  .control = 0,
	  .enable = 1,
	  .food = 0xc,
	  .feed = { 0x76 } },
	/* Linux, its driver of the BCM2835's: WRCFG of PM_RSTC says what comes in the end */
	{ .compatible = { "brcm,bcm2835-pm-wdt", "brcm,bcm2835-pm", "brcm,bcm2711-pm",
			  "brcm,bcm2712-pm" },
	  .span = 0x28,
	  .width = 4,
	  .control = 0x1c,
	  .enable = 0x30,
	  .stops = true,
	  .with = 0x5a000000,
	  .food = 0x24,
	  .feed = { 0x5a0fffff } },
	/* i.MX 8M reference manual, WDOG: WDE is set once; WSR */
	{ .compatible = { "fsl,imx21-wdt" },
	  .span = 0xa,
	  .width = 2,
	  .control = 0,
	  .enable = 4,
	  .food = 2,
	  .feed = { 0x5555, 0xaaaa } },
	/* i.MX 93 reference manual, WDOG: with UPDATE, which else stays 0 until reset */
	{ .compatible = { "fsl,imx7ulp-wdt", "fsl,imx8ulp-wdt", "fsl,imx93-wdt" },
	  .span = 0x10,
	  .width = 4,
	  .control = 0,
	  .enable = 0x80,
	  .stops = true,
	  .with = 0x20,
	  .lock = 4,
	  .unlock = 0xd928c520,
	  .food = 4,
	  .feed = { 0xb480a602 } },
	/* Allwinner A10, A64, D1 user manuals: WDOG_MODE, on D1 with a key */
	{ .compatible = { "allwinner,sun4i-a10-wdt" },
	  .span = 8,
	  .width = 4,
	  .control = 4,
	  .enable = 1,
	  .stops = true },
	{ .compatible = { "allwinner,sun6i-a31-wdt" },
	  .span = 0x1c,
	  .width = 4,
	  .control = 0x18,
	  .enable = 1,
	  .stops = true,
	  .food = 0x10,
	  .feed = { 0xa57 << 1 | 1 } },
	{ .compatible = { "allwinner,sun20i-d1-wdt" },
	  .span = 0x1c,
	  .width = 4,
	  .control = 0x18,
	  .enable = 1,
	  .stops = true,
	  .with = 0x16aa0000,
	  .food = 0x10,
	  .feed = { 0xa57 << 1 | 1 } },
	/* Amlogic S905 data sheet, WATCHDOG_CNTL and WATCHDOG_RESET, where any write feeds */
	{ .compatible = { "amlogic,meson-gxbb-wdt" },
	  .span = 0xc,
	  .width = 4,
	  .control = 0,
	  .enable = 1 << 18,
	  .stops = true,
	  .food = 8,
	  .feed = { 1 } },
	/* Linux, its driver of MediaTek's */
	{ .compatible = { "mediatek,mt6589-wdt", "mediatek,mt8183-wdt", "mediatek,mt8192-wdt",
			  "mediatek,mt8195-wdt" },
	  .span = 0xc,
	  .width = 4,
	  .control = 0,
	  .enable = 1,
	  .stops = true,
	  .with = 0x22000000,
	  .food = 8,
	  .feed = { 0x1971 } },
	/* Zynq UltraScale+ TRM, UG1085: ZMR with ZKEY; RESTART */
	{ .compatible = { "cdns,wdt-r1p2" },
	  .span = 0x10,
	  .width = 4,
	  .control = 0,
	  .enable = 1,
	  .stops = true,
	  .with = 0xabc000,
	  .food = 8,
	  .feed = { 0x1999 } },
	/* It runs until reset. */
	{ .compatible = { "ti,j7-rti-wdt" },
	  .span = 0xac,
	  .width = 4,
	  .control = RTI_DWDCTRL,
	  .enable = RTI_ENABLED & ~RTI_DISABLED,
	  .food = RTI_WDKEY,
	  .feed = { 0xe51a, 0xa35c },
	  .hungry = rti_is_hungry },
	/* SpacemiT, K1 documentation, "Watchdog": WFAR and WSAR before each write; WMER, WCR */
	{ .compatible = { "spacemit,soc-wdt", "spacemit,k1-wdt", "spacemit,k1-x-wdt" },
	  .span = 0xcc,
	  .width = 4,
	  .control = 0xb8,
	  .enable = 1,
	  .stops = true,
	  .lock = 0xb0,
	  .unlock = 0xbaba,
	  .lock2 = 0xb4,
	  .unlock2 = 0xeb10,
	  .food = 0xc8,
	  .feed = { 1 } },
};

static struct watchdog dogs[WATCHDOGS_MAX];
static unsigned int nr_dogs;
static bool looked_at; /* by the first tick */

static bool runs(const struct watchdog *w)
{
	return reg_read(w, w->driver->control) & w->driver->enable;
}

static void unlock(const struct watchdog *w)
{
	if (w->driver->unlock)
		reg_write(w, w->driver->lock, w->driver->unlock);
	if (w->driver->unlock2)
		reg_write(w, w->driver->lock2, w->driver->unlock2);
}

bool watchdog_stop(const struct watchdog *w)
{
	const struct watchdog_driver *d = w->driver;
	u32 off;

	if (!runs(w))
		return false;
	if (!d->stops)
		return true;
	off = (reg_read(w, d->control) & ~d->enable) | d->with;
	unlock(w);
	reg_write(w, d->control, off);
	if (d->relock)
		reg_write(w, d->lock, d->relock);
	return runs(w);
}

void watchdog_feed(const struct watchdog *w)
{
	const struct watchdog_driver *d = w->driver;

	if (d->hungry && !d->hungry(w))
		return;
	if (d->lock != d->food)
		unlock(w);
	for (unsigned int i = 0; i < ARRAY_SIZE(d->feed) && d->feed[i]; i++)
		reg_write(w, d->food, d->feed[i]);
	if (d->relock)
		reg_write(w, d->lock, d->relock);
}

const struct watchdog_driver *watchdog_driver_find(const char *compatible)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(drivers); i++)
		for (unsigned int n = 0; n < WATCHDOG_NAMES_MAX && drivers[i].compatible[n]; n++)
			if (!strcmp(drivers[i].compatible[n], compatible))
				return &drivers[i];
	return NULL;
}

/* By the first of the node's names that is known: the most exact one. */
static const struct watchdog_driver *node_driver(const struct fdt *f, int node)
{
	const struct watchdog_driver *d = NULL;
	struct fdt_prop p;
	u32 pos = 0, len;

	if (fdt_prop(f, node, "compatible", &p))
		return NULL;
	for (; !d && pos < p.len; pos += len + 1) {
		const char *name = (const char *)p.data + pos;

		len = strnlen(name, p.len - pos);
		if (len == p.len - pos)
			break; /* not terminated */
		d = watchdog_driver_find(name);
	}
	return d;
}

void watchdogs_find(const struct fdt *f,
		    int (*phys)(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size))
{
	u64 pa, size;

	for (int node = fdt_root(f); node >= 0 && nr_dogs < WATCHDOGS_MAX;
	     node = fdt_next_node(f, node, NULL)) {
		const struct watchdog_driver *d = node_driver(f, node);

		if (!d || !fdt_is_available(f, node) || phys(f, node, 0, &pa, &size) ||
		    size < d->span)
			continue;
		dogs[nr_dogs++] = (struct watchdog){ .driver = d, .pa = pa };
	}
}

int watchdogs_map(const struct uart_access *access, void *(*map)(phys_addr_t pa, size_t size))
{
	if (!strcmp(mode, "leave"))
		nr_dogs = 0;
	for (unsigned int i = 0; i < nr_dogs; i++) {
		dogs[i].access = access;
		dogs[i].base = (unsigned long)map(dogs[i].pa, dogs[i].driver->span);
		if (!dogs[i].base)
			return -ENOMEM;
	}
	return 0;
}

static void look_at(struct watchdog *w)
{
	const char *what = "was running, and is stopped";

	if (!runs(w))
		return;
	w->fed = watchdog_stop(w);
	if (w->fed)
		what = "is running and cannot be stopped: it is fed";
	report_line("watchdog: %s at 0x%llx %s", w->driver->compatible[0],
		    (unsigned long long)w->pa, what);
}

void watchdogs_tick(void)
{
	for (unsigned int i = 0; i < nr_dogs; i++) {
		if (!looked_at)
			look_at(&dogs[i]);
		if (dogs[i].fed)
			watchdog_feed(&dogs[i]);
	}
	looked_at = true;
}
