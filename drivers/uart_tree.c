/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console's UART in the device tree (Devicetree Specification v0.4, 3.6 /chosen and 4.2 serial
 * devices), or on the boot line, which goes before it.
 */
#include <drivers/uart.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

/* The first driver that any of the node's compatible strings names: the most exact one first. */
static const struct uart_driver *node_driver(const struct fdt *f, int node)
{
	const struct uart_driver *d;
	struct fdt_prop p;
	u32 pos = 0, len;

	if (fdt_prop(f, node, "compatible", &p))
		return NULL;
	for (; pos < p.len; pos += len + 1) {
		const char *name = (const char *)p.data + pos;

		len = strnlen(name, p.len - pos);
		if (len == p.len - pos)
			break; /* not terminated */
		d = uart_driver_find(name, len, false);
		if (d)
			return d;
	}
	return NULL;
}

/* The rate of its first clock, if that is one whose rate stands in the tree. */
static u32 node_clock(const struct fdt *f, int node)
{
	u32 hz = 0, phandle;
	int clock;

	if (!fdt_prop_u32(f, node, "clock-frequency", &hz) && hz)
		return hz;
	if (fdt_prop_cell(f, node, "clocks", 0, &phandle))
		return 0;
	clock = fdt_by_phandle(f, phandle);
	if (clock < 0 || !fdt_is_compatible(f, clock, "fixed-clock") ||
	    fdt_prop_u32(f, clock, "clock-frequency", &hz))
		return 0;
	return hz;
}

/* What the tree says of the device at @node; where its registers are is left to the port. */
static void from_node(struct uart *u, const struct fdt *f, int node)
{
	const struct uart_driver *d = node_driver(f, node);
	struct fdt_prop p;
	u32 val;

	uart_init(u, d);
	u->node = node;
	u->clock_hz = node_clock(f, node);
	fdt_prop_u32(f, node, "current-speed", &u->baud);
	u->big_endian = !fdt_prop(f, node, "big-endian", &p);
	if (!fdt_prop_u32(f, node, "reg-io-width", &val) && (val == 1 || val == 2 || val == 4))
		u->width = val;
	if (!d || !d->spread)
		return;
	if (!fdt_prop_u32(f, node, "reg-shift", &val) && val <= 4)
		u->shift = val;
	fdt_prop_u32(f, node, "reg-offset", &u->offset);
}

/* The speed behind ':' of "serial2:1500000n8". */
static void take_speed(struct uart *u, const char *path)
{
	const char *colon = strchr(path, ':'), *end;
	u64 baud;

	if (colon && !parse_u64(colon + 1, &end, &baud) && baud && baud <= UINT32_MAX)
		u->baud = baud;
}

static int from_chosen(struct uart *u, const struct fdt *f)
{
	int chosen = fdt_path(f, "/chosen"), node;
	const char *path = NULL;

	if (chosen >= 0) {
		path = fdt_prop_string(f, chosen, "stdout-path");
		if (!path)
			path = fdt_prop_string(f, chosen, "linux,stdout-path");
	}
	node = fdt_path(f, path ? path : "serial0");
	if (node < 0 && path)
		node = fdt_path(f, path = "serial0");
	if (node < 0)
		return node;
	from_node(u, f, node);
	if (path)
		take_speed(u, path);
	return 0;
}

static int start(struct uart *u, int (*map)(struct uart *u))
{
	int err = map(u);

	return err ? err : uart_start(u);
}

/* Any device that is there and has a driver, in the order of the tree. */
static int any_known(struct uart *u, const struct fdt *f, int (*map)(struct uart *u))
{
	for (int node = fdt_root(f); node >= 0; node = fdt_next_node(f, node, NULL)) {
		if (!fdt_is_available(f, node) || !node_driver(f, node))
			continue;
		from_node(u, f, node);
		if (!start(u, map))
			return 0;
	}
	return -ENODEV;
}

int uart_console_named(struct uart *u, const struct fdt *f, const char *line,
		       int (*map)(struct uart *u))
{
	if (!uart_from_line(earlycon_line(f, line), u) && !start(u, map))
		return 0;
	u->driver = NULL;
	return -ENODEV;
}

int uart_console_find(struct uart *u, const struct fdt *f, const char *line,
		      int (*map)(struct uart *u))
{
	int err = -ENODEV;

	if (!uart_console_named(u, f, line, map))
		return 0;
	if (f && !from_chosen(u, f) && !start(u, map))
		return 0;
	if (f)
		err = any_known(u, f, map);
	if (err)
		u->driver = NULL;
	return err;
}
