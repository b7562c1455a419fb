/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device-tree reader on good and on damaged blobs. A small builder makes a tree in memory; it
 * is placed so that it ends at an unmapped page, in two layouts: strings last, as every tool writes
 * it, and structure last, so that an over-read of either block faults.
 *
 * A damaged blob may be refused, with a reason, or accepted, if all that can be read from it lies
 * inside it. exercise() reads everything that there is to read.
 */
#include "guarded.h"

#include <kernel/boot.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/string.h>

#define BLOB_MAX GUARDED_MAX

/* ---- the builder ---- */

enum layout { STRINGS_LAST, STRUCT_LAST };

/* Fields of the header, for damage by hand. */
enum { MAGIC = 0, TOTALSIZE = 4, OFF_STRUCT = 8, OFF_STRINGS = 12, OFF_RSVMAP = 16 };
enum { VERSION = 20, LAST_COMP = 24, SIZE_STRINGS = 32, SIZE_STRUCT = 36, HEADER = 40 };
enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };

struct builder {
	u8 structure[4096], strings[1024], reserve[1024];
	u32 struct_len, strings_len, reserve_len;
	bool overflow;
	u8 blob[BLOB_MAX];
	u32 len;
};

/* Too large for a stack; only CPU 0 runs these tests. */
static struct builder builder, pristine;

static void put_be32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16;
	p[2] = v >> 8;
	p[3] = v;
}

static u32 get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void add_bytes(struct builder *b, const void *p, u32 len)
{
	if (len > sizeof(b->structure) - b->struct_len - 4) {
		b->overflow = true;
		return;
	}
	memcpy(b->structure + b->struct_len, p, len);
	b->struct_len += len;
	while (b->struct_len % 4)
		b->structure[b->struct_len++] = 0;
}

static void add_cell(struct builder *b, u32 v)
{
	u8 bytes[4];

	put_be32(bytes, v);
	add_bytes(b, bytes, 4);
}

static void add_reserve(struct builder *b, u64 addr, u64 size)
{
	u8 *p = b->reserve + b->reserve_len;

	if (b->reserve_len + 16 > sizeof(b->reserve)) {
		b->overflow = true;
		return;
	}
	put_be32(p, addr >> 32);
	put_be32(p + 4, addr);
	put_be32(p + 8, size >> 32);
	put_be32(p + 12, size);
	b->reserve_len += 16;
}

static void begin_node(struct builder *b, const char *name)
{
	add_cell(b, BEGIN_NODE);
	add_bytes(b, name, strlen(name) + 1);
}

static void end_node(struct builder *b)
{
	add_cell(b, END_NODE);
}

/* Offset of @name in the strings block, added if it is new. */
static u32 string_offset(struct builder *b, const char *name)
{
	u32 off = 0, len = strlen(name) + 1;

	while (off < b->strings_len) {
		if (!strcmp((char *)b->strings + off, name))
			return off;
		off += strlen((char *)b->strings + off) + 1;
	}
	if (len > sizeof(b->strings) - off) {
		b->overflow = true;
		return 0;
	}
	memcpy(b->strings + off, name, len);
	b->strings_len += len;
	return off;
}

static void add_prop(struct builder *b, const char *name, const void *data, u32 len)
{
	add_cell(b, PROP);
	add_cell(b, len);
	add_cell(b, string_offset(b, name));
	add_bytes(b, data, len);
}

static void add_string(struct builder *b, const char *name, const char *s)
{
	add_prop(b, name, s, strlen(s) + 1);
}

/* A property of @n cells. */
static void add_cells(struct builder *b, const char *name, u32 n, const u32 *cells)
{
	u32 i;

	add_cell(b, PROP);
	add_cell(b, 4 * n);
	add_cell(b, string_offset(b, name));
	for (i = 0; i < n; i++)
		add_cell(b, cells[i]);
}
#define CELLS(b, name, ...) \
	add_cells(b, name, sizeof((u32[]){ __VA_ARGS__ }) / 4, (u32[]){ __VA_ARGS__ })

static void add_cell_sizes(struct builder *b, u32 address, u32 size)
{
	CELLS(b, "#address-cells", address);
	CELLS(b, "#size-cells", size);
}

static void builder_start(struct builder *b)
{
	memset(b, 0, sizeof(*b));
}

