/* SPDX-License-Identifier: GPL-2.0-only */
/* Writer of flattened device trees: see the header. */
#include <lib/errno.h>
#include <lib/fdt_write.h>
#include <lib/format.h>
#include <lib/string.h>

#define MAGIC	   0xd00dfeedU
#define VERSION	   17
#define COMPATIBLE 16
#define HEADER	   40
#define STRUCTURE  56 /* behind the header and the end of an empty list of reservations */

/* 5.4.1 */
enum token { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, END = 9 };

static void put_be32(u8 *p, u32 v)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = v >> (24 - 8 * i);
}

/* Room for @len bytes and what aligns the next token, zeroed; NULL, and noted, if there is none. */
static u8 *take(struct fdt_writer *w, u32 len)
{
	u32 room = ALIGN_UP(len, 4);
	u8 *p = w->blob + w->at;

	if (room > w->size - w->at)
		w->full = true;
	if (w->full)
		return NULL;
	memset(p, 0, room);
	w->at += room;
	return p;
}

static void put_cell(struct fdt_writer *w, u32 v)
{
	u8 *p = take(w, 4);

	if (p)
		put_be32(p, v);
}

/* Where a property's name is among the strings. */
static u32 name_offset(struct fdt_writer *w, const char *name)
{
	u32 off, len = strlen(name) + 1;

	for (off = 0; off < w->strings_len; off += strlen(w->strings + off) + 1)
		if (!strcmp(w->strings + off, name))
			return off;
	if (len > sizeof(w->strings) - w->strings_len) {
		w->full = true;
		return 0;
	}
	memcpy(w->strings + off, name, len);
	w->strings_len += len;
	return off;
}

/* Begin a property of @len bytes: where its value goes, or NULL. */
static u8 *put_prop(struct fdt_writer *w, const char *name, u32 len)
{
	put_cell(w, PROP);
	put_cell(w, len);
	put_cell(w, name_offset(w, name));
	return take(w, len);
}

void fdt_write_begin(struct fdt_writer *w, void *blob, u32 size)
{
	memset(w, 0, sizeof(*w));
	w->blob = blob;
	w->size = size;
	take(w, STRUCTURE);
	fdt_write_node(w, "");
}

void fdt_write_node(struct fdt_writer *w, const char *name)
{
	u32 len = strlen(name) + 1;
	u8 *p;

	put_cell(w, BEGIN_NODE);
	p = take(w, len);
	if (p)
		memcpy(p, name, len);
}

void fdt_write_node_at(struct fdt_writer *w, const char *name, u64 unit)
{
	char full[64];

	snprintf(full, sizeof(full), "%s@%llx", name, (unsigned long long)unit);
	fdt_write_node(w, full);
}

void fdt_write_end(struct fdt_writer *w)
{
	put_cell(w, END_NODE);
}

void fdt_write_string(struct fdt_writer *w, const char *name, const char *s)
{
	u32 len = strlen(s) + 1;
	u8 *p = put_prop(w, name, len);

	if (p)
		memcpy(p, s, len);
}

void fdt_write_cells(struct fdt_writer *w, const char *name, const u32 *cells, u32 n)
{
	u8 *p = put_prop(w, name, 4 * n);

	for (u32 i = 0; p && i < n; i++)
		put_be32(p + 4 * i, cells[i]);
}

void fdt_write_u32(struct fdt_writer *w, const char *name, u32 val)
{
	fdt_write_cells(w, name, &val, 1);
}

void fdt_write_u64s(struct fdt_writer *w, const char *name, const u64 *vals, u32 n)
{
	u8 *p = put_prop(w, name, 8 * n);

	for (u32 i = 0; p && i < n; i++) {
		put_be32(p + 8 * i, vals[i] >> 32);
		put_be32(p + 8 * i + 4, vals[i]);
	}
}

int fdt_write_finish(struct fdt_writer *w)
{
	u32 structure_end, strings;
	u8 *p;

	fdt_write_end(w);
	put_cell(w, END);
	structure_end = w->at;
	p = take(w, w->strings_len);
	if (!p)
		return -ENOSPC;
	strings = p - w->blob;
	memcpy(p, w->strings, w->strings_len);
	/* 5.2, field by field; the boot CPU is nowhere asked for. */
	put_be32(w->blob, MAGIC);
	put_be32(w->blob + 4, w->at);
	put_be32(w->blob + 8, STRUCTURE);
	put_be32(w->blob + 12, strings);
	put_be32(w->blob + 16, HEADER);
	put_be32(w->blob + 20, VERSION);
	put_be32(w->blob + 24, COMPATIBLE);
	put_be32(w->blob + 32, w->strings_len);
	put_be32(w->blob + 36, structure_end - STRUCTURE);
	return w->at;
}
