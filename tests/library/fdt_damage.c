/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device-tree reader on damaged blobs, which end at an unmapped page, in two layouts, so that
 * an over-read of either block faults.
 *
 * A damaged blob may be refused, with a reason, or accepted, if all that can be read from it lies
 * inside it. fdtb_exercise() reads everything that there is to read.
 */
#include "fdt_builder.h"

#include <lib/errno.h>
#include <lib/string.h>

static struct fdt_builder builder, pristine;

/* ---- damage at random ---- */

static const char *const prop_names[] = {
	"reg",	 "compatible",	   "status",   "device_type", "phandle",
	"model", "ranges",	   "bootargs", "serial0",     "stdout-path",
	"size",	 "#address-cells", "",	       "#size-cells", "nothing",
};

static bool inside(const struct fdt *f, const void *p, u32 len)
{
	const u8 *b = p;

	return b >= f->blob && b <= f->blob + f->size && len <= (size_t)(f->blob + f->size - b);
}

/* Everything that can be asked about one node. NULL, or what is wrong with an answer. */
static const char *exercise_node(const struct fdt *f, int node)
{
	const char *name = fdt_node_name(f, node);
	u8 sum = 0;
	struct fdt_prop p;
	u64 addr, size;
	unsigned int i;
	u32 v;

	if (!name || !inside(f, name, strlen(name) + 1))
		return "a node name outside the blob";
	for (i = 0; i < ARRAY_SIZE(prop_names); i++) {
		const char *s;

		if (fdt_prop(f, node, prop_names[i], &p))
			continue;
		if (!inside(f, p.data, p.len) || !inside(f, p.name, strlen(p.name) + 1))
			return "a property outside the blob";
		for (v = 0; v < p.len; v++)
			sum += p.data[v];
		OPTIMIZER_HIDE_VAR(sum); /* the bytes must be read */
		s = fdt_prop_string(f, node, prop_names[i]);
		if (s && !inside(f, s, strlen(s) + 1))
			return "a string outside the blob";
		fdt_prop_u32(f, node, prop_names[i], &v);
		fdt_prop_cell(f, node, prop_names[i], p.len / 4, &v);
		fdt_list_has(f, node, prop_names[i], "test,family");
	}
	fdt_reg(f, node, 1, &addr, &size);
	fdt_reg_phys(f, node, 0, &addr, &size);
	fdt_reg_phys(f, node, 0xffffffff, &addr, &size);
	fdt_is_available(f, node);
	fdt_child_cells(f, node);
	if (fdt_parent(f, node) >= node || fdt_next_sibling(f, node) == node)
		return "a node is its own parent or sibling";
	return NULL;
}

const char *fdtb_exercise(const struct fdt *f)
{
	static const char *const paths[] = { "/cpus/cpu@100", "/soc/bridge/timer", "serial0:1", "",
					     "//soc//serial" };
	u32 budget = f->size / 8 + 1, i, n;
	int node, child, depth = 0;
	u64 addr, size;

	/* A node takes 12 bytes at least, so there cannot be more steps than this. */
	for (node = fdt_next_node(f, -1, &depth); node >= 0;
	     node = fdt_next_node(f, node, &depth)) {
		const char *wrong = exercise_node(f, node);

		if (wrong)
			return wrong;
		if (depth < 0 || depth >= FDT_MAX_DEPTH)
			return "a node at an impossible depth";
		n = 0;
		for (child = fdt_first_child(f, node); child >= 0;
		     child = fdt_next_sibling(f, child))
			if (++n > budget)
				return "more children than fit the blob";
		if (!budget--)
			return "more nodes than fit the blob";
	}
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		fdt_path(f, paths[i]);
	fdt_find_compatible(f, -1, "ns16550a");
	fdt_by_phandle(f, 5);
	for (i = 0; !fdt_memreserve(f, i, &addr, &size); i++)
		if (i > f->size / 16)
			return "more reservations than fit the blob";
	/* Wrong offsets of a caller. */
	for (i = 0; i < 8; i++)
		fdt_parent(f, i);
	fdt_node_name(f, 0x7fffffff);
	fdt_next_node(f, (int)f->size_struct, NULL);
	if (guarded_thorough)
		fdtb_scan_aside(f, 0x1000, NULL);
	return NULL;
}