/* Join the blocks to b->blob. The terminating entry of the reservations is @end_reserve. */
static void builder_join(struct builder *b, enum layout layout)
{
	u32 off = HEADER, off_struct, off_strings;
	u8 *h = b->blob;

	memcpy(h + off, b->reserve, b->reserve_len);
	off += b->reserve_len;
	off_struct = layout == STRUCT_LAST ? ALIGN_UP(off + b->strings_len, 4) : off;
	off_strings = layout == STRUCT_LAST ? off : off + b->struct_len;
	memcpy(h + off_struct, b->structure, b->struct_len);
	memcpy(h + off_strings, b->strings, b->strings_len);
	b->len = layout == STRUCT_LAST ? off_struct + b->struct_len : off_strings + b->strings_len;

	put_be32(h + MAGIC, 0xd00dfeed);
	put_be32(h + TOTALSIZE, b->len);
	put_be32(h + OFF_STRUCT, off_struct);
	put_be32(h + OFF_STRINGS, off_strings);
	put_be32(h + OFF_RSVMAP, HEADER);
	put_be32(h + VERSION, 17);
	put_be32(h + LAST_COMP, 16);
	put_be32(h + SIZE_STRINGS, b->strings_len);
	put_be32(h + SIZE_STRUCT, b->struct_len);
}

static void builder_finish(struct builder *b, enum layout layout)
{
	add_cell(b, END);
	add_reserve(b, 0, 0);
	builder_join(b, layout);
}

/* A tree with everything that the ports look for. The root is left open. */
static void build_nodes(struct builder *b)
{
	static const char compatible[] = "test,board\0test,family";

	begin_node(b, "");
	add_cell_sizes(b, 2, 2);
	add_string(b, "model", "A \"test\" board");
	add_prop(b, "compatible", compatible, sizeof(compatible));

	begin_node(b, "aliases");
	add_string(b, "serial0", "/soc/serial@1000");
	end_node(b);

	begin_node(b, "chosen");
	add_string(b, "bootargs", "seed=7 tests=self.*");
	add_string(b, "stdout-path", "serial0:115200n8");
	end_node(b);

	begin_node(b, "memory@80000000");
	add_string(b, "device_type", "memory");
	CELLS(b, "reg", 0, 0x80000000, 0, 0x40000000, 8, 0, 1, 0);
	end_node(b);

	begin_node(b, "memory@f0000000");
	add_string(b, "device_type", "memory");
	add_string(b, "status", "disabled");
	CELLS(b, "reg", 0, 0xf0000000, 0, 0x1000);
	end_node(b);

	begin_node(b, "reserved-memory");
	add_cell_sizes(b, 2, 1);
	add_prop(b, "ranges", NULL, 0);
	begin_node(b, "firmware@80000000");
	CELLS(b, "reg", 0, 0x80000000, 0x20000);
	end_node(b);
	begin_node(b, "placed-later");
	CELLS(b, "size", 0x1000);
	end_node(b);
	end_node(b);

	begin_node(b, "cpus");
	add_cell_sizes(b, 1, 0);
	begin_node(b, "cpu@0");
	add_string(b, "device_type", "cpu");
	CELLS(b, "reg", 0);
	CELLS(b, "phandle", 1);
	end_node(b);
	add_cell(b, NOP);
	begin_node(b, "cpu@100");
	add_string(b, "device_type", "cpu");
	CELLS(b, "reg", 0x100);
	add_string(b, "status", "disabled");
	CELLS(b, "phandle", 2);
	end_node(b);
	end_node(b);

	begin_node(b, "soc");
	add_string(b, "compatible", "simple-bus");
	add_cell_sizes(b, 1, 1);
	CELLS(b, "ranges", 0, 0, 0x40000000, 0x100000, 0x7e000000, 1, 0x3f000000, 0x1000000);
	begin_node(b, "serial@1000");
	add_string(b, "compatible", "ns16550a");
	CELLS(b, "reg", 0x1000, 0x100, 0x7e201000, 0x200, 0x500000, 0x10);
	CELLS(b, "phandle", 5);
	end_node(b);
	begin_node(b, "bridge@2000");
	add_cell_sizes(b, 1, 1);
	CELLS(b, "ranges", 0, 0x2000, 0x1000);
	begin_node(b, "timer@10");
	CELLS(b, "reg", 0x10, 0x20);
	end_node(b);
	end_node(b);
	end_node(b);

	begin_node(b, "i2c"); /* a bus without ranges */
	add_cell_sizes(b, 1, 0);
	begin_node(b, "clock@68");
	CELLS(b, "reg", 0x68);
	CELLS(b, "phandle", 5); /* taken: the first one counts */
	end_node(b);
	end_node(b);
}

