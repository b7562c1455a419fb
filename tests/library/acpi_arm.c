/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm machines by ACPI, on any ISA: what is read of good and of damaged tables, and the device tree
 * that is made of it, as the reader of device trees sees it.
 */
#include "acpi_builder.h"

#include <lib/acpi_arm.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

#define GICD	    0x2f000000ULL
#define GICR	    0x2f100000ULL
#define FRAMES	    0x20000ULL
#define PSCI	    1
#define PSCI_BY_HVC 3

static struct acpi_arm machine;
static u8 blob[4096] __aligned(8);

static u32 begin_entry(u8 type, u8 len)
{
	u32 at = acpib_tables[MADT].len;

	acpib_put_other(type, len);
	return at;
}

static void put_gicc(u64 mpidr, u32 flags, u64 gicr)
{
	u32 at = begin_entry(0xb, 80);

	acpib_set_le(MADT, at + 4, 5, 4);
	acpib_set_le(MADT, at + 8, mpidr & 0xffff, 4);
	acpib_set_le(MADT, at + 12, flags, 4);
	acpib_set_le(MADT, at + 32, 0x2c000000, 8);
	acpib_set_le(MADT, at + 60, gicr, 8);
	acpib_set_le(MADT, at + 68, mpidr, 8);
}

static void put_gicd(u8 version)
{
	u32 at = begin_entry(0xc, 24);

	acpib_set_le(MADT, at + 8, GICD, 8);
	acpib_set_le(MADT, at + 20, version, 1);
}

static void put_gicr(u64 base, u32 size)
{
	u32 at = begin_entry(0xe, 16);

	acpib_set_le(MADT, at + 4, base, 8);
	acpib_set_le(MADT, at + 12, size, 4);
}

/* Three CPUs, one of them switched off and one yet to be plugged in; a GICv3. */
static void build_machine(void)
{
	acpib_build_tables();
	acpib_build_madt_header();
	put_gicd(3);
	put_gicc(0x80000000, 1, 0); /* what is no affinity is no part of the number */
	put_gicc(0x100, 0, 0);
	put_gicc(0x200, 8, 0);
	put_gicc(0x1000000300, 1, 0);
	put_gicc(0x301, 1, 0);
	put_gicr(GICR, 2 * FRAMES);
	put_gicr(GICR + 0x1000000, FRAMES);
	acpib_set_le(FADT, 129, PSCI_BY_HVC, 2);
	acpib_set_le(SPCR, 36, ACPI_SERIAL_PL011, 1);
	acpib_set_le(SPCR, 43, 3, 1);
}

static int read_image(u8 *top, u32 len)
{
	struct acpib_memory m = { .bytes = guarded_place(top, acpib_image, len), .len = len };
	struct acpi_env env = { .map = acpib_map, .ctx = &m, .quiet = true };

	return acpi_read_arm(&env, FAKE_BASE + acpib_tables[RSDP].at, &machine);
}

static int read_last(struct test *t, enum table_id last)
{
	u8 *top = guarded_top(t);

	if (!top || !EXPECT(t, acpib_layout_tables(last)))
		return -ENOMEM;
	return read_image(top, acpib_image_len);
}

static bool is_at(const struct acpi_place *p, u16 socket, u16 cluster, u16 core, u16 thread)
{
	return p->socket == socket && p->cluster == cluster && p->core == core &&
	       p->thread == thread;
}