struct tally {
	unsigned int accepted, refused, wrong;
	const char *what;
};

/*
 * Open @len bytes of the builder's blob at the guard; a tree that opens must bear fdtb_exercise(),
 * which takes milliseconds under emulation: of several trees of a kind, one in @every bears it.
 */
static void try_blob(u8 *top, u32 len, unsigned int every, struct tally *tally)
{
	u8 *blob = guarded_place(top, builder.blob, len);
	const char *err = NULL, *wrong = NULL;
	struct fdt f;
	int ret;

	ret = fdt_open(&f, blob, len, &err);
	if (ret) {
		tally->refused++;
		if (!err)
			wrong = "refused without a reason";
		else if (ret != -EINVAL && ret != -EBADMSG)
			wrong = "refused with another error number";
	} else {
		if (tally->accepted++ % every == 0 || guarded_thorough)
			wrong = fdtb_exercise(&f);
	}
	if (wrong) {
		tally->wrong++;
		tally->what = wrong;
	}
}

static void tally_report(struct test *t, const struct tally *tally)
{
	EXPECT_MSG(t, !tally->wrong, "%u blobs: %s", tally->wrong, tally->what);
	test_record(t, "\"accepted\":%u,\"refused\":%u", tally->accepted, tally->refused);
}

/* Cut off at every length: with the size in the header as it was, and with the true one. */
static void test_truncated(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	enum fdtb_layout layout;
	u32 len, full;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		fdtb_build_good(&builder, layout);
		full = builder.len;
		for (len = 0; len < full; len++) {
			fdtb_put_be32(builder.blob + TOTALSIZE, full);
			try_blob(top, len, 1, &tally);
			fdtb_put_be32(builder.blob + TOTALSIZE, len);
			try_blob(top, len, 1, &tally);
		}
	}
	tally_report(t, &tally);
	EXPECT_MSG(t, tally.accepted == 0, "%u truncated trees were accepted", tally.accepted);
}
TEST(lib, fdt_truncated, TEST_ASSERT, test_truncated);

/* Every byte in turn. */
static void test_flipped(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	enum fdtb_layout layout;
	u32 i;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		fdtb_build_good(&builder, layout);
		for (i = 0; i < builder.len; i++) {
			u8 *p = builder.blob + i, good = *p;

			*p = guarded_flip(&t->rng, good);
			try_blob(top, builder.len, 16, &tally);
			*p = good;
		}
	}
	tally_report(t, &tally);
	/* Else the blobs would not be damaged in both ways, and fdtb_exercise() never used. */
	EXPECT(t, tally.accepted > 0 && tally.refused > 0);
}
TEST(lib, fdt_flipped, TEST_ASSERT, test_flipped);

#define CORRUPT_ROUNDS 500 /* of few seconds at most under emulation; the host's run repeats it */

static void test_corrupted(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	unsigned int i;

	for (i = 0; top && i < CORRUPT_ROUNDS; i++) {
		if (i % 16 == 0)
			fdtb_build_good(&pristine, i % 32 ? STRUCT_LAST : STRINGS_LAST);
		memcpy(builder.blob, pristine.blob, pristine.len);
		guarded_corrupt(&t->rng, builder.blob, pristine.len);
		try_blob(top, pristine.len, 1, &tally);
	}
	tally_report(t, &tally);
	EXPECT(t, tally.accepted > 0 && tally.refused > 0);
}
TEST(lib, fdt_corrupted, TEST_ASSERT, test_corrupted);

