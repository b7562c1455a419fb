/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses in device trees: reg, ranges, and what every port takes from the tree with their help,
 * memory and reservations. Untrusted like all of the tree: lengths are checked against the cell
 * sizes, sums against overflow. Chapters are those of the Devicetree Specification v0.4 (DTSpec).
 */
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

/* @n cells (0, 1 or 2) as one number. */
static u64 read_cells(const u8 *p, u32 n)
{
	if (n == 0)
		return 0;
	return n == 1 ? fdt_read_be32(p) : fdt_read_be64(p);
}

struct fdt_cells fdt_child_cells(const struct fdt *f, int node)
{
	struct fdt_cells c = { .address = 2, .size = 1 }; /* DTSpec 2.3.5 */

	fdt_prop_u32(f, node, "#address-cells", &c.address);
	fdt_prop_u32(f, node, "#size-cells", &c.size);
	return c;
}

/* Addresses of more than 64 bits (PCI has 3 cells) are none of a CPU's. */
static bool cells_are_numbers(struct fdt_cells c)
{
	return c.address >= 1 && c.address <= 2 && c.size <= 2;
}

/* Entry @index of the "reg" @p. */
static int read_reg(const struct fdt_prop *p, struct fdt_cells c, u32 index, u64 *addr, u64 *size)
{
	u32 entry = 4 * (c.address + c.size);
	const u8 *data;

	if (!cells_are_numbers(c) || p->len % entry)
		return -EBADMSG;
	if (index >= p->len / entry)
		return -ENOENT;
	data = p->data + index * entry;
	*addr = read_cells(data, c.address);
	*size = read_cells(data + 4 * c.address, c.size);
	return 0;
}

int fdt_reg(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size)
{
	struct fdt_prop p;
	int parent, ret;

	ret = fdt_prop(f, node, "reg", &p);
	if (ret)
		return ret;
	parent = fdt_parent(f, node);
	if (parent < 0)
		return parent;
	return read_reg(&p, fdt_child_cells(f, parent), index, addr, size);
}

/*
 * Translate one level: [*addr, +size) of @bus's children into addresses of the bus that it is on
 * itself, whose cell sizes are @outer (DTSpec 2.3.8).
 */
static int translate(const struct fdt *f, int bus, struct fdt_cells outer, u64 *addr, u64 size)
{
	struct fdt_cells inner = fdt_child_cells(f, bus);
	struct fdt_prop p;
	u32 entry, pos;

	if (fdt_prop(f, bus, "ranges", &p))
		return -ENOENT; /* what is on this bus has no address outside it */
	if (!p.len)
		return 0; /* the same addresses */
	if (!cells_are_numbers(inner) || !cells_are_numbers(outer))
		return -EBADMSG;
	entry = 4 * (inner.address + outer.address + inner.size);
	if (p.len % entry)
		return -EBADMSG;
	for (pos = 0; pos < p.len; pos += entry) {
		const u8 *data = p.data + pos;
		u64 from = read_cells(data, inner.address);
		u64 to = read_cells(data + 4 * inner.address, outer.address);
		u64 len = read_cells(data + 4 * (inner.address + outer.address), inner.size);
		u64 distance = *addr - from;

		if (*addr < from || distance >= len || size > len - distance)
			continue;
		if (to + distance < to || to + distance + size < to + distance)
			return -EBADMSG;
		*addr = to + distance;
		return 0;
	}
	return -ENOENT;
}

int fdt_reg_phys(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size)
{
	int bus = fdt_parent(f, node), outer, ret;

	ret = fdt_reg(f, node, index, addr, size);
	/* Up from the parent; the root's addresses are the CPUs'. */
	while (!ret && bus != fdt_root(f)) {
		outer = fdt_parent(f, bus);
		if (outer < 0)
			return outer;
		ret = translate(f, bus, fdt_child_cells(f, outer), addr, *size);
		bus = outer;
	}
	return ret;
}

/* ---- what every port takes from the tree ---- */

/* Hand every entry of @node's reg to @add; @outer: cell sizes of the parent. */
static int add_regs(const struct fdt *f, int node, struct fdt_cells outer,
		    int (*add)(phys_addr_t base, u64 size))
{
	struct fdt_prop p;
	u64 addr, size;
	char name[48];
	u32 i;
	int ret;

	if (fdt_prop(f, node, "reg", &p))
		return 0; /* to be placed by the operating system: nothing there yet */
	for (i = 0; (ret = read_reg(&p, outer, i, &addr, &size)) == 0; i++) {
		ret = add(addr, size);
		if (ret)
			break;
	}
	if (ret == -ENOENT)
		return 0;
	str_copy_printable(name, sizeof(name), fdt_node_name(f, node), sizeof(name));
	pr_err("device tree: reg of %s is not usable (%d)", name, ret);
	return ret;
}

