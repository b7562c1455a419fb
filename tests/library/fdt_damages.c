/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways to break a device tree, each spelled out, with what the reader must say of it. A blob
 * ends at an unmapped page.
 */
#include "fdt_builder.h"

#include <lib/errno.h>
#include <lib/string.h>

static struct fdt_builder builder;

struct damage {
	const char *name;
	void (*build)(struct fdt_builder *b);
	int want;	      /* what fdt_open() must say */
	const char *contains; /* a part of its reason */
};

static void open_root(struct fdt_builder *b)
{
	fdtb_start(b);
	fdtb_begin_node(b, "");
}

static void close_root(struct fdt_builder *b)
{
	fdtb_end_node(b);
	fdtb_finish(b, STRUCT_LAST);
}

static void set_header(struct fdt_builder *b, u32 field, u32 value)
{
	fdtb_build_good(b, STRINGS_LAST);
	fdtb_put_be32(b->blob + field, value);
}

static void bad_magic(struct fdt_builder *b)
{
	set_header(b, MAGIC, 0xedfe0dd0);
}
static void old_version(struct fdt_builder *b)
{
	set_header(b, VERSION, 16);
}
static void future_version(struct fdt_builder *b)
{
	set_header(b, LAST_COMP, 18);
}
static void zero_size(struct fdt_builder *b)
{
	set_header(b, TOTALSIZE, 0);
}
static void huge_size(struct fdt_builder *b)
{
	set_header(b, TOTALSIZE, 0xffffffff);
}
static void struct_past_end(struct fdt_builder *b)
{
	fdtb_build_good(b, STRINGS_LAST);
	fdtb_put_be32(b->blob + OFF_STRUCT, b->len - 4);
}
static void struct_wraps(struct fdt_builder *b)
{
	set_header(b, OFF_STRUCT, 0xfffffff0);
}
static void struct_in_header(struct fdt_builder *b)
{
	set_header(b, OFF_STRUCT, 0);
}
static void struct_unaligned(struct fdt_builder *b)
{
	fdtb_build_good(b, STRINGS_LAST);
	fdtb_put_be32(b->blob + OFF_STRUCT, fdtb_get_be32(b->blob + OFF_STRUCT) + 2);
}
static void struct_empty(struct fdt_builder *b)
{
	set_header(b, SIZE_STRUCT, 0);
}
static void strings_past_end(struct fdt_builder *b)
{
	set_header(b, OFF_STRINGS, 0x7fffffff);
}
static void strings_too_long(struct fdt_builder *b)
{
	fdtb_build_good(b, STRINGS_LAST);
	fdtb_put_be32(b->blob + SIZE_STRINGS, b->strings_len + 1);
}
static void strings_unterminated(struct fdt_builder *b)
{
	fdtb_build_good(b, STRINGS_LAST);
	b->blob[b->len - 1] = 'x';
}
static void strings_gone(struct fdt_builder *b)
{
	set_header(b, SIZE_STRINGS, 0);
}
static void reserve_past_end(struct fdt_builder *b)
{
	fdtb_build_good(b, STRINGS_LAST);
	fdtb_put_be32(b->blob + OFF_RSVMAP, b->len - 8);
}

static void reserve_endless(struct fdt_builder *b)
{
	open_root(b);
	fdtb_end_node(b);
	fdtb_add_cell(b, END);
	fdtb_join(b, STRINGS_LAST);
	/* A reservation block behind all others whose last entry is not zero. */
	fdtb_put_be32(b->blob + OFF_RSVMAP, b->len);
	memset(b->blob + b->len, 0x11, 64);
	b->len += 64;
	fdtb_put_be32(b->blob + TOTALSIZE, b->len);
}

static void reserve_too_many(struct fdt_builder *b)
{
	reserve_endless(b);
	memset(b->blob + b->len, 0x11, 16 * 300);
	b->len += 16 * 300;
	memset(b->blob + b->len, 0, 16);
	b->len += 16;
	fdtb_put_be32(b->blob + TOTALSIZE, b->len);
}

static void blocks_overlap(struct fdt_builder *b)
{
	fdtb_build_good(b, STRUCT_LAST);
	fdtb_put_be32(b->blob + OFF_STRINGS, fdtb_get_be32(b->blob + OFF_STRUCT));
	fdtb_put_be32(b->blob + SIZE_STRINGS, b->struct_len - 4 - 3); /* ends in a zero byte */
}

/* Only the entry of zeros that ends the reservations lies where the strings do. */
static void reserve_overlaps(struct fdt_builder *b)
{
	u32 strings;

	fdtb_build_good(b, STRINGS_LAST);
	strings = fdtb_get_be32(b->blob + OFF_STRINGS);
	memset(b->blob + strings, 0, 16);
	fdtb_put_be32(b->blob + OFF_RSVMAP, strings);
}

