/* SPDX-License-Identifier: GPL-2.0-only */
/* The device-tree reader on good trees: every value that a port asks for, exactly. */
#include "fdt_builder.h"

#include <lib/errno.h>
#include <lib/string.h>

static struct fdt_builder builder;

static void check_nodes(struct test *t, const struct fdt *f)
{
	int cpus = fdt_path(f, "/cpus"), cpu0, cpu1, serial, depth = 0, node, n = 0;
	struct fdt_prop p;
	u32 v = 0;

	for (node = fdt_next_node(f, -1, &depth); node >= 0; node = fdt_next_node(f, node, &depth))
		n++;
	EXPECT_MSG(t, n == 18, "%d nodes", n);

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
	enum fdtb_layout layout;
	const char *err;
	struct fdt f;

	for (layout = STRINGS_LAST; top && layout <= STRUCT_LAST; layout++) {
		fdtb_build_good(&builder, layout);
		EXPECT(t, !builder.overflow);
		blob = guarded_place(top, builder.blob, builder.len);
		EXPECT(t, fdt_total_size(blob) == builder.len);
		if (!EXPECT_MSG(t, !fdt_open(&f, blob, builder.len, &err), "%s", err))
			return;
		check_nodes(t, &f);
		check_addresses(t, &f);
	}
}
TEST(lib, fdt_good, TEST_ASSERT, test_good);

/* ---- what the kernel takes from a tree ---- */

static bool has_range(const struct phys_range *r, unsigned int n, u64 base, u64 size)
{
	while (n--)
		if (r[n].base == base && r[n].size == size)
			return true;
	return false;
}

static void test_scan(struct test *t)
{
	static struct boot_info bi;
	u8 *top = guarded_top(t), *blob;
	const char *err;
	struct fdt f;

	if (!top)
		return;
	fdtb_build_good(&builder, STRINGS_LAST);
	blob = guarded_place(top, builder.blob, builder.len);
	if (!EXPECT(t, !fdt_open(&f, blob, builder.len, &err)))
		return;
	EXPECT(t, fdtb_scan_aside(&f, 0x81000000, &bi) == 0);
	EXPECT(t, bi.fdt == 0x81000000);
	EXPECT_MSG(t, bi.nr_memory == 3, "%u", bi.nr_memory); /* not the disabled one */
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0x80000000, 0x8004000));
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0x88005000, 0x37ffb000));
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0x800000000, 1ULL << 32));
	EXPECT_MSG(t, bi.nr_reserved == 3, "%u", bi.nr_reserved);
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x81000000, builder.len));
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x88000000, 0x4000));
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x80000000, 0x20000));
	EXPECT(t, has_range(bi.no_map, bi.nr_no_map, 0x88004000, 0x1000) && bi.nr_no_map == 1);
	EXPECT(t, !strcmp(bi.cmdline, "seed=7 tests=self.*") && !bi.cmdline_truncated);
	EXPECT_MSG(t, !strcmp(bi.machine, "A ?test? board"), "%s", bi.machine);
	EXPECT_MSG(t, !strcmp(bi.compatible, "test,board test,family"), "%s", bi.compatible);
	EXPECT(t, !strcmp(bi.version, "2024.01") && !bi.hypervisor[0]);
}
TEST(lib, fdt_scan, TEST_ASSERT, test_scan);

/* What a stub left is taken once, in place of the tree's line and memory. */
static void test_scan_handover(struct test *t)
{
	static struct boot_info bi;
	struct boot_handover *h = &boot_handover;
	u8 *top = guarded_top(t), *blob;
	struct fdt f;

	if (!top)
		return;
	fdtb_build_good(&builder, STRINGS_LAST);
	blob = guarded_place(top, builder.blob, builder.len);
	if (!EXPECT(t, !fdt_open(&f, blob, builder.len, NULL)))
		return;
	*h = (struct boot_handover){ .line = "seed=9", .vendor = "test", .nr_memory = 2 };
	h->memory[0] = (struct phys_range){ 0x90000000, 0x1000000 };
	h->memory[1] = (struct phys_range){ 0xa0000000, 0x2000000 };
	EXPECT(t, fdtb_scan_aside(&f, 0x81000000, &bi) == 0);
	EXPECT(t, bi.nr_memory == 2 && !strcmp(bi.cmdline, "seed=9"));
	EXPECT(t, has_range(bi.memory, bi.nr_memory, 0xa0000000, 0x2000000));
	EXPECT(t, has_range(bi.reserved, bi.nr_reserved, 0x88000000, 0x4000));
	EXPECT_MSG(t, !strcmp(bi.version, "UEFI, test"), "%s", bi.version);
	EXPECT(t, fdtb_scan_aside(&f, 0x81000000, &bi) == 0 && bi.nr_memory == 3);
}
TEST(lib, fdt_scan_handover, TEST_ASSERT, test_scan_handover);

