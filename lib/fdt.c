/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of flattened device trees: Devicetree Specification v0.4 (DTSpec), chapter 5.
 *
 * The blob comes from firmware and is not trusted. fdt_open() walks it once and refuses what the
 * format forbids, so that later errors are about one property and not about the tree. Even so
 * every later step goes through read_token(), which checks each offset against the block it is
 * in: a wrong node offset of a caller, or a blob that changes, cannot lead it outside.
 * Every loop moves towards the end of a block, so none can hang.
 *
 * Numbers in the blob are big-endian and only 4-byte aligned; fdt_read_be32() works on any CPU.
 */
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

/* DTSpec 5.2: fields of the header, by their offset. */
#define HDR_MAGIC	      0
#define HDR_TOTALSIZE	      4
#define HDR_OFF_STRUCT	      8
#define HDR_OFF_STRINGS	      12
#define HDR_OFF_RSVMAP	      16
#define HDR_VERSION	      20
#define HDR_LAST_COMP_VERSION 24
#define HDR_SIZE_STRINGS      32
#define HDR_SIZE_STRUCT	      36
#define HDR_SIZE	      40

#define FDT_MAGIC   0xd00dfeed
#define FDT_VERSION 17

/* DTSpec 5.4.1: tokens of the structure block. */
#define TOKEN_BEGIN_NODE 1
#define TOKEN_END_NODE	 2
#define TOKEN_PROP	 3
#define TOKEN_NOP	 4
#define TOKEN_END	 9

/*
 * Bounds of our own: offsets must fit an int, and what only a damaged tree reaches must not take
 * long. Real trees have some 100 KiB and a few dozen reservations.
 */
#define FDT_MAX_SIZE	(16U << 20)
#define FDT_MAX_RESERVE 256

struct token {
	u32 tag;
	u32 off;	  /* of the token itself */
	u32 next;	  /* just behind it */
	const char *name; /* of a node or a property, terminated */
	const u8 *data;	  /* of a property */
	u32 len;
};

/*
 * Read the token at @off, NOPs skipped. -EBADMSG with the reason in @why when there is none that
 * lies wholly inside the structure block.
 */
static int read_token(const struct fdt *f, u32 off, struct token *t, const char **why)
{
	const u8 *base = f->blob + f->off_struct;
	u32 left, len;

	do {
		if (off % 4 || off > f->size_struct || f->size_struct - off < 4) {
			*why = "the structure block ends without an END token";
			return -EBADMSG;
		}
		t->tag = fdt_read_be32(base + off);
		t->off = off;
		off += 4;
	} while (t->tag == TOKEN_NOP);

	left = f->size_struct - off;
	switch (t->tag) {
	case TOKEN_BEGIN_NODE:
		t->name = (const char *)base + off;
		len = strnlen(t->name, left);
		if (len == left) {
			*why = "a node name is not terminated";
			return -EBADMSG;
		}
		len++;
		break;
	case TOKEN_PROP:
		if (left < 8) {
			*why = "a property is cut off";
			return -EBADMSG;
		}
		t->len = fdt_read_be32(base + off);
		t->data = base + off + 8;
		len = fdt_read_be32(base + off + 4);
		if (t->len > left - 8) {
			*why = "a property is longer than the structure block";
			return -EBADMSG;
		}
		/* The last byte of the strings block is NUL: see check_header(). */
		if (len >= f->size_strings) {
			*why = "a property's name lies outside the strings block";
			return -EBADMSG;
		}
		t->name = (const char *)f->blob + f->off_strings + len;
		len = 8 + t->len;
		break;
	case TOKEN_END_NODE:
	case TOKEN_END:
		len = 0;
		break;
	default:
		*why = "unknown token in the structure block";
		return -EBADMSG;
	}
	/* Padded to 4 bytes (DTSpec 5.4); if that leads beyond the block, the next call sees it. */
	t->next = off + ALIGN_UP(len, 4);
	return 0;
}

/* The node that starts at @node. -EINVAL if there is none. */
static int read_node(const struct fdt *f, int node, struct token *t)
{
	const char *why;

	if (node < 0 || read_token(f, node, t, &why) || t->tag != TOKEN_BEGIN_NODE ||
	    t->off != (u32)node)
		return -EINVAL;
	return 0;
}

/* ---- opening ---- */

/* Does [off, off + size) lie in the blob behind the header? */
static bool block_fits(const struct fdt *f, u32 off, u32 size)
{
	return off >= HDR_SIZE && off <= f->size && size <= f->size - off;
}