/* Trees that are sound as trees, with properties that are not. */
static void test_bad_properties(struct test *t)
{
	u8 *top = guarded_top(t), *blob;
	struct fdt_builder *b = &builder;
	u64 addr, size;
	struct fdt f;
	int node;

	if (!top)
		return;
	fdtb_start(b);
	fdtb_begin_node(b, "");
	fdtb_add_cell_sizes(b, 2, 2);
	fdtb_add_prop(b, "compatible", "test,board", 10); /* no NUL */
	fdtb_begin_node(b, "chosen");
	fdtb_add_prop(b, "bootargs", "seed=1", 6);
	fdtb_end_node(b);
	fdtb_begin_node(b, "huge");
	fdtb_add_cell_sizes(b, 0x40000000, 0xffffffff);
	fdtb_begin_node(b, "child");
	FDTB_CELLS(b, "reg", 1, 2);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_begin_node(b, "odd");
	FDTB_CELLS(b, "reg", 1, 2, 3);
	fdtb_end_node(b);
	fdtb_begin_node(b, "wraps");
	fdtb_add_cell_sizes(b, 2, 2);
	FDTB_CELLS(b, "ranges", 0, 0, 0xffffffff, 0xffffff00, 1, 0);
	fdtb_begin_node(b, "child");
	FDTB_CELLS(b, "reg", 0, 0x1000, 0, 0x100);
	fdtb_end_node(b);
	fdtb_begin_node(b, "window");
	FDTB_CELLS(b, "reg", 0xffffffff, 0xfffffff0, 0, 0x100);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_begin_node(b, "middle");
	fdtb_add_cell_sizes(b, 2, 2);
	FDTB_CELLS(b, "ranges", 0, 0, 0, 0, 0, 0x1000);
	fdtb_begin_node(b, "tail");
	FDTB_CELLS(b, "reg", 0, 0xff0, 0, 0x11);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_begin_node(b, "unsized"); /* two cells of address, one of size */
	fdtb_begin_node(b, "child");
	FDTB_CELLS(b, "reg", 0, 5, 6);
	FDTB_CELLS(b, "phandle", 0xffffffff);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_begin_node(b, "pci");
	fdtb_add_cell_sizes(b, 3, 2);
	FDTB_CELLS(b, "ranges", 1, 2, 3);
	fdtb_begin_node(b, "child");
	FDTB_CELLS(b, "reg", 0, 0, 0, 0, 0x100);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_end_node(b);
	fdtb_finish(b, STRUCT_LAST);
	EXPECT(t, !b->overflow);

	blob = guarded_place(top, b->blob, b->len);
	if (!EXPECT(t, !fdt_open(&f, blob, b->len, NULL)))
		return;
	EXPECT(t, !fdtb_exercise(&f));
	EXPECT(t, !fdt_prop_string(&f, fdt_root(&f), "compatible"));
	EXPECT(t, !fdt_is_compatible(&f, fdt_root(&f), "test,board"));
	EXPECT(t, fdt_reg(&f, fdt_path(&f, "/huge/child"), 0, &addr, &size) == -EBADMSG);
	EXPECT(t, !fdt_reg(&f, fdt_path(&f, "/unsized/child"), 0, &addr, &size));
	EXPECT(t, addr == 5 && size == 6 && fdt_by_phandle(&f, 0xffffffff) == -ENOENT);
	EXPECT(t, fdt_reg(&f, fdt_path(&f, "/odd"), 0, &addr, &size) == -EBADMSG);
	node = fdt_path(&f, "/wraps/child");
	EXPECT(t, !fdt_reg(&f, node, 0, &addr, &size));
	EXPECT(t, fdt_reg_phys(&f, node, 0, &addr, &size) == -EBADMSG);
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/wraps/window"), 0, &addr, &size) == -ENOENT);
	/* Begins in the window of its bus, and ends behind it. */
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/middle/tail"), 0, &addr, &size) == -ENOENT);
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/pci/child"), 0, &addr, &size) == -EBADMSG);
	/* A boot line that may be cut off must not be run; this prints why. */
	EXPECT(t, fdtb_scan_aside(&f, 0x1000, NULL) == -EBADMSG);
}
TEST(lib, fdt_bad_properties, TEST_ASSERT, test_bad_properties);
