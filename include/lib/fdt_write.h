/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writer of flattened device trees (Devicetree Specification v0.4, chapter 5), for machines that
 * are described otherwise: nodes and properties in the order in which they are to stand. What does
 * not fit is noted, and told at the end.
 */
#pragma once

#include <lib/types.h>

struct fdt_writer {
	u8 *blob;
	u32 size, at;
	char strings[512]; /* names of properties: behind the structure in the end */
	u32 strings_len;
	bool full;
};

/* A tree of at most @size bytes at @blob; its root node is open then. */
void fdt_write_begin(struct fdt_writer *w, void *blob, u32 size);
/* A node inside the one that was opened last and not ended; "name", or "name@unit". */
void fdt_write_node(struct fdt_writer *w, const char *name);
void fdt_write_node_at(struct fdt_writer *w, const char *name, u64 unit);
void fdt_write_end(struct fdt_writer *w);
/* Properties of that node, before its children. */
void fdt_write_string(struct fdt_writer *w, const char *name, const char *s);
void fdt_write_cells(struct fdt_writer *w, const char *name, const u32 *cells, u32 n);
void fdt_write_u32(struct fdt_writer *w, const char *name, u32 val);
void fdt_write_u64s(struct fdt_writer *w, const char *name, const u64 *vals, u32 n);
/* Ends the root too; the bytes used, or -ENOSPC. */
int fdt_write_finish(struct fdt_writer *w);