static void build_good(struct builder *b, enum layout layout)
{
	builder_start(b);
	add_reserve(b, 0x88000000, 0x4000);
	build_nodes(b);
	end_node(b);
	builder_finish(b, layout);
}

/* ---- good trees are read exactly ---- */

static void check_nodes(struct test *t, const struct fdt *f)
{
	int cpus = fdt_path(f, "/cpus"), cpu0, cpu1, serial, depth = 0, node, n = 0;
	struct fdt_prop p;
	u32 v = 0;

	for (node = fdt_next_node(f, -1, &depth); node >= 0; node = fdt_next_node(f, node, &depth))
		n++;
	EXPECT_MSG(t, n == 17, "%d nodes", n);

	EXPECT(t, cpus > 0 && !strcmp(fdt_node_name(f, cpus), "cpus"));
	EXPECT(t, fdt_parent(f, cpus) == fdt_root(f));
	EXPECT(t, fdt_parent(f, fdt_root(f)) == -ENOENT);
	cpu0 = fdt_first_child(f, cpus);
	cpu1 = fdt_next_sibling(f, cpu0);
	EXPECT(t,
	       cpu0 > 0 && cpu0 == fdt_path(f, "/cpus/cpu") && cpu0 == fdt_path(f, "/cpus/cpu@0"));
	EXPECT(t, cpu1 > 0 && cpu1 == fdt_path(f, "/cpus/cpu@100") && fdt_parent(f, cpu1) == cpus);
	EXPECT(t, fdt_next_sibling(f, cpu1) == -ENOENT && fdt_first_child(f, cpu1) == -ENOENT);
	EXPECT(t, fdt_is_available(f, cpu0) && !fdt_is_available(f, cpu1));
	EXPECT(t, fdt_by_phandle(f, 2) == cpu1 && fdt_by_phandle(f, 77) == -ENOENT);
	EXPECT(t, fdt_by_phandle(f, 0) == -ENOENT);

	serial = fdt_find_compatible(f, -1, "ns16550a");
	EXPECT(t, serial > 0 && serial == fdt_path(f, "serial0:115200n8"));
	EXPECT(t, fdt_find_compatible(f, serial, "ns16550a") == -ENOENT);
	EXPECT(t, fdt_find_compatible(f, -1, "test,family") == fdt_root(f));
	EXPECT(t, !fdt_is_compatible(f, fdt_root(f), "test,fam"));
	EXPECT(t, fdt_by_phandle(f, 5) == serial);
	EXPECT(t, fdt_path(f, "/nowhere") == -ENOENT && fdt_path(f, "serial9") == -ENOENT);
	EXPECT(t, fdt_path(f, "/cpu") == -ENOENT && fdt_path(f, "/cpus/cpu@1") == -ENOENT);
	EXPECT(t, fdt_path(f, "/") == fdt_root(f));

	EXPECT(t, fdt_prop(f, serial, "nothing", &p) == -ENOENT);
	EXPECT(t, fdt_prop(f, serial, "reg", &p) == 0 && p.len == 24);
	EXPECT(t, fdt_prop_u32(f, serial, "phandle", &v) == 0 && v == 5);
	EXPECT(t, fdt_prop_u32(f, serial, "reg", &v) == -EBADMSG);
	EXPECT(t, fdt_prop_cell(f, serial, "reg", 2, &v) == 0 && v == 0x7e201000);
	EXPECT(t, fdt_prop_cell(f, serial, "reg", 6, &v) == -ENOENT);
	EXPECT(t, !strcmp(fdt_prop_string(f, serial, "compatible"), "ns16550a"));
	EXPECT(t, fdt_prop_string(f, serial, "phandle") != NULL); /* 0 0 0 5 is an empty string */
}