static void no_end(struct fdt_builder *b)
{
	open_root(b);
	fdtb_end_node(b);
	fdtb_add_reserve(b, 0, 0);
	fdtb_join(b, STRUCT_LAST);
}

static void end_inside_node(struct fdt_builder *b)
{
	open_root(b);
	fdtb_finish(b, STRUCT_LAST);
}

static void only_nops(struct fdt_builder *b)
{
	fdtb_start(b);
	while (b->struct_len < 4000)
		fdtb_add_cell(b, NOP);
	fdtb_add_reserve(b, 0, 0);
	fdtb_join(b, STRUCT_LAST);
}

static void only_end(struct fdt_builder *b)
{
	fdtb_start(b);
	fdtb_finish(b, STRUCT_LAST);
}

static void nop_bomb(struct fdt_builder *b)
{
	fdtb_build_good(b, STRUCT_LAST);
	fdtb_start(b);
	fdtb_build_nodes(b);
	while (b->struct_len < 4000)
		fdtb_add_cell(b, NOP);
	close_root(b);
}

static void nested(struct fdt_builder *b, unsigned int depth)
{
	unsigned int i;

	fdtb_start(b);
	for (i = 0; i < depth; i++)
		fdtb_begin_node(b, "");
	for (i = 0; i < depth; i++)
		fdtb_end_node(b);
	fdtb_finish(b, STRUCT_LAST);
}

static void deepest(struct fdt_builder *b)
{
	nested(b, FDT_MAX_DEPTH);
}
static void too_deep(struct fdt_builder *b)
{
	nested(b, FDT_MAX_DEPTH + 1);
}
static void depth_bomb(struct fdt_builder *b)
{
	nested(b, 320);
}

static void extra_end_node(struct fdt_builder *b)
{
	open_root(b);
	fdtb_end_node(b);
	close_root(b);
}

static void two_roots(struct fdt_builder *b)
{
	open_root(b);
	fdtb_end_node(b);
	fdtb_begin_node(b, "");
	close_root(b);
}

static void prop_before_root(struct fdt_builder *b)
{
	fdtb_start(b);
	FDTB_CELLS(b, "reg", 1);
	fdtb_begin_node(b, "");
	close_root(b);
}

static void prop_after_child(struct fdt_builder *b)
{
	open_root(b);
	fdtb_begin_node(b, "child");
	fdtb_end_node(b);
	FDTB_CELLS(b, "reg", 1);
	close_root(b);
}

static void unknown_token(struct fdt_builder *b)
{
	open_root(b);
	fdtb_add_cell(b, 7);
	close_root(b);
}

static void name_unterminated(struct fdt_builder *b)
{
	open_root(b);
	fdtb_add_cell(b, BEGIN_NODE);
	fdtb_add_bytes(b, "abcd", 4);
	fdtb_add_reserve(b, 0, 0);
	fdtb_join(b, STRUCT_LAST);
}

static void raw_prop(struct fdt_builder *b, u32 len, u32 name)
{
	open_root(b);
	fdtb_string_offset(b, "reg");
	fdtb_add_cell(b, PROP);
	fdtb_add_cell(b, len);
	fdtb_add_cell(b, name);
	close_root(b);
}

static void prop_too_long(struct fdt_builder *b)
{
	raw_prop(b, 4096, 0);
}
static void prop_length_wraps(struct fdt_builder *b)
{
	raw_prop(b, 0xfffffffe, 0);
}
static void prop_name_outside(struct fdt_builder *b)
{
	raw_prop(b, 0, 4); /* the block has 4 bytes: "reg" and its NUL */
}
static void prop_name_wraps(struct fdt_builder *b)
{
	raw_prop(b, 0, 0xffffffff);
}

static void prop_cut_off(struct fdt_builder *b)
{
	open_root(b);
	fdtb_add_cell(b, PROP);
	fdtb_add_cell(b, 0);
	fdtb_add_reserve(b, 0, 0);
	fdtb_join(b, STRUCT_LAST);
}