/* Memory whose end is beyond the last address is refused. */
static void test_scan_refused(struct test *t)
{
	u8 *top = guarded_top(t), *blob;
	struct fdt f;

	if (!top)
		return;
	fdtb_start(&builder);
	fdtb_begin_node(&builder, "");
	fdtb_add_cell_sizes(&builder, 2, 2);
	fdtb_begin_node(&builder, "memory");
	fdtb_add_string(&builder, "device_type", "memory");
	FDTB_CELLS(&builder, "reg", 0xffffffff, 0xfffff000, 0, 0x2000);
	fdtb_end_node(&builder);
	fdtb_end_node(&builder);
	fdtb_finish(&builder, STRINGS_LAST);
	blob = guarded_place(top, builder.blob, builder.len);
	if (EXPECT(t, !fdt_open(&f, blob, builder.len, NULL)))
		EXPECT(t, fdtb_scan_aside(&f, 0x81000000, NULL) == -EINVAL);
}
TEST(lib, fdt_scan_refused, TEST_ASSERT, test_scan_refused);

/* ---- what few trees have ---- */

static bool open_built(struct test *t, struct fdt *f)
{
	const char *err = NULL;

	return EXPECT_MSG(t, !builder.overflow && !fdt_open(f, builder.blob, builder.len, &err),
			  "%s", err ? err : "the builder is full");
}

/* Reservations at address 0, and of no length: the list ends with both alone. */
static void test_reserve_zero(struct test *t)
{
	u64 addr, size;
	struct fdt f;

	fdtb_start(&builder);
	fdtb_begin_node(&builder, "");
	fdtb_end_node(&builder);
	fdtb_add_reserve(&builder, 0, 0x1000);
	fdtb_add_reserve(&builder, 0x5000, 0);
	fdtb_add_reserve(&builder, 0x9000, 0x1000);
	fdtb_finish(&builder, STRINGS_LAST);
	if (!open_built(t, &f))
		return;
	EXPECT(t, !fdt_memreserve(&f, 0, &addr, &size) && addr == 0 && size == 0x1000);
	EXPECT(t, !fdt_memreserve(&f, 1, &addr, &size) && addr == 0x5000 && size == 0);
	EXPECT(t, !fdt_memreserve(&f, 2, &addr, &size) && addr == 0x9000);
	EXPECT(t, fdt_memreserve(&f, 3, &addr, &size) == -ENOENT);
}
TEST(lib, fdt_reserve_zero, TEST_ASSERT, test_reserve_zero);

/* A bus from 0 to 0x100, mapped to 0x1000; its ranges are @len bytes of two entries. */
static int translated(struct test *t, u32 len, u32 reg, u32 reg_size, u64 *addr)
{
	static const u8 ranges[] = { 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 0,
				     0, 0, 1, 0, 0, 0, 0x20, 0, 0, 0, 1, 0 };
	struct fdt f;
	u64 size;

	fdtb_start(&builder);
	fdtb_begin_node(&builder, "");
	fdtb_add_cell_sizes(&builder, 1, 1);
	fdtb_begin_node(&builder, "bus");
	fdtb_add_cell_sizes(&builder, 1, 1);
	fdtb_add_prop(&builder, "ranges", ranges, len);
	fdtb_begin_node(&builder, "device");
	FDTB_CELLS(&builder, "reg", reg, reg_size);
	fdtb_end_node(&builder);
	fdtb_end_node(&builder);
	fdtb_end_node(&builder);
	fdtb_finish(&builder, STRUCT_LAST);
	return open_built(t, &f) ? fdt_reg_phys(&f, fdt_path(&f, "/bus/device"), 0, addr, &size)
				 : -EINVAL;
}

static void test_ranges(struct test *t)
{
	u64 addr;

	EXPECT(t, !translated(t, 24, 0xf0, 0x10, &addr) && addr == 0x10f0);
	EXPECT(t, !translated(t, 24, 0x100, 0x100, &addr) && addr == 0x2000);
	/* At the end of a range begins what is behind it, whatever its size. */
	EXPECT(t, !translated(t, 24, 0x100, 0, &addr) && addr == 0x2000);
	EXPECT(t, translated(t, 12, 0x100, 0, &addr) == -ENOENT);
	EXPECT(t, translated(t, 24, 0xf0, 0x11, &addr) == -ENOENT);
	EXPECT(t, translated(t, 20, 0x100, 0x10, &addr) == -EBADMSG);
	EXPECT(t, !translated(t, 0, 0x100, 0x10, &addr) && addr == 0x100);
}
TEST(lib, fdt_ranges, TEST_ASSERT, test_ranges);

/* A machine of more names than there is room for; and of signs that a record must not have. */
static void test_long_compatible(struct test *t)
{
	static struct boot_info bi;
	static char names[160];
	struct fdt f;

	memset(names, 'n', sizeof(names));
	memcpy(names, "a b\x7f\x01~", 6);
	names[sizeof(names) - 1] = '\0';
	fdtb_start(&builder);
	fdtb_begin_node(&builder, "");
	fdtb_add_prop(&builder, "compatible", names, sizeof(names));
	fdtb_end_node(&builder);
	fdtb_finish(&builder, STRINGS_LAST);
	if (!open_built(t, &f))
		return;
	EXPECT(t, fdtb_scan_aside(&f, 0x81000000, &bi) == -ENODATA); /* no memory */
	EXPECT_MSG(t, !strncmp(bi.compatible, "a b  ~n", 7), "%s", bi.compatible);
	EXPECT(t, strnlen(bi.compatible, sizeof(bi.compatible)) == sizeof(bi.compatible) - 1);
}
TEST(lib, fdt_long_compatible, TEST_ASSERT, test_long_compatible);