static void check_addresses(struct test *t, const struct fdt *f)
{
	int serial = fdt_path(f, "/soc/serial"), timer = fdt_path(f, "/soc/bridge/timer");
	int memory = fdt_path(f, "/memory@80000000"), clock = fdt_path(f, "/i2c/clock");
	u64 addr = 0, size = 0;

	EXPECT(t,
	       !fdt_reg(f, memory, 1, &addr, &size) && addr == 0x800000000 && size == 1ULL << 32);
	EXPECT(t, fdt_reg(f, memory, 2, &addr, &size) == -ENOENT);
	EXPECT(t, !fdt_reg_phys(f, memory, 0, &addr, &size) && addr == 0x80000000);
	EXPECT(t, !fdt_reg(f, serial, 0, &addr, &size) && addr == 0x1000 && size == 0x100);
	EXPECT(t, !fdt_reg_phys(f, serial, 0, &addr, &size) && addr == 0x40001000);
	EXPECT(t, !fdt_reg_phys(f, serial, 1, &addr, &size) && addr == 0x13f201000);
	EXPECT(t, fdt_reg_phys(f, serial, 2, &addr, &size) == -ENOENT); /* in no window */
	EXPECT(t, !fdt_reg_phys(f, timer, 0, &addr, &size) && addr == 0x40002010 && size == 0x20);
	EXPECT(t, !fdt_reg(f, clock, 0, &addr, &size) && addr == 0x68 && size == 0);
	EXPECT(t, fdt_reg_phys(f, clock, 0, &addr, &size) == -ENOENT); /* no ranges */
	EXPECT(t, !fdt_memreserve(f, 0, &addr, &size) && addr == 0x88000000 && size == 0x4000);
	EXPECT(t, fdt_memreserve(f, 1, &addr, &size) == -ENOENT);
}

static void test_good(struct test *t)
{
	u8 *top = guarded_top(t), *blob;
	enum layout layout;
	const char *err;
	struct fdt f;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		build_good(&builder, layout);
		EXPECT(t, !builder.overflow);
		blob = guarded_place(top, builder.blob, builder.len);
		EXPECT(t, fdt_total_size(blob) == builder.len);
		if (!EXPECT_MSG(t, !fdt_open(&f, blob, builder.len, &err), "%s", err))
			return;
		check_nodes(t, &f);
		check_addresses(t, &f);
	}
}
TEST(self, fdt_good, TEST_ASSERT, test_good);

/* ---- what the kernel takes from a tree ---- */

static bool has_range(const struct phys_range *r, unsigned int n, u64 base, u64 size)
{
	while (n--)
		if (r[n].base == base && r[n].size == size)
			return true;
	return false;
}

/* fdt_scan_boot_info() writes to boot_info: keep the real one aside. */
static struct boot_info saved_boot_info;

static int scan_aside(const struct fdt *f, phys_addr_t fdt_phys, struct boot_info *result)
{
	int ret;

	saved_boot_info = boot_info;
	memset(&boot_info, 0, sizeof(boot_info));
	ret = fdt_scan_boot_info(f, fdt_phys);
	if (result)
		*result = boot_info;
	boot_info = saved_boot_info;
	return ret;
}

static void test_scan(struct test *t)
{
	static struct boot_info bi;
	u8 *top = guarded_top(t), *blob;
	const char *err;
	struct fdt f;

	if (!top)
		return;
	build_good(&builder, STRINGS_LAST);
	blob = guarded_place(top, builder.blob, builder.len);
	if (!EXPECT(t, !fdt_open(&f, blob, builder.len, &err)))
		return;
	EXPECT(t, scan_aside(&f, 0x81000000, &bi) == 0);
	EXPECT(t, bi.fdt == 0x81000000);
	EXPECT_MSG(t, bi.nr_memory == 2, "%u", bi.nr_memory); /* not the disabled one */
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0x80000000, 0x40000000));
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0x800000000, 1ULL << 32));
	EXPECT_MSG(t, bi.nr_reserved == 3, "%u", bi.nr_reserved);
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x81000000, builder.len));
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x88000000, 0x4000));
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x80000000, 0x20000));
	EXPECT(t, !strcmp(bi.cmdline, "seed=7 tests=self.*") && !bi.cmdline_truncated);
	EXPECT_MSG(t, !strcmp(bi.machine, "A ?test? board"), "%s", bi.machine);
}
TEST(self, fdt_scan, TEST_ASSERT, test_scan);

/* ---- damaged trees ---- */

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
	volatile u8 sink = 0;
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
			sink += p.data[v];
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

/* Everything that can be asked about a tree. NULL, or what is wrong with an answer. */
static const char *exercise(const struct fdt *f)
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
		scan_aside(f, 0x1000, NULL);
	return NULL;
}