static void test_good(struct test *t)
{
	enum table_id last;

	build_machine();
	for (last = 0; last < NR_TABLES; last++) {
		EXPECT_MSG(t, read_last(t, last) == 0, "%u last", last);
		EXPECT_MSG(t, machine.nr_cpus == 3, "%u", machine.nr_cpus);
		EXPECT(t, machine.cpu[0].mpidr == 0 && machine.cpu[1].mpidr == 0x1000000300);
		EXPECT(t, machine.cpu[2].mpidr == 0x301 && !machine.cpu[2].mailbox);
		EXPECT(t, machine.cpu[2].uid == 0x301 && machine.cpu[2].cpu_interface == 5);
		EXPECT(t, is_at(&machine.cpu[0].place, 0, 0, 1, 0));
		EXPECT(t, is_at(&machine.cpu[1].place, 0, 0, 0, 0));
		EXPECT(t, is_at(&machine.cpu[2].place, 1, 0, 0, 1));
		EXPECT(t, machine.gic == 3 && machine.distributor == GICD);
		EXPECT(t, machine.nr_redists == 2 && machine.redist[0].size == 2 * FRAMES);
		EXPECT(t, machine.redist[1].base == GICR + 0x1000000);
		EXPECT(t, machine.timer[ACPI_ARM_VIRTUAL].gsiv == 27);
		EXPECT(t, machine.timer[ACPI_ARM_PHYSICAL].edge);
		EXPECT(t, !machine.timer[ACPI_ARM_PHYSICAL].low);
		EXPECT(t, machine.timer[ACPI_ARM_VIRTUAL].low);
		EXPECT(t, machine.psci && machine.psci_by_hvc);
		EXPECT(t, machine.console.addr == 0xfe034000);
		EXPECT(t, machine.console.type == ACPI_SERIAL_PL011);
		EXPECT(t, machine.watchdog_refresh == 0x2a450000);
		EXPECT(t, machine.watchdog_control == 0x2a440000);
		EXPECT_MSG(t, !strcmp(machine.model, "FENCE TESTBRD"), "'%s'", machine.model);
	}
}
TEST(lib, acpi_arm_good, TEST_ASSERT, test_good);

/* A GIC of version 2, one whose version nobody says, and redistributors that CPUs name. */
static void test_gics(struct test *t)
{
	build_machine();
	acpib_build_madt_header();
	put_gicc(0, 1, 0);
	put_gicd(2);
	EXPECT(t, read_last(t, MADT) == 0 && machine.gic == 2);
	EXPECT(t, machine.cpu_interface == 0x2c000000);
	acpib_build_madt_header();
	put_gicc(0, 1, 0);
	put_gicd(0);
	EXPECT(t, read_last(t, MADT) == 0 && machine.gic == 2);

	acpib_build_madt_header();
	put_gicd(0);
	put_gicc(0, 1, GICR);
	put_gicc(1, 0, GICR + 8 * FRAMES);
	put_gicc(2, 1, GICR + FRAMES);
	put_gicc(3, 1, GICR + 4 * FRAMES);
	EXPECT(t, read_last(t, MADT) == 0 && machine.gic == 3);
	EXPECT_MSG(t, machine.nr_redists == 2, "%u", machine.nr_redists);
	EXPECT(t, machine.redist[0].size == 2 * FRAMES && machine.redist[1].size == FRAMES);
	acpib_build_madt_header();
	put_gicd(4);
	put_gicc(0, 1, GICR);
	EXPECT(t, read_last(t, MADT) == 0 && machine.gic == 3);
	EXPECT(t, machine.redist[0].size == 2 * FRAMES);

	/* More regions than there is room for: those that fit. */
	acpib_build_madt_header();
	put_gicd(3);
	for (u32 i = 0; i < ACPI_ARM_REDISTS_MAX + 2; i++)
		put_gicc(i, 1, GICR + 2 * i * FRAMES);
	EXPECT(t, read_last(t, MADT) == 0 && machine.nr_redists == ACPI_ARM_REDISTS_MAX);
	EXPECT(t, machine.nr_cpus == ACPI_ARM_REDISTS_MAX + 2);
}
TEST(lib, acpi_arm_gics, TEST_ASSERT, test_gics);

