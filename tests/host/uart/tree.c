/* SPDX-License-Identifier: GPL-2.0-only */
/* Which device of a tree or of a boot line becomes the console, and with what. */
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/report.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../library/fdt_builder.h"
#include "model.h"

/* What the reader of trees says of damage, of which there is none; what drivers say. */
void printk(const char *fmt, ...)
{
}

char reported[128];

void report_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reported, sizeof(reported), fmt, ap);
	va_end(ap);
}

static struct fdt_builder b;
static struct fdt tree;

static void begin(void)
{
	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	fdtb_begin_node(&b, "osc");
	fdtb_add_string(&b, "compatible", "fixed-clock");
	FDTB_CELLS(&b, "clock-frequency", 24000000);
	FDTB_CELLS(&b, "phandle", 7);
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "pll");
	fdtb_add_string(&b, "compatible", "vendor,pll");
	FDTB_CELLS(&b, "clock-frequency", 1000000);
	FDTB_CELLS(&b, "phandle", 9);
	fdtb_end_node(&b);
}

/* A node "serial@<addr>", to be ended. */
static void serial(u32 addr, const char *compatible)
{
	char name[32];

	snprintf(name, sizeof(name), "serial@%x", addr);
	fdtb_begin_node(&b, name);
	fdtb_add_string(&b, "compatible", compatible);
	FDTB_CELLS(&b, "reg", addr, 0x1000);
}

static const char *bootargs; /* of the trees that follow */

static void chosen(const char *stdout_path, const char *serial0)
{
	fdtb_begin_node(&b, "chosen");
	if (stdout_path)
		fdtb_add_string(&b, "stdout-path", stdout_path);
	if (bootargs)
		fdtb_add_string(&b, "bootargs", bootargs);
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "aliases");
	if (serial0)
		fdtb_add_string(&b, "serial0", serial0);
	fdtb_end_node(&b);
}

static void end(void)
{
	const char *why;

	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!b.overflow);
	CHECK(!fdt_open(&tree, b.blob, b.len, &why));
}

static u64 refuse; /* a device that cannot be mapped */
static unsigned int maps;

/* As a port does, for trees without buses. */
static int map(struct uart *u)
{
	maps++;
	if (u->node >= 0 && fdt_reg(&tree, u->node, 0, &u->pa, &u->size))
		return -ENODEV;
	u->pa += u->offset;
	if (u->pa == refuse)
		return -EINVAL;
	u->access = &model_access;
	u->base = 0;
	return 0;
}

/* The device that is found, 0 for none. Of what it is a model says. */
static u64 found(struct uart *u, const char *line, const struct model *m)
{
	int err;

	model_start(m, false);
	maps = 0;
	err = uart_console_find(u, &tree, line, map);
	CHECK(!err == !!u->driver);
	return err ? 0 : u->pa;
}

static void test_stdout_path(void)
{
	struct uart u;

	begin();
	serial(0x1000, "arm,pl011");
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	FDTB_CELLS(&b, "clocks", 7, 9);
	fdtb_end_node(&b);
	chosen("/serial@2000:1500000n8", "/serial@1000");
	end();
	CHECK(found(&u, NULL, &m_pl011) == 0x2000);
	CHECK(u.baud == 1500000 && u.clock_hz == 24000000 && u.width == 4 && u.shift == 0);
	refuse = 0x2000;
	CHECK(found(&u, NULL, &m_pl011) == 0x1000);
	refuse = 0;
}

static void test_alias(void)
{
	struct uart u;

	begin();
	serial(0x1000, "arm,pl011");
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	FDTB_CELLS(&b, "current-speed", 57600);
	FDTB_CELLS(&b, "clock-frequency", 3000000);
	fdtb_end_node(&b);
	chosen("/no-such-node", "/serial@2000");
	end();
	CHECK(found(&u, NULL, &m_pl011) == 0x2000);
	CHECK(u.baud == 57600 && u.clock_hz == 3000000);
}

/* Trees older than the property's name of today (ePAPR 1.1). */
static void test_old_name(void)
{
	struct uart u;

	begin();
	serial(0x1000, "arm,pl011");
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "chosen");
	fdtb_add_string(&b, "linux,stdout-path", "/serial@2000");
	fdtb_end_node(&b);
	end();
	CHECK(found(&u, NULL, &m_pl011) == 0x2000);
}