struct tally {
	unsigned int accepted, refused, wrong;
	const char *what;
};

/*
 * Open @len bytes of the builder's blob at the guard; a tree that opens must bear exercise(), which
 * takes milliseconds under emulation: of several trees of a kind, one in @every bears it.
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
			wrong = exercise(&f);
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
	enum layout layout;
	u32 len, full;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		build_good(&builder, layout);
		full = builder.len;
		for (len = 0; len < full; len++) {
			put_be32(builder.blob + TOTALSIZE, full);
			try_blob(top, len, 1, &tally);
			put_be32(builder.blob + TOTALSIZE, len);
			try_blob(top, len, 1, &tally);
		}
	}
	tally_report(t, &tally);
	EXPECT_MSG(t, tally.accepted == 0, "%u truncated trees were accepted", tally.accepted);
}
TEST(self, fdt_truncated, TEST_ASSERT, test_truncated);

/* Every byte in turn: all ones, zero, or one bit the other way. */
static void test_flipped(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	enum layout layout;
	u32 i;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		build_good(&builder, layout);
		for (i = 0; i < builder.len; i++) {
			u8 *p = builder.blob + i, good = *p;
			u64 how = rng_below(&t->rng, 10);

			*p = how == 8 ? 0xff : how == 9 ? 0 : good ^ 1 << how;
			try_blob(top, builder.len, 16, &tally);
			*p = good;
		}
	}
	tally_report(t, &tally);
	/* Else the blobs would not be damaged in both ways, and exercise() never used. */
	EXPECT(t, tally.accepted > 0 && tally.refused > 0);
}
TEST(self, fdt_flipped, TEST_ASSERT, test_flipped);

#define CORRUPT_ROUNDS 500 /* of few seconds at most under emulation; the host's run repeats it */

static void test_corrupted(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	unsigned int i;

	for (i = 0; top && i < CORRUPT_ROUNDS; i++) {
		if (i % 16 == 0)
			build_good(&pristine, i % 32 ? STRUCT_LAST : STRINGS_LAST);
		memcpy(builder.blob, pristine.blob, pristine.len);
		guarded_corrupt(&t->rng, builder.blob, pristine.len);
		try_blob(top, pristine.len, 1, &tally);
	}
	tally_report(t, &tally);
	EXPECT(t, tally.accepted > 0 && tally.refused > 0);
}
TEST(self, fdt_corrupted, TEST_ASSERT, test_corrupted);

/* ---- damage with intent ---- */

struct damage {
	const char *name;
	void (*build)(struct builder *b);
	int want;	      /* what fdt_open() must say */
	const char *contains; /* a part of its reason */
};

static void open_root(struct builder *b)
{
	builder_start(b);
	begin_node(b, "");
}

static void close_root(struct builder *b)
{
	end_node(b);
	builder_finish(b, STRUCT_LAST);
}

static void set_header(struct builder *b, u32 field, u32 value)
{
	build_good(b, STRINGS_LAST);
	put_be32(b->blob + field, value);
}

static void bad_magic(struct builder *b)
{
	set_header(b, MAGIC, 0xedfe0dd0);
}
static void old_version(struct builder *b)
{
	set_header(b, VERSION, 16);
}
static void future_version(struct builder *b)
{
	set_header(b, LAST_COMP, 18);
}
static void zero_size(struct builder *b)
{
	set_header(b, TOTALSIZE, 0);
}
static void huge_size(struct builder *b)
{
	set_header(b, TOTALSIZE, 0xffffffff);
}
static void struct_past_end(struct builder *b)
{
	set_header(b, OFF_STRUCT, b->len - 4);
}
static void struct_wraps(struct builder *b)
{
	set_header(b, OFF_STRUCT, 0xfffffff0);
}
static void struct_in_header(struct builder *b)
{
	set_header(b, OFF_STRUCT, 0);
}
static void struct_unaligned(struct builder *b)
{
	build_good(b, STRINGS_LAST);
	put_be32(b->blob + OFF_STRUCT, get_be32(b->blob + OFF_STRUCT) + 2);
}
static void struct_empty(struct builder *b)
{
	set_header(b, SIZE_STRUCT, 0);
}
static void strings_past_end(struct builder *b)
{
	set_header(b, OFF_STRINGS, 0x7fffffff);
}
static void strings_too_long(struct builder *b)
{
	build_good(b, STRINGS_LAST);
	put_be32(b->blob + SIZE_STRINGS, b->strings_len + 1);
}
static void strings_unterminated(struct builder *b)
{
	build_good(b, STRINGS_LAST);
	b->blob[b->len - 1] = 'x';
}
static void strings_gone(struct builder *b)
{
	set_header(b, SIZE_STRINGS, 0);
}
static void reserve_past_end(struct builder *b)
{
	build_good(b, STRINGS_LAST);
	put_be32(b->blob + OFF_RSVMAP, b->len - 8);
}