/* What no machine can be run with is refused, and nothing of it is left. */
static void test_refused(struct test *t)
{
	build_machine();
	acpib_build_madt_header();
	put_gicc(0, 1, GICR);
	EXPECT(t, read_last(t, MADT) == -ENODATA && !machine.nr_cpus); /* no distributor */
	acpib_build_madt_header();
	put_gicd(3);
	put_gicc(0, 1, 0);
	EXPECT(t, read_last(t, MADT) == -ENODATA); /* no redistributor */
	acpib_build_madt_header();
	put_gicd(3);
	put_gicc(0, 0, GICR);
	EXPECT(t, read_last(t, MADT) == -ENODATA); /* no CPU */
	acpib_build_madt_header();
	put_gicd(3);
	begin_entry(0xb, 75); /* ends inside its MPIDR */
	EXPECT(t, read_last(t, MADT) == -EBADMSG && !machine.distributor);
	acpib_build_madt_header();
	begin_entry(0xc, 23);
	EXPECT(t, read_last(t, MADT) == -EBADMSG);
	acpib_build_madt_header();
	begin_entry(0xe, 15);
	EXPECT(t, read_last(t, MADT) == -EBADMSG);

	/* Without the timers, PSCI or a console it is still a machine. */
	build_machine();
	acpib_put_header(GTDT, 3);
	acpib_set_le(FADT, 129, 0, 2);
	acpib_put_header(SPCR, 4);
	EXPECT(t, read_last(t, GTDT) == 0 && !machine.timer[ACPI_ARM_VIRTUAL].gsiv);
	EXPECT(t, !machine.psci && !machine.watchdog_control);
	/* The console is then the debug port. */
	EXPECT(t, machine.console.addr == 0x2a400000);
	EXPECT(t, machine.console.type == ACPI_SERIAL_SBSA && machine.console.width == 4);
}
TEST(lib, acpi_arm_refused, TEST_ASSERT, test_refused);

/* More CPUs than there is room for. */
static void test_many(struct test *t)
{
	build_machine();
	acpib_build_madt_header();
	put_gicd(2);
	for (u32 i = 0; i < 40; i++)
		put_gicc(i, 1, 0);
	EXPECT(t, read_last(t, MADT) == 0 && machine.nr_cpus == 40);
	/* The tree of that many does not fit: told, and nothing is written behind its room. */
	for (u32 size = 64; size < 2048; size += 60) {
		blob[size] = 0xa5;
		EXPECT(t, acpi_arm_tree(&machine, blob, size) == -ENOSPC);
		EXPECT(t, blob[size] == 0xa5);
	}
	EXPECT(t, acpi_arm_tree(&machine, blob, sizeof(blob)) > 40 * 76);
}
TEST(lib, acpi_arm_many, TEST_ASSERT, test_many);

static const char *method_of(const struct fdt *f, const char *path)
{
	const char *s = fdt_prop_string(f, fdt_path(f, path), "enable-method");

	return s ? s : "";
}

static int open_tree(struct test *t, struct fdt *f)
{
	const char *err = "";
	int size = acpi_arm_tree(&machine, blob, sizeof(blob));

	EXPECT_MSG(t, size > 0, "%d", size);
	return EXPECT_MSG(t, size > 0 && !fdt_open(f, blob, size, &err), "%s", err)
	? 0 : -EBADMSG;
}

static void expect_irq(struct test *t, const struct fdt *f, u32 index, u32 nr, u32 flags)
{
	struct fdt_interrupt irq;
	int gic = fdt_find_compatible(f, -1, "arm,gic-v3");

	EXPECT(t, !fdt_interrupt(f, fdt_path(f, "/timer"), index, &irq));
	EXPECT(t, irq.controller == gic && irq.nr == 3 && irq.cell[0] == 1);
	EXPECT_MSG(t, irq.cell[1] == nr && irq.cell[2] == flags, "%u: %u %u", index, irq.cell[1],
		   irq.cell[2]);
}