static void test_8250_properties(void)
{
	struct uart u;

	begin();
	serial(0x1000, "ns16550a");
	FDTB_CELLS(&b, "reg-shift", 2);
	FDTB_CELLS(&b, "reg-io-width", 4);
	FDTB_CELLS(&b, "reg-offset", 0x100);
	fdtb_end_node(&b);
	chosen("/serial@1000:115200", NULL);
	end();
	CHECK(found(&u, NULL, &m_dw) == 0x1100);
	CHECK(u.shift == 2 && u.width == 4 && u.clock_hz == 0 && u.baud == 115200);
}

/* What no 8250 has in its tree is not believed, nor a clock whose rate is another's matter. */
static void test_8250_nonsense(void)
{
	struct uart u;

	begin();
	serial(0x1000, "snps,dw-apb-uart");
	FDTB_CELLS(&b, "reg-shift", 5);
	FDTB_CELLS(&b, "reg-io-width", 3);
	FDTB_CELLS(&b, "clocks", 9);
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	FDTB_CELLS(&b, "reg-shift", 1);
	FDTB_CELLS(&b, "reg-io-width", 8);
	fdtb_end_node(&b);
	chosen("/serial@1000:115200", NULL);
	end();
	refuse = 0x2000;
	found(&u, NULL, &m_16550);
	CHECK(u.pa == 0x1000 && u.shift == 2 && u.width == 1 && u.clock_hz == 0);
	refuse = 0x1000;
	CHECK(found(&u, NULL, &m_pl011) == 0x2000);
	CHECK(u.shift == 0 && u.width == 4);
	refuse = 0;
}

/* A list of names that is cut off in its last one has those before. */
static void test_names_cut(void)
{
	static const char cut[] = "vendor,x\0arm,pl011\0ns16550a";
	struct uart u;

	begin();
	for (u32 i = 0; i < 2; i++) {
		fdtb_begin_node(&b, i ? "serial@2000" : "serial@1000");
		fdtb_add_prop(&b, "compatible", cut, i ? sizeof("vendor,x\0arm,pl011") : 18);
		FDTB_CELLS(&b, "reg", i ? 0x2000 : 0x1000, 0x1000);
		fdtb_end_node(&b);
	}
	chosen(NULL, NULL);
	end();
	CHECK(found(&u, NULL, &m_pl011) == 0x2000);
}

/* What is asked of an unknown one lies in its page, and in what the tree gives it. */
static void test_span(void)
{
	struct uart u;

	uart_init(&u, NULL);
	u.size = 0x1000;
	u.pa = 0x1000;
	CHECK(uart_span(&u) == 0x1000);
	u.pa = 0x1800;
	CHECK(uart_span(&u) == 0x800);
	u.size = 0x100;
	CHECK(uart_span(&u) == 0x100);
	uart_init(&u, uart_driver_find("snps,dw-apb-uart", 16, false));
	CHECK(uart_span(&u) == 32);
}

/* The boot line alone: without a word there, or if it cannot be mapped, there is none. */
static void test_named(void)
{
	struct uart u;

	begin();
	chosen(NULL, NULL);
	end();
	model_start(&m_meson, false);
	CHECK(uart_console_named(&u, &tree, "seed=1", map) == -ENODEV && !u.driver);
	CHECK(uart_console_named(&u, NULL, NULL, map) == -ENODEV && !u.driver);
	CHECK(!uart_console_named(&u, &tree, "earlycon=meson,0x7000", map) && u.pa == 0x7000);
	refuse = 0x7000;
	CHECK(uart_console_named(&u, &tree, "earlycon=meson,0x7000", map) == -ENODEV);
	CHECK(!u.driver);
	refuse = 0;
}

/* Nothing says which: the first that is there and known; and the most exact name counts. */
static void test_first_known(void)
{
	static const char both[] = "rockchip,rk3588-uart\0snps,dw-apb-uart\0ns16550a";
	struct uart u;

	begin();
	serial(0x1000, "vendor,something");
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	fdtb_add_string(&b, "status", "disabled");
	fdtb_end_node(&b);
	fdtb_begin_node(&b, "serial@3000");
	fdtb_add_prop(&b, "compatible", both, sizeof(both));
	FDTB_CELLS(&b, "reg", 0x3000, 0x100);
	FDTB_CELLS(&b, "reg-io-width", 4);
	fdtb_end_node(&b);
	chosen(NULL, NULL);
	end();
	CHECK(found(&u, NULL, &m_dw) == 0x3000);
	CHECK(u.driver == uart_driver_find("snps,dw-apb-uart", 16, false));
	CHECK(maps == 1);
}