static void reserve_endless(struct builder *b)
{
	open_root(b);
	end_node(b);
	add_cell(b, END);
	builder_join(b, STRINGS_LAST);
	/* A reservation block behind all others whose last entry is not zero. */
	put_be32(b->blob + OFF_RSVMAP, b->len);
	memset(b->blob + b->len, 0x11, 64);
	b->len += 64;
	put_be32(b->blob + TOTALSIZE, b->len);
}

static void reserve_too_many(struct builder *b)
{
	reserve_endless(b);
	memset(b->blob + b->len, 0x11, 16 * 300);
	b->len += 16 * 300;
	memset(b->blob + b->len, 0, 16);
	b->len += 16;
	put_be32(b->blob + TOTALSIZE, b->len);
}

static void blocks_overlap(struct builder *b)
{
	build_good(b, STRUCT_LAST);
	put_be32(b->blob + OFF_STRINGS, get_be32(b->blob + OFF_STRUCT));
	put_be32(b->blob + SIZE_STRINGS, b->struct_len - 4 - 3); /* ends in a zero byte */
}

static void no_end(struct builder *b)
{
	open_root(b);
	end_node(b);
	add_reserve(b, 0, 0);
	builder_join(b, STRUCT_LAST);
}

static void end_inside_node(struct builder *b)
{
	open_root(b);
	builder_finish(b, STRUCT_LAST);
}

static void only_nops(struct builder *b)
{
	builder_start(b);
	while (b->struct_len < 4000)
		add_cell(b, NOP);
	add_reserve(b, 0, 0);
	builder_join(b, STRUCT_LAST);
}

static void only_end(struct builder *b)
{
	builder_start(b);
	builder_finish(b, STRUCT_LAST);
}

static void nop_bomb(struct builder *b)
{
	build_good(b, STRUCT_LAST);
	builder_start(b);
	build_nodes(b);
	while (b->struct_len < 4000)
		add_cell(b, NOP);
	close_root(b);
}

static void nested(struct builder *b, unsigned int depth)
{
	unsigned int i;

	builder_start(b);
	for (i = 0; i < depth; i++)
		begin_node(b, "");
	for (i = 0; i < depth; i++)
		end_node(b);
	builder_finish(b, STRUCT_LAST);
}

static void deepest(struct builder *b)
{
	nested(b, FDT_MAX_DEPTH);
}
static void too_deep(struct builder *b)
{
	nested(b, FDT_MAX_DEPTH + 1);
}
static void depth_bomb(struct builder *b)
{
	nested(b, 320);
}

static void extra_end_node(struct builder *b)
{
	open_root(b);
	end_node(b);
	close_root(b);
}

static void two_roots(struct builder *b)
{
	open_root(b);
	end_node(b);
	begin_node(b, "");
	close_root(b);
}

static void prop_before_root(struct builder *b)
{
	builder_start(b);
	CELLS(b, "reg", 1);
	begin_node(b, "");
	close_root(b);
}

static void prop_after_child(struct builder *b)
{
	open_root(b);
	begin_node(b, "child");
	end_node(b);
	CELLS(b, "reg", 1);
	close_root(b);
}

static void unknown_token(struct builder *b)
{
	open_root(b);
	add_cell(b, 7);
	close_root(b);
}

static void name_unterminated(struct builder *b)
{
	open_root(b);
	add_cell(b, BEGIN_NODE);
	add_bytes(b, "abcd", 4);
	add_reserve(b, 0, 0);
	builder_join(b, STRUCT_LAST);
}

static void raw_prop(struct builder *b, u32 len, u32 name)
{
	open_root(b);
	string_offset(b, "reg");
	add_cell(b, PROP);
	add_cell(b, len);
	add_cell(b, name);
	close_root(b);
}