static void expect_reg(struct test *t, const struct fdt *f, int node, u32 index, u64 base, u64 len)
{
	u64 addr = 0, size = 0;

	EXPECT(t, !fdt_reg_phys(f, node, index, &addr, &size));
	EXPECT_MSG(t, addr == base && size == len, "%llx %llx", (unsigned long long)addr,
		   (unsigned long long)size);
}

static void test_tree(struct test *t)
{
	struct fdt f;
	int node;

	build_machine();
	if (read_last(t, MADT) || open_tree(t, &f))
		return;
	node = fdt_find_compatible(&f, -1, "arm,gic-v3");
	expect_reg(t, &f, node, 0, GICD, 0x10000);
	expect_reg(t, &f, node, 1, GICR, 2 * FRAMES);
	expect_reg(t, &f, node, 2, GICR + 0x1000000, FRAMES);
	expect_irq(t, &f, 0, 13, 4);
	expect_irq(t, &f, 1, 14, 1);
	expect_irq(t, &f, 2, 11, 8);
	expect_irq(t, &f, 3, 10, 2);
	EXPECT(t, !strcmp(method_of(&f, "/cpus/cpu@1000000300"), "psci"));
	node = fdt_path(&f, fdt_prop_string(&f, fdt_path(&f, "/chosen"), "stdout-path"));
	EXPECT(t, fdt_is_compatible(&f, node, "arm,pl011"));
	expect_reg(t, &f, node, 0, 0xfe034000, 0x1000);
	node = fdt_find_compatible(&f, -1, "arm,psci-0.2");
	EXPECT(t, !strcmp(fdt_prop_string(&f, node, "method"), "hvc"));
	node = fdt_find_compatible(&f, -1, "arm,sbsa-gwdt");
	expect_reg(t, &f, node, 0, 0x2a440000, 0x1000);
	expect_reg(t, &f, node, 1, 0x2a450000, 0x1000);
}
TEST(lib, acpi_arm_tree, TEST_ASSERT, test_tree);

/* The other halves of what a tree may have. */
static void test_tree_other(struct test *t)
{
	struct fdt_interrupt irq;
	struct fdt_prop p;
	struct fdt f;
	u32 val = 0;
	int node;

	build_machine();
	acpib_build_madt_header();
	put_gicd(2);
	put_gicc(0, 1, 0);
	put_gicc(1, 1, 0);
	acpib_set_le(GTDT, 64, 0, 4); /* no virtual timer */
	acpib_set_le(FADT, 129, PSCI, 2);
	acpib_build_spcr(4, 88); /* registers as words */
	if (read_last(t, MADT) || open_tree(t, &f))
		return;
	node = fdt_find_compatible(&f, -1, "arm,cortex-a15-gic");
	expect_reg(t, &f, node, 0, GICD, 0x1000);
	expect_reg(t, &f, node, 1, 0x2c000000, 0x2000);
	node = fdt_path(&f, "/timer");
	EXPECT(t, fdt_interrupt(&f, node, ACPI_ARM_VIRTUAL, &irq) == -ENOENT);
	EXPECT(t, !fdt_interrupt(&f, node, ACPI_ARM_PHYSICAL, &irq));
	node = fdt_find_compatible(&f, -1, "arm,psci-0.2");
	EXPECT(t, !strcmp(fdt_prop_string(&f, node, "method"), "smc"));
	node = fdt_find_compatible(&f, -1, "ns16550a");
	EXPECT(t, !fdt_prop_u32(&f, node, "reg-shift", &val) && val == 2);
	EXPECT(t, !fdt_prop_u32(&f, node, "reg-io-width", &val) && val == 4);
	EXPECT(t, !fdt_prop_u32(&f, node, "current-speed", &val) && val == 115200);
	EXPECT(t, !fdt_prop_u32(&f, node, "clock-frequency", &val) && val == 48000000);

	/* A port that nobody knows, and one that is no memory: no console. */
	machine.console.type = 0x0f;
	EXPECT(t, !open_tree(t, &f));
	EXPECT(t, fdt_prop(&f, fdt_path(&f, "/chosen"), "stdout-path", &p) == -ENOENT);
	machine.console.type = ACPI_SERIAL_16550;
	machine.console.io_port = true;
	machine.psci = false;
	machine.watchdog_refresh = 0;
	EXPECT(t, !open_tree(t, &f));
	EXPECT(t, fdt_prop(&f, fdt_path(&f, "/chosen"), "stdout-path", &p) == -ENOENT);
	EXPECT(t, fdt_find_compatible(&f, -1, "arm,psci-0.2") < 0);
	EXPECT(t, fdt_find_compatible(&f, -1, "arm,sbsa-gwdt") < 0);
	EXPECT(t, !*method_of(&f, "/cpus/cpu@0"));
}
TEST(lib, acpi_arm_tree_other, TEST_ASSERT, test_tree_other);