/* Nobody knows the name of the node that is named: it is asked itself, then others are tried. */
static void test_unknown(void)
{
	struct uart u;

	begin();
	serial(0x1000, "vendor,unheard-of");
	fdtb_end_node(&b);
	serial(0x2000, "arm,pl011");
	fdtb_end_node(&b);
	chosen("/serial@1000", NULL);
	end();
	CHECK(found(&u, NULL, &m_pl011) == 0x1000);
	CHECK(u.driver == uart_driver_find("arm,pl011", 9, false));
	CHECK(found(&u, NULL, &m_meson) == 0x2000);
	refuse = 0x2000;
	CHECK(found(&u, NULL, &m_meson) == 0);
	refuse = 0;
}

static void test_line(void)
{
	static const char line[] = "tests=lib.* earlycon=meson,0x7000 seed=1";
	struct uart u;

	begin();
	serial(0x1000, "arm,pl011");
	fdtb_end_node(&b);
	bootargs = "seed=1 earlycon=ec_imx6q,0x6000";
	chosen("/serial@1000", NULL);
	bootargs = NULL;
	end();
	CHECK(found(&u, line, &m_meson) == 0x7000);
	CHECK(found(&u, "notearlycon=meson,0x7000", &m_pl011) == 0x1000);
	CHECK(found(&u, "earlycon=meson,", &m_pl011) == 0x1000);
	refuse = 0x7000;
	CHECK(found(&u, line, &m_pl011) == 0x1000);
	refuse = 0;
	CHECK(found(&u, NULL, &m_imx) == 0x6000);
	CHECK(found(&u, "earlycon=pl011,0x8000 earlycon=meson,0x7000", &m_meson) == 0x7000);
}

static void test_earlycon(void)
{
	static const char *const wrong[] = {
		"",
		"pl011",
		"pl011,",
		"pl011,x",
		"pl012,0x1000",
		"pl011,0x1000x",
		"pl011,io,0x3f8",
		"uart8250,io,0x10000",
		"uart8250,mmio64,0x1000",
		"uart8250,mmio,0x1000,fast",
		"uart8250,mmio,0x1000,4294967296",
		"uart8250,mmio,0x1000,9600n8,x",
		"uart8250,mmio,0x1000,9600n8,1x",
		"pl01,0x1000",
	};
	struct uart u;

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++)
		if (uart_parse_earlycon(wrong[i], &u) != -EINVAL)
			fail("'%s' is taken", wrong[i]);
	CHECK(!uart_parse_earlycon("uart8250,mmio32be,0xfe001000,115200n8,1843200", &u));
	CHECK(u.pa == 0xfe001000 && u.width == 4 && u.shift == 2 && u.big_endian && !u.io_port);
	CHECK(u.baud == 115200 && u.clock_hz == 1843200 && u.node == -1);
	CHECK(!uart_parse_earlycon("uart8250,io,0x2f8", &u));
	CHECK(u.pa == 0x2f8 && u.width == 1 && u.shift == 0 && u.io_port && !u.baud);
	CHECK(!u.big_endian);
	CHECK(!uart_parse_earlycon("uart8250,mmio,0x1000,4294967295", &u));
	CHECK(u.width == 1 && u.shift == 0 && u.baud == 4294967295);
	CHECK(!uart_parse_earlycon("uart,mmio16,4096", &u));
	CHECK(u.pa == 4096 && u.width == 2 && u.shift == 1);
	/* For others the type says nothing of where registers are. */
	CHECK(!uart_parse_earlycon("pl011,mmio,0x9000000", &u));
	CHECK(u.width == 4 && u.shift == 0);
}

void test_trees(void)
{
	test_stdout_path();
	test_alias();
	test_old_name();
	test_8250_properties();
	test_8250_nonsense();
	test_names_cut();
	test_span();
	test_named();
	test_first_known();
	test_unknown();
	test_line();
	test_earlycon();
}