static void prop_too_long(struct builder *b)
{
	raw_prop(b, 4096, 0);
}
static void prop_length_wraps(struct builder *b)
{
	raw_prop(b, 0xfffffffe, 0);
}
static void prop_name_outside(struct builder *b)
{
	raw_prop(b, 0, 4); /* the block has 4 bytes: "reg" and its NUL */
}
static void prop_name_wraps(struct builder *b)
{
	raw_prop(b, 0, 0xffffffff);
}

static void prop_cut_off(struct builder *b)
{
	open_root(b);
	add_cell(b, PROP);
	add_cell(b, 0);
	add_reserve(b, 0, 0);
	builder_join(b, STRUCT_LAST);
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
		wrong = exercise(&f);
		EXPECT_MSG(t, !wrong, "%s: %s", d->name, wrong);
	}
}
TEST(self, fdt_damaged, TEST_ASSERT, test_damages);

/* Trees that are sound as trees, with properties that are not. */
static void test_bad_properties(struct test *t)
{
	u8 *top = guarded_top(t), *blob;
	struct builder *b = &builder;
	u64 addr, size;
	struct fdt f;
	int node;

	if (!top)
		return;
	builder_start(b);
	begin_node(b, "");
	add_cell_sizes(b, 2, 2);
	add_prop(b, "compatible", "test,board", 10); /* no NUL */
	begin_node(b, "chosen");
	add_prop(b, "bootargs", "seed=1", 6);
	end_node(b);
	begin_node(b, "huge");
	add_cell_sizes(b, 0x40000000, 0xffffffff);
	begin_node(b, "child");
	CELLS(b, "reg", 1, 2);
	end_node(b);
	end_node(b);
	begin_node(b, "odd");
	CELLS(b, "reg", 1, 2, 3);
	end_node(b);
	begin_node(b, "wraps");
	add_cell_sizes(b, 2, 2);
	CELLS(b, "ranges", 0, 0, 0xffffffff, 0xffffff00, 1, 0);
	begin_node(b, "child");
	CELLS(b, "reg", 0, 0x1000, 0, 0x100);
	end_node(b);
	begin_node(b, "window");
	CELLS(b, "reg", 0xffffffff, 0xfffffff0, 0, 0x100);
	end_node(b);
	end_node(b);
	begin_node(b, "middle");
	add_cell_sizes(b, 2, 2);
	CELLS(b, "ranges", 0, 0, 0, 0, 0, 0x1000);
	begin_node(b, "tail");
	CELLS(b, "reg", 0, 0xff0, 0, 0x11);
	end_node(b);
	end_node(b);
	begin_node(b, "pci");
	add_cell_sizes(b, 3, 2);
	CELLS(b, "ranges", 1, 2, 3);
	begin_node(b, "child");
	CELLS(b, "reg", 0, 0, 0, 0, 0x100);
	end_node(b);
	end_node(b);
	close_root(b);
	EXPECT(t, !b->overflow);

	blob = guarded_place(top, b->blob, b->len);
	if (!EXPECT(t, !fdt_open(&f, blob, b->len, NULL)))
		return;
	EXPECT(t, !exercise(&f));
	EXPECT(t, !fdt_prop_string(&f, fdt_root(&f), "compatible"));
	EXPECT(t, !fdt_is_compatible(&f, fdt_root(&f), "test,board"));
	EXPECT(t, fdt_reg(&f, fdt_path(&f, "/huge/child"), 0, &addr, &size) == -EBADMSG);
	EXPECT(t, fdt_reg(&f, fdt_path(&f, "/odd"), 0, &addr, &size) == -EBADMSG);
	node = fdt_path(&f, "/wraps/child");
	EXPECT(t, !fdt_reg(&f, node, 0, &addr, &size));
	EXPECT(t, fdt_reg_phys(&f, node, 0, &addr, &size) == -EBADMSG);
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/wraps/window"), 0, &addr, &size) == -ENOENT);
	/* Begins in the window of its bus, and ends behind it. */
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/middle/tail"), 0, &addr, &size) == -ENOENT);
	EXPECT(t, fdt_reg_phys(&f, fdt_path(&f, "/pci/child"), 0, &addr, &size) == -EBADMSG);
	/* A boot line that may be cut off must not be run; this prints why. */
	EXPECT(t, scan_aside(&f, 0x1000, NULL) == -EBADMSG);
}
TEST(self, fdt_bad_properties, TEST_ASSERT, test_bad_properties);