static bool blocks_overlap(u32 a, u32 a_size, u32 b, u32 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

static int check_header(struct fdt *f, size_t avail, const char **err)
{
	const u8 *h = f->blob;

	if (avail < HDR_SIZE) {
		*err = "shorter than its header";
		return -EBADMSG;
	}
	if (fdt_read_be32(h + HDR_MAGIC) != FDT_MAGIC) {
		*err = "no device tree: wrong magic number";
		return -EINVAL;
	}
	if (fdt_read_be32(h + HDR_VERSION) < FDT_VERSION ||
	    fdt_read_be32(h + HDR_LAST_COMP_VERSION) > FDT_VERSION) {
		*err = "not readable as device tree version 17";
		return -EINVAL;
	}
	f->size = fdt_read_be32(h + HDR_TOTALSIZE);
	f->off_struct = fdt_read_be32(h + HDR_OFF_STRUCT);
	f->size_struct = fdt_read_be32(h + HDR_SIZE_STRUCT);
	f->off_strings = fdt_read_be32(h + HDR_OFF_STRINGS);
	f->size_strings = fdt_read_be32(h + HDR_SIZE_STRINGS);
	f->off_rsvmap = fdt_read_be32(h + HDR_OFF_RSVMAP);
	if (f->size > avail) {
		*err = "its size is more than there is memory for it";
		return -EBADMSG;
	}
	if (f->size > FDT_MAX_SIZE) {
		*err = "larger than 16 MiB";
		return -EBADMSG;
	}
	if (f->size < HDR_SIZE || !block_fits(f, f->off_struct, f->size_struct)) {
		*err = "the structure block lies outside the blob";
		return -EBADMSG;
	}
	if (!block_fits(f, f->off_strings, f->size_strings)) {
		*err = "the strings block lies outside the blob";
		return -EBADMSG;
	}
	if (!block_fits(f, f->off_rsvmap, 16)) {
		*err = "the memory reservation block lies outside the blob";
		return -EBADMSG;
	}
	if (f->off_struct % 4) {
		*err = "the structure block is not aligned";
		return -EBADMSG;
	}
	/* One check instead of one for each name: then every string in the block ends in it. */
	if (f->size_strings && h[f->off_strings + f->size_strings - 1]) {
		*err = "the strings block is not terminated";
		return -EBADMSG;
	}
	return 0;
}

/* Find the end of the reservation block and see that no two blocks share bytes. */
static int check_blocks(const struct fdt *f, const char **err)
{
	u64 addr, size;
	u32 n = 0, rsv_size;
	int ret;

	while ((ret = fdt_memreserve(f, n, &addr, &size)) == 0)
		n++;
	if (ret != -ENOENT) {
		*err = "the memory reservation block has no end";
		return -EBADMSG;
	}
	rsv_size = 16 * (n + 1);
	if (blocks_overlap(f->off_rsvmap, rsv_size, f->off_struct, f->size_struct) ||
	    blocks_overlap(f->off_rsvmap, rsv_size, f->off_strings, f->size_strings) ||
	    blocks_overlap(f->off_struct, f->size_struct, f->off_strings, f->size_strings)) {
		*err = "blocks overlap";
		return -EBADMSG;
	}
	return 0;
}

/* One root, properties before children, every node ended, then END (DTSpec 5.4.2). */
static int check_structure(const struct fdt *f, const char **err)
{
	bool props_allowed = false, root_seen = false;
	struct token t = { .next = 0 };
	u32 depth = 0;

	for (;;) {
		int ret = read_token(f, t.next, &t, err);

		if (ret)
			return ret;
		switch (t.tag) {
		case TOKEN_BEGIN_NODE:
			if (depth == 0 && root_seen) {
				*err = "more than one root node";
				return -EBADMSG;
			}
			if (depth == FDT_MAX_DEPTH) {
				*err = "nodes are nested too deep";
				return -EBADMSG;
			}
			root_seen = true;
			props_allowed = true;
			depth++;
			break;
		case TOKEN_PROP:
			if (!props_allowed) {
				*err = "a property is outside a node or behind a child node";
				return -EBADMSG;
			}
			break;
		case TOKEN_END_NODE:
			if (depth == 0) {
				*err = "a node ends that did not begin";
				return -EBADMSG;
			}
			props_allowed = false;
			depth--;
			break;
		default: /* END */
			if (depth || !root_seen) {
				*err = root_seen ? "END inside a node" : "no root node";
				return -EBADMSG;
			}
			return 0;
		}
	}
}

int fdt_open(struct fdt *f, const void *blob, size_t avail, const char **err)
{
	const char *why = NULL;
	int ret;

	memset(f, 0, sizeof(*f));
	f->blob = blob;
	ret = check_header(f, avail, &why);
	if (!ret)
		ret = check_blocks(f, &why);
	if (!ret)
		ret = check_structure(f, &why);
	if (err)
		*err = why;
	return ret;
}

u32 fdt_total_size(const void *blob)
{
	const u8 *h = blob;

	if (fdt_read_be32(h + HDR_MAGIC) != FDT_MAGIC)
		return 0;
	return fdt_read_be32(h + HDR_TOTALSIZE);
}

/* ---- walking ---- */

int fdt_root(const struct fdt *f)
{
	struct token t;
	const char *why;

	if (read_token(f, 0, &t, &why) || t.tag != TOKEN_BEGIN_NODE)
		return -ENOENT;
	return t.off;
}

/*
 * The next BEGIN_NODE behind the token at @t; *depth grows by one for it and shrinks for each
 * END_NODE passed. Gives up, with -ENOENT, when *depth would fall below @min.
 */
static int next_begin(const struct fdt *f, struct token *t, int *depth, int min)
{
	const char *why;

	for (;;) {
		if (read_token(f, t->next, t, &why) || t->tag == TOKEN_END)
			return -ENOENT;
		if (t->tag == TOKEN_END_NODE && --*depth < min)
			return -ENOENT;
		if (t->tag == TOKEN_BEGIN_NODE) {
			++*depth;
			return t->off;
		}
	}
}

int fdt_next_node(const struct fdt *f, int node, int *depth)
{
	struct token t;
	int ignored = 0;

	if (node < 0) {
		if (depth)
			*depth = 0;
		return fdt_root(f);
	}
	if (read_node(f, node, &t))
		return -EINVAL;
	return next_begin(f, &t, depth ? depth : &ignored, -FDT_MAX_DEPTH);
}

int fdt_first_child(const struct fdt *f, int node)
{
	struct token t;
	int depth = 0;

	if (read_node(f, node, &t))
		return -EINVAL;
	return next_begin(f, &t, &depth, 0);
}

int fdt_next_sibling(const struct fdt *f, int node)
{
	struct token t;
	int depth = 0, next;

	if (read_node(f, node, &t))
		return -EINVAL;
	/* Down into the node's own children and back; depth 0 again means a sibling of it. */
	do
		next = next_begin(f, &t, &depth, -1);
	while (next >= 0 && depth > 0);
	return next;
}

int fdt_parent(const struct fdt *f, int node)
{
	int path[FDT_MAX_DEPTH]; /* the node that the walk is at, and those above it */
	int depth = 0, next = fdt_root(f);
	struct token t;

	if (read_node(f, next, &t))
		return -EINVAL;
	while (next >= 0 && next <= node && depth >= 0 && depth < FDT_MAX_DEPTH) {
		path[depth] = next;
		if (next == node)
			return depth ? path[depth - 1] : -ENOENT;
		next = next_begin(f, &t, &depth, -1);
	}
	return -EINVAL;
}

const char *fdt_node_name(const struct fdt *f, int node)
{
	struct token t;

	return read_node(f, node, &t) ? NULL : t.name;
}

/* Is @want (@len characters) the node's name, or all of it before the unit address? */
static bool name_matches(const char *name, const char *want, size_t len)
{
	return !strncmp(name, want, len) && (!name[len] || name[len] == '@');
}

/* Length of the path component at @s; a ':' starts the options that stdout-path may carry. */
static size_t component_length(const char *s)
{
	size_t n = 0;

	while (s[n] && s[n] != '/' && s[n] != ':')
		n++;
	return n;
}

static int walk_path(const struct fdt *f, int node, const char *path)
{
	while (node >= 0) {
		size_t len;

		while (*path == '/')
			path++;
		len = component_length(path);
		if (!len)
			break;
		node = fdt_first_child(f, node);
		while (node >= 0 && !name_matches(fdt_node_name(f, node), path, len))
			node = fdt_next_sibling(f, node);
		path += len;
	}
	return node;
}

int fdt_path(const struct fdt *f, const char *path)
{
	char alias[32];
	const char *target;
	size_t len;
	int node;

	if (*path == '/')
		return walk_path(f, fdt_root(f), path);

	/* DTSpec 3.3: the first component may be an alias, whose value is a full path. */
	len = component_length(path);
	if (!len || len >= sizeof(alias))
		return -ENOENT;
	memcpy(alias, path, len);
	alias[len] = '\0';
	node = walk_path(f, fdt_root(f), "/aliases");
	target = node < 0 ? NULL : fdt_prop_string(f, node, alias);
	if (!target || *target != '/')
		return -ENOENT;
	return walk_path(f, walk_path(f, fdt_root(f), target), path + len);
}

int fdt_find_compatible(const struct fdt *f, int from, const char *compatible)
{
	int node = fdt_next_node(f, from, NULL);

	while (node >= 0 && !fdt_is_compatible(f, node, compatible))
		node = fdt_next_node(f, node, NULL);
	return node;
}

int fdt_by_phandle(const struct fdt *f, u32 phandle)
{
	int node = -1;
	u32 val;

	/* DTSpec 2.3.3; 0 and all ones are no phandles. */
	if (phandle == 0 || phandle == 0xffffffff)
		return -ENOENT;
	while ((node = fdt_next_node(f, node, NULL)) >= 0) {
		if (!fdt_prop_u32(f, node, "phandle", &val) && val == phandle)
			break;
		if (!fdt_prop_u32(f, node, "linux,phandle", &val) && val == phandle)
			break;
	}
	return node;
}

/* ---- properties ---- */

int fdt_prop(const struct fdt *f, int node, const char *name, struct fdt_prop *p)
{
	struct token t;
	const char *why;

	if (read_node(f, node, &t))
		return -EINVAL;
	while (!read_token(f, t.next, &t, &why) && t.tag == TOKEN_PROP) {
		if (!strcmp(t.name, name)) {
			p->name = t.name;
			p->data = t.data;
			p->len = t.len;
			return 0;
		}
	}
	return -ENOENT;
}

const char *fdt_prop_string(const struct fdt *f, int node, const char *name)
{
	struct fdt_prop p;

	if (fdt_prop(f, node, name, &p) || strnlen((const char *)p.data, p.len) == p.len)
		return NULL;
	return (const char *)p.data;
}

int fdt_prop_u32(const struct fdt *f, int node, const char *name, u32 *val)
{
	struct fdt_prop p;
	int ret = fdt_prop(f, node, name, &p);

	if (ret)
		return ret;
	if (p.len != 4)
		return -EBADMSG;
	*val = fdt_read_be32(p.data);
	return 0;
}

int fdt_prop_cell(const struct fdt *f, int node, const char *name, u32 index, u32 *val)
{
	struct fdt_prop p;
	int ret = fdt_prop(f, node, name, &p);

	if (ret)
		return ret;
	if (index >= p.len / 4)
		return -ENOENT;
	*val = fdt_read_be32(p.data + 4 * index);
	return 0;
}

bool fdt_list_has(const struct fdt *f, int node, const char *prop, const char *s)
{
	struct fdt_prop p;
	u32 pos = 0;

	if (fdt_prop(f, node, prop, &p))
		return false;
	while (pos < p.len) {
		const char *item = (const char *)p.data + pos;
		u32 len = strnlen(item, p.len - pos);

		if (len == p.len - pos)
			return false; /* the last one is not terminated */
		if (!strcmp(item, s))
			return true;
		pos += len + 1;
	}
	return false;
}

bool fdt_is_compatible(const struct fdt *f, int node, const char *s)
{
	return fdt_list_has(f, node, "compatible", s);
}

bool fdt_is_available(const struct fdt *f, int node)
{
	struct fdt_prop p;
	const char *status;

	if (fdt_prop(f, node, "status", &p))
		return true;
	status = fdt_prop_string(f, node, "status");
	return status && (!strcmp(status, "okay") || !strcmp(status, "ok"));
}

/* ---- memory reservations ---- */

int fdt_memreserve(const struct fdt *f, u32 index, u64 *addr, u64 *size)
{
	u32 off = f->off_rsvmap, i;

	if (index > FDT_MAX_RESERVE)
		return -EBADMSG;
	/* The first entry of two zeros is the end (DTSpec 5.3.2). */
	for (i = 0; i <= index; i++, off += 16) {
		if (!block_fits(f, off, 16))
			return -EBADMSG;
		*addr = fdt_read_be64(f->blob + off);
		*size = fdt_read_be64(f->blob + off + 8);
		if (!*addr && !*size)
			return -ENOENT;
	}
	return 0;
}
