/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts in device trees, of both ways to write them. */
#include "fdt_builder.h"

#include <lib/errno.h>
#include <test/test.h>

static struct fdt_builder builder;

static void add_controller(const char *name, u32 phandle, u32 cells)
{
	fdtb_begin_node(&builder, name);
	FDTB_CELLS(&builder, "phandle", phandle);
	FDTB_CELLS(&builder, "#interrupt-cells", cells);
	fdtb_end_node(&builder);
}

static void build_tree(void)
{
	fdtb_start(&builder);
	fdtb_begin_node(&builder, "");
	FDTB_CELLS(&builder, "interrupt-parent", 1);
	add_controller("gic", 1, 3);
	add_controller("wakeup", 2, 2);
	add_controller("wide", 3, FDT_INTERRUPT_CELLS + 1);
	add_controller("widest", 4, FDT_INTERRUPT_CELLS);
	add_controller("none", 5, 0);
	fdtb_begin_node(&builder, "plain");
	FDTB_CELLS(&builder, "interrupts", 1, 13, 4, 1, 14, 4);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "bus");
	FDTB_CELLS(&builder, "interrupt-parent", 2);
	fdtb_begin_node(&builder, "inherits");
	FDTB_CELLS(&builder, "interrupts", 7, 8);
	fdtb_end_node(&builder);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "extended");
	FDTB_CELLS(&builder, "interrupts", 9, 9, 9);
	FDTB_CELLS(&builder, "interrupts-extended", 2, 5, 6, 1, 1, 11, 4, 9, 1, 2);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "short");
	FDTB_CELLS(&builder, "interrupts-extended", 1, 1, 11);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "too-wide");
	FDTB_CELLS(&builder, "interrupts-extended", 3, 1, 11);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "wide-enough");
	fdtb_add_cell(&builder, PROP);
	fdtb_add_cell(&builder, 4 * (1 + FDT_INTERRUPT_CELLS));
	fdtb_add_cell(&builder, fdtb_string_offset(&builder, "interrupts-extended"));
	fdtb_add_cell(&builder, 4);
	for (u32 i = 0; i < FDT_INTERRUPT_CELLS; i++)
		fdtb_add_cell(&builder, 20 + i);
	fdtb_end_node(&builder);
	fdtb_begin_node(&builder, "of-none");
	FDTB_CELLS(&builder, "interrupts-extended", 5, 1, 11);
	fdtb_end_node(&builder);
	fdtb_end_node(&builder);
	fdtb_finish(&builder, STRINGS_LAST);
}

static int look(const struct fdt *f, const char *path, u32 index, struct fdt_interrupt *irq)
{
	return fdt_interrupt(f, fdt_path(f, path), index, irq);
}

static void test_fdt_interrupts(struct test *t)
{
	struct fdt_interrupt irq;
	const char *err = "";
	struct fdt f;
	int gic, wakeup;

	build_tree();
	if (!EXPECT_MSG(t, !fdt_open(&f, builder.blob, builder.len, &err), "%s", err))
		return;
	gic = fdt_path(&f, "/gic");
	wakeup = fdt_path(&f, "/wakeup");
	EXPECT(t, !look(&f, "/plain", 1, &irq) && irq.controller == gic && irq.nr == 3);
	EXPECT(t, irq.cell[0] == 1 && irq.cell[1] == 14 && irq.cell[2] == 4);
	EXPECT(t, look(&f, "/plain", 2, &irq) == -ENOENT && look(&f, "/gic", 0, &irq) == -ENOENT);
	EXPECT(t, !look(&f, "/bus/inherits", 0, &irq) && irq.controller == wakeup && irq.nr == 2);
	EXPECT(t, irq.cell[0] == 7 && irq.cell[1] == 8);
	/* The extended list wins, and each entry has its own controller. */
	EXPECT(t, !look(&f, "/extended", 0, &irq) && irq.controller == wakeup && irq.cell[1] == 6);
	EXPECT(t, !look(&f, "/extended", 1, &irq) && irq.controller == gic && irq.cell[1] == 11);
	EXPECT(t, look(&f, "/extended", 2, &irq) == -ENOENT); /* nobody has that phandle */
	EXPECT(t, look(&f, "/short", 0, &irq) == -ENOENT && look(&f, "/short", 1, &irq) == -ENOENT);
	EXPECT(t, look(&f, "/too-wide", 0, &irq) == -EBADMSG);
	EXPECT(t, look(&f, "/of-none", 0, &irq) == -EBADMSG);
	EXPECT(t, !look(&f, "/wide-enough", 0, &irq) && irq.nr == FDT_INTERRUPT_CELLS);
	EXPECT(t, irq.cell[FDT_INTERRUPT_CELLS - 1] == 20 + FDT_INTERRUPT_CELLS - 1);
}
TEST(lib, fdt_interrupts, TEST_ASSERT, test_fdt_interrupts);