/* CPUs that wait for PSCI, for their mailbox, or for nobody. */
static void test_tree_parked(struct test *t)
{
	struct fdt f;
	u32 hi = 1, lo = 0;
	int node;

	build_machine();
	acpib_build_madt_header();
	put_gicd(2);
	put_gicc(0, 1, 0);
	put_gicc(1, 1, 0);
	acpib_set_le(MADT, acpib_tables[MADT].len - 80 + 16, 1, 4);
	acpib_set_le(MADT, acpib_tables[MADT].len - 80 + 24, 0x9fe01000, 8);
	put_gicc(2, 1, 0);
	/* An address that no protocol goes with. */
	acpib_set_le(MADT, acpib_tables[MADT].len - 80 + 24, 0x9fe02000, 8);
	acpib_set_le(FADT, 129, 0, 2);
	if (read_last(t, MADT) || open_tree(t, &f))
		return;
	node = fdt_path(&f, "/cpus/cpu@1");
	EXPECT(t, !strcmp(method_of(&f, "/cpus/cpu@1"), "parking-protocol"));
	EXPECT(t, !fdt_prop_cell(&f, node, "cpu-release-addr", 0, &hi) && !hi);
	EXPECT(t, !fdt_prop_cell(&f, node, "cpu-release-addr", 1, &lo) && lo == 0x9fe01000);
	EXPECT(t, !*method_of(&f, "/cpus/cpu@0") && !*method_of(&f, "/cpus/cpu@2"));

	/* Who has PSCI starts them by that. */
	acpib_set_le(FADT, 129, PSCI, 2);
	if (!read_last(t, MADT) && !open_tree(t, &f))
		EXPECT(t, !strcmp(method_of(&f, "/cpus/cpu@1"), "psci"));
}
TEST(lib, acpi_arm_parked, TEST_ASSERT, test_tree_parked);

/* Any damage: read or refused, and what is read makes a sound tree. */
static void test_corrupted(struct test *t)
{
	static const enum table_id hurt[] = { MADT, FADT, SPCR, GTDT, DBG2, PPTT };
	unsigned int accepted = 0, refused = 0;
	u8 *top = guarded_top(t);

	build_machine();
	for (u32 i = 0; top && i < 1000; i++) {
		enum table_id id = hurt[rng_below(&t->rng, ARRAY_SIZE(hurt))];
		struct fdt f;

		acpib_layout_tables(id);
		guarded_corrupt(&t->rng, acpib_image + acpib_tables[id].at, acpib_tables[id].len);
		acpib_fix_checksums();
		if (read_image(top, acpib_image_len)) {
			EXPECT(t, !machine.nr_cpus && !machine.distributor);
			refused++;
			continue;
		}
		EXPECT(t, machine.nr_cpus && machine.distributor);
		EXPECT(t, !open_tree(t, &f));
		accepted++;
	}
	EXPECT(t, accepted && refused);
	test_record(t, "\"accepted\":%u,\"refused\":%u", accepted, refused);
}
TEST(lib, acpi_arm_corrupted, TEST_ASSERT, test_corrupted);
