/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of flattened device trees (Devicetree Specification v0.4, chapter 5). Reads in place,
 * allocates nothing, recurses nowhere, and trusts nothing: every offset and length is checked
 * against the blob, so that a truncated or corrupted one ends in an error, never in a wild access.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct fdt {
	const u8 *blob;
	u32 size; /* totalsize */
	u32 off_struct, size_struct;
	u32 off_strings, size_strings;
	u32 off_rsvmap;
};

struct fdt_prop {
	const char *name;
	const u8 *data;
	u32 len;
};

#define FDT_MAX_DEPTH 32

/* Cell sizes that a node's children use. */
struct fdt_cells {
	u32 address, size;
};

/* Numbers of the tree: big-endian, and only 4-byte aligned. Right on any CPU. */
static inline u32 fdt_read_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline u64 fdt_read_be64(const u8 *p)
{
	u32 high = fdt_read_be32(p);

	/* Keeps the compiler from joining the halves to one load, which may be unaligned. */
	OPTIMIZER_HIDE_VAR(high);
	return (u64)high << 32 | fdt_read_be32(p + 4);
}

/*
 * Check the header and walk the whole structure once. @avail: bytes that may be read at @blob.
 * Returns 0; -EINVAL bad magic or version, -EBADMSG damaged; @err gets the reason.
 */
int fdt_open(struct fdt *f, const void *blob, size_t avail, const char **err);

#define FDT_HEADER_SIZE 40 /* DTSpec 5.2 */

/* Bytes that the header of the blob claims, or 0 if it is none. Reads the header alone. */
u32 fdt_total_size(const void *blob);

/*
 * Nodes are named by their offset in the structure block; the root is fdt_root(). All return a
 * negative errno (-ENOENT: there is none).
 */
int fdt_root(const struct fdt *f);
int fdt_next_node(const struct fdt *f, int node, int *depth); /* in document order */
int fdt_first_child(const struct fdt *f, int node);
int fdt_next_sibling(const struct fdt *f, int node);
int fdt_parent(const struct fdt *f, int node);
/*
 * "/cpus/cpu@1"; unit addresses may be left out. A path without leading '/' starts with an alias
 * ("serial0"), and what follows ':' is ignored, so that stdout-path can be given as it is.
 */
int fdt_path(const struct fdt *f, const char *path);
/* The first node behind @from, in document order; from = -1 begins with the root itself. */
int fdt_find_compatible(const struct fdt *f, int from, const char *compatible);
int fdt_by_phandle(const struct fdt *f, u32 phandle);
const char *fdt_node_name(const struct fdt *f, int node);

/* Property of a node: 0 or -ENOENT. Strings are checked to be terminated inside the property. */
int fdt_prop(const struct fdt *f, int node, const char *name, struct fdt_prop *p);
const char *fdt_prop_string(const struct fdt *f, int node, const char *name); /* or NULL */
int fdt_prop_u32(const struct fdt *f, int node, const char *name, u32 *val);
/* Cell @index of a property of big-endian 32-bit cells. */
int fdt_prop_cell(const struct fdt *f, int node, const char *name, u32 index, u32 *val);
/* Does "compatible" (or any list of strings) hold @s? */
bool fdt_list_has(const struct fdt *f, int node, const char *prop, const char *s);
bool fdt_is_compatible(const struct fdt *f, int node, const char *s);
/* Absent, "okay" or "ok" means available (section 2.3.4). */
bool fdt_is_available(const struct fdt *f, int node);

/*
 * Interrupt @index of a node, by "interrupts-extended" where it has that, else by "interrupts" and
 * the "interrupt-parent" that holds for it: who controls it, and what that is told.
 * 0, -ENOENT (no such interrupt or controller) or -EBADMSG.
 */
#define FDT_INTERRUPT_CELLS 4
struct fdt_interrupt {
	int controller; /* node */
	u32 nr;		/* of cells */
	u32 cell[FDT_INTERRUPT_CELLS];
};
int fdt_interrupt(const struct fdt *f, int node, u32 index, struct fdt_interrupt *irq);

/* #address-cells and #size-cells that hold for the children of @node (defaults 2 and 1). */
struct fdt_cells fdt_child_cells(const struct fdt *f, int node);

/* Entry @index of "reg" with the parent's cell sizes, untranslated. 0, -ENOENT, -EBADMSG. */
int fdt_reg(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size);
/* The same, translated through every parent's "ranges" to a CPU physical address. */
int fdt_reg_phys(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size);

/* Entry @index of the memory reservation block. 0 or -ENOENT. */
int fdt_memreserve(const struct fdt *f, u32 index, u64 *addr, u64 *size);

/*
 * What every port does with a tree: /memory nodes to boot_add_memory(), /memreserve/ and
 * /reserved-memory and the blob itself (at @fdt_phys) to boot_add_reserved(), what is marked no-map
 * there to boot_add_no_map(), /chosen bootargs to the command line; model, root's compatible,
 * U-Boot's version and the hypervisor to boot_info. 0 or -errno, printed.
 */
int fdt_scan_boot_info(const struct fdt *f, phys_addr_t fdt_phys);

/* kernel/fdt_cpu_map.c: where CPUs are that have been added, if the tree has a map of them. */
void fdt_place_cpus(const struct fdt *f);