static int scan_memory(const struct fdt *f)
{
	int root = fdt_root(f), node, ret, nodes = 0;
	struct fdt_cells cells = fdt_child_cells(f, root);

	for (node = fdt_first_child(f, root); node >= 0; node = fdt_next_sibling(f, node)) {
		const char *type = fdt_prop_string(f, node, "device_type");

		if (!type || strcmp(type, "memory") || !fdt_is_available(f, node))
			continue;
		ret = add_regs(f, node, cells, boot_add_memory);
		if (ret)
			return ret;
		nodes++;
	}
	if (nodes)
		return 0;
	pr_err("device tree: no memory node");
	return -ENODATA;
}

/*
 * Of a machine with UEFI its memory map is true, and the device tree's nodes, if any, are not: EBBR
 * 2.1, section 2.3.
 */
static int take_handover(void)
{
	struct boot_handover *h = &boot_handover;
	int ret = 0;

	boot_set_cmdline(h->line, sizeof(h->line));
	snprintf(boot_info.version, sizeof(boot_info.version), "UEFI, %s", h->vendor);
	for (unsigned int i = 0; !ret && i < h->nr_memory; i++)
		ret = boot_add_memory(h->memory[i].base, h->memory[i].size);
	h->nr_memory = 0; /* a tree that is read later is another one */
	return ret;
}

static int scan_reserved(const struct fdt *f, phys_addr_t fdt_phys)
{
	int parent = fdt_path(f, "/reserved-memory"), node, ret;
	struct fdt_cells cells = fdt_child_cells(f, parent);
	u64 addr, size;
	u32 i;

	ret = boot_add_reserved(fdt_phys, f->size);
	for (i = 0; !ret && !fdt_memreserve(f, i, &addr, &size); i++)
		ret = boot_add_reserved(addr, size);
	for (node = fdt_first_child(f, parent); !ret && node >= 0;
	     node = fdt_next_sibling(f, node)) {
		struct fdt_prop no_map;

		if (!fdt_is_available(f, node))
			continue;
		ret = add_regs(f, node, cells,
			       fdt_prop(f, node, "no-map", &no_map) ? boot_add_reserved
								    : boot_add_no_map);
	}
	return ret;
}

static int scan_chosen(const struct fdt *f)
{
	int node = fdt_path(f, "/chosen");
	const char *bootargs;
	struct fdt_prop p;

	if (node < 0 || fdt_prop(f, node, "bootargs", &p) || !p.len)
		return 0;
	bootargs = fdt_prop_string(f, node, "bootargs");
	if (!bootargs) {
		pr_err("device tree: the boot line in /chosen is not terminated");
		return -EBADMSG;
	}
	boot_set_cmdline(bootargs, p.len);
	return 0;
}

static void copy_string(char *dst, size_t size, const char *src)
{
	if (src)
		str_copy_printable(dst, size, src, size);
}

/* All of the root's "compatible" (Devicetree Specification v0.4, 2.3.1), with blanks between. */
static void scan_compatible(const struct fdt *f, int root)
{
	char *list = boot_info.compatible;
	struct fdt_prop p;
	size_t n = 0;

	if (fdt_prop(f, root, "compatible", &p))
		return;
	for (; n < p.len && n < sizeof(boot_info.compatible) - 1; n++)
		list[n] = p.data[n] > ' ' && p.data[n] < 127 ? p.data[n] : ' ';
	while (n && list[n - 1] == ' ')
		n--;
	list[n] = '\0';
}

/* What the machine is, and what it says that emulates it; nothing depends on it. */
static void scan_identity(const struct fdt *f)
{
	int root = fdt_root(f), chosen = fdt_path(f, "/chosen"), hv = fdt_path(f, "/hypervisor");
	const char *model = fdt_prop_string(f, root, "model");

	copy_string(boot_info.machine, sizeof(boot_info.machine),
		    model ? model : fdt_prop_string(f, root, "compatible"));
	scan_compatible(f, root);
	/* By U-Boot 2023.04 and later. */
	if (chosen >= 0)
		copy_string(boot_info.version, sizeof(boot_info.version),
			    fdt_prop_string(f, chosen, "u-boot,version"));
	if (hv >= 0)
		copy_string(boot_info.hypervisor, sizeof(boot_info.hypervisor),
			    fdt_prop_string(f, hv, "compatible"));
	if (fdt_find_compatible(f, -1, "qemu,fw-cfg-mmio") >= 0)
		copy_string(boot_info.hypervisor, sizeof(boot_info.hypervisor), "qemu");
}

int fdt_scan_boot_info(const struct fdt *f, phys_addr_t fdt_phys)
{
	int ret;

	scan_identity(f);
	boot_info.fdt = fdt_phys;

	/* The boot line first: an error in the rest can then be reported as the user wished. */
	if (boot_handover.nr_memory) {
		ret = take_handover();
	} else {
		ret = scan_chosen(f);
		if (!ret)
			ret = scan_memory(f);
	}
	if (!ret)
		ret = scan_reserved(f, fdt_phys);
	return ret;
}