static const struct damage damages[] = {
	{ "wrong magic", bad_magic, -EINVAL, "magic" },
	{ "version 16", old_version, -EINVAL, "version" },
	{ "a later version", future_version, -EINVAL, "version" },
	{ "size 0", zero_size, -EBADMSG, "structure block lies outside" },
	{ "size 4 GiB", huge_size, -EBADMSG, "memory" },
	{ "structure past the end", struct_past_end, -EBADMSG, "structure block lies outside" },
	{ "structure wraps", struct_wraps, -EBADMSG, "structure block lies outside" },
	{ "structure in the header", struct_in_header, -EBADMSG, "structure block lies outside" },
	{ "structure unaligned", struct_unaligned, -EBADMSG, "not aligned" },
	{ "structure empty", struct_empty, -EBADMSG, "without an END" },
	{ "strings past the end", strings_past_end, -EBADMSG, "strings block lies outside" },
	{ "strings too long", strings_too_long, -EBADMSG, "strings block lies outside" },
	{ "strings unterminated", strings_unterminated, -EBADMSG, "not terminated" },
	{ "strings gone", strings_gone, -EBADMSG, "name lies outside" },
	{ "reservations past the end", reserve_past_end, -EBADMSG,
	  "reservation block lies outside" },
	{ "reservations without end", reserve_endless, -EBADMSG, "reservation block has no end" },
	{ "too many reservations", reserve_too_many, -EBADMSG, "reservation block has no end" },
	{ "overlapping blocks", blocks_overlap, -EBADMSG, "overlap" },
	{ "reservations that end in strings", reserve_overlaps, -EBADMSG, "overlap" },
	{ "no END", no_end, -EBADMSG, "without an END" },
	{ "END inside a node", end_inside_node, -EBADMSG, "END inside a node" },
	{ "only NOPs", only_nops, -EBADMSG, "without an END" },
	{ "only END", only_end, -EBADMSG, "no root" },
	{ "many NOPs", nop_bomb, 0, NULL },
	{ "deepest nesting", deepest, 0, NULL },
	{ "nested too deep", too_deep, -EBADMSG, "too deep" },
	{ "nested far too deep", depth_bomb, -EBADMSG, "too deep" },
	{ "one END_NODE too many", extra_end_node, -EBADMSG, "did not begin" },
	{ "two roots", two_roots, -EBADMSG, "more than one root" },
	{ "property before the root", prop_before_root, -EBADMSG, "outside a node" },
	{ "property behind a child", prop_after_child, -EBADMSG, "behind a child" },
	{ "unknown token", unknown_token, -EBADMSG, "unknown token" },
	{ "node name unterminated", name_unterminated, -EBADMSG, "node name is not terminated" },
	{ "property too long", prop_too_long, -EBADMSG, "longer than the structure" },
	{ "property length wraps", prop_length_wraps, -EBADMSG, "longer than the structure" },
	{ "property name outside", prop_name_outside, -EBADMSG, "name lies outside" },
	{ "property name wraps", prop_name_wraps, -EBADMSG, "name lies outside" },
	{ "property cut off", prop_cut_off, -EBADMSG, "cut off" },
};

static bool text_contains(const char *s, const char *part)
{
	for (; s && *s; s++)
		if (!strncmp(s, part, strlen(part)))
			return true;
	return false;
}

static void test_damages(struct test *t)
{
	u8 *top = guarded_top(t), *blob;
	unsigned int i;

	for (i = 0; top && i < ARRAY_SIZE(damages); i++) {
		const struct damage *d = &damages[i];
		const char *err = NULL, *wrong;
		struct fdt f;
		int ret;

		d->build(&builder);
		EXPECT_MSG(t, !builder.overflow, "%s: the builder is full", d->name);
		blob = guarded_place(top, builder.blob, builder.len);
		ret = fdt_open(&f, blob, builder.len, &err);
		EXPECT_MSG(t, ret == d->want, "%s: %d (%s)", d->name, ret, err);
		if (d->contains)
			EXPECT_MSG(t, text_contains(err, d->contains), "%s: %s", d->name, err);
		if (ret)
			continue;
		wrong = fdtb_exercise(&f);
		EXPECT_MSG(t, !wrong, "%s: %s", d->name, wrong);
	}
}
TEST(lib, fdt_damaged, TEST_ASSERT, test_damages);

/* There is memory enough, and the tree is larger than any. */
static void test_large(struct test *t)
{
	const char *err = NULL;
	struct fdt f;

	fdtb_build_good(&builder, STRINGS_LAST);
	set_header(&builder, TOTALSIZE, 16 << 20);
	EXPECT_MSG(t, !fdt_open(&f, builder.blob, 17 << 20, &err), "%s", err);
	set_header(&builder, TOTALSIZE, (16 << 20) + 1);
	EXPECT(t, fdt_open(&f, builder.blob, 17 << 20, &err) == -EBADMSG);
	EXPECT(t, text_contains(err, "larger than 16 MiB"));
}
TEST(lib, fdt_large, TEST_ASSERT, test_large);
