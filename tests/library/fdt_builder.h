/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A builder of flattened device trees for tests, good ones and those that no tool would write: it
 * adds tokens as it is told, and joins the blocks to a blob at the end.
 */
#pragma once

#include "guarded.h"

#include <kernel/boot.h>
#include <lib/fdt.h>

/* Strings last, as every tool writes it; or structure last, so that it ends at the guard page. */
enum fdtb_layout { STRINGS_LAST, STRUCT_LAST };

/* Fields of the header, for damage by hand; tokens. */
enum { MAGIC = 0, TOTALSIZE = 4, OFF_STRUCT = 8, OFF_STRINGS = 12, OFF_RSVMAP = 16 };
enum { VERSION = 20, LAST_COMP = 24, SIZE_STRINGS = 32, SIZE_STRUCT = 36, HEADER = 40 };
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };

/* Too large for a stack. */
struct fdt_builder {
	u8 structure[4096], strings[1024], reserve[1024];
	u32 struct_len, strings_len, reserve_len;
	bool overflow; /* something did not fit: the blob is not what was asked for */
	u8 blob[GUARDED_MAX];
	u32 len;
};

void fdtb_put_be32(u8 *p, u32 v);
u32 fdtb_get_be32(const u8 *p);

/* Pieces of the structure block; bytes are padded to a multiple of 4. */
void fdtb_start(struct fdt_builder *b);
void fdtb_add_bytes(struct fdt_builder *b, const void *p, u32 len);
void fdtb_add_cell(struct fdt_builder *b, u32 v);
void fdtb_begin_node(struct fdt_builder *b, const char *name);
void fdtb_end_node(struct fdt_builder *b);
void fdtb_add_prop(struct fdt_builder *b, const char *name, const void *data, u32 len);
void fdtb_add_string(struct fdt_builder *b, const char *name, const char *s);
void fdtb_add_cells(struct fdt_builder *b, const char *name, u32 n, const u32 *cells);
void fdtb_add_cell_sizes(struct fdt_builder *b, u32 address, u32 size);

/* A property of cells: FDTB_CELLS(b, "reg", 0x1000, 0x100). */
#define FDTB_CELLS(b, name, ...) \
	fdtb_add_cells(b, name, sizeof((u32[]){ __VA_ARGS__ }) / 4, (u32[]){ __VA_ARGS__ })

/* Offset of @name in the strings block, added if it is new. */
u32 fdtb_string_offset(struct fdt_builder *b, const char *name);

/* An entry of the reservation block. */
void fdtb_add_reserve(struct fdt_builder *b, u64 addr, u64 size);

/* Join the blocks to b->blob as they are; fdtb_finish() first adds END and the last reservation. */
void fdtb_join(struct fdt_builder *b, enum fdtb_layout layout);
void fdtb_finish(struct fdt_builder *b, enum fdtb_layout layout);

/* A tree with everything that the ports look for; fdtb_build_nodes() leaves the root node open. */
void fdtb_build_nodes(struct fdt_builder *b);
void fdtb_build_good(struct fdt_builder *b, enum fdtb_layout layout);

/*
 * fdt_scan_boot_info() with a boot_info of its own, copied to @result unless NULL: the real one
 * stays as it is. CPU 0.
 */
int fdtb_scan_aside(const struct fdt *f, phys_addr_t fdt_phys, struct boot_info *result);

/* Everything that can be asked about a tree. NULL, or what is wrong with an answer. */
const char *fdtb_exercise(const struct fdt *f);
