/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts in device trees (Devicetree Specification v0.4, 2.4), untrusted like all of them. */
#include <lib/errno.h>
#include <lib/fdt.h>

/* What "interrupt-parent" of the node, or of the nearest node above that has one, names. */
static int inherited_controller(const struct fdt *f, int node)
{
	u32 phandle;

	for (; node >= 0; node = fdt_parent(f, node))
		if (!fdt_prop_u32(f, node, "interrupt-parent", &phandle))
			return fdt_by_phandle(f, phandle);
	return -ENOENT;
}

/* How many cells the specifiers of @controller have. */
static int specifier_cells(const struct fdt *f, int controller, u32 *nr)
{
	if (controller < 0)
		return controller;
	if (fdt_prop_u32(f, controller, "#interrupt-cells", nr) || !*nr ||
	    *nr > FDT_INTERRUPT_CELLS)
		return -EBADMSG;
	return 0;
}

/* The specifier that begins at cell @pos of a property. */
static int read_specifier(const struct fdt *f, int node, const char *prop, u32 pos,
			  struct fdt_interrupt *irq)
{
	int err = 0;

	for (u32 i = 0; !err && i < irq->nr; i++)
		err = fdt_prop_cell(f, node, prop, pos + i, &irq->cell[i]);
	return err;
}

/* Section 2.4.1.3: each behind the phandle of its controller, whose cells it has. */
static int read_extended(const struct fdt *f, int node, u32 index, struct fdt_interrupt *irq)
{
	u32 pos = 0, phandle;

	for (;; index--) {
		int err = fdt_prop_cell(f, node, "interrupts-extended", pos, &phandle);

		if (err)
			return err;
		irq->controller = fdt_by_phandle(f, phandle);
		err = specifier_cells(f, irq->controller, &irq->nr);
		if (err)
			return err;
		if (!index)
			return read_specifier(f, node, "interrupts-extended", pos + 1, irq);
		pos += 1 + irq->nr;
	}
}

int fdt_interrupt(const struct fdt *f, int node, u32 index, struct fdt_interrupt *irq)
{
	struct fdt_prop p;
	int err;

	if (!fdt_prop(f, node, "interrupts-extended", &p))
		return read_extended(f, node, index, irq);
	if (fdt_prop(f, node, "interrupts", &p))
		return -ENOENT;
	irq->controller = inherited_controller(f, node);
	err = specifier_cells(f, irq->controller, &irq->nr);
	if (err)
		return err;
	if (index >= p.len / sizeof(u32) / irq->nr)
		return -ENOENT;
	return read_specifier(f, node, "interrupts", index * irq->nr, irq);
}
