/* SPDX-License-Identifier: GPL-2.0-only */
/* Where CPUs are by the PPTT: trees of other shapes, and such as lead nowhere. */
#include "acpi_builder.h"

#include <lib/acpi_arm.h>
#include <lib/acpi_table.h>

/* Flags of nodes. */
#define PACKAGE 1
#define NUMBER	2
#define THREAD	4
#define LEAF	8

#define NOWHERE 0xffffffffffffffffULL

/* Place of the CPU @uid, a field each 16 bits. */
static u64 place_of(struct test *t, u32 uid)
{
	const struct acpib_table *pptt = &acpib_tables[PPTT];
	u8 *top = guarded_top(t);
	struct acpi_table table = { .len = pptt->len };
	struct acpi_place p;

	if (!top)
		return NOWHERE;
	table.data = guarded_place(top, pptt->data, pptt->len);
	p = acpi_find_place(&table, uid);
	return (u64)p.socket << 48 | (u64)p.cluster << 32 | (u32)p.core << 16 | p.thread;
}

#define expect_place(uid, socket, cluster, core, thread) \
	do { \
		u64 at = place_of(t, uid); \
\
		EXPECT_MSG(t, at == (0x##socket##000##cluster##000##core##000##thread##ULL), \
			   "%u: %llx", uid, (unsigned long long)at); \
	} while (0)

static void test_shapes(struct test *t)
{
	u32 root, package, outer, inner;

	/* Clusters in a cluster; one package of two in something larger, which is none. */
	acpib_put_header(PPTT, 2);
	root = acpib_put_node(0, 0, 0);
	acpib_put_node(PACKAGE, 0, 0);
	package = acpib_put_node(PACKAGE, root, 0);
	acpib_put_node(0, package, 0);
	outer = acpib_put_node(0, package, 0);
	acpib_put_node(0, outer, 0);
	acpib_put_node(0, outer, 0);
	inner = acpib_put_node(0, outer, 0);
	acpib_put_node(NUMBER | LEAF, inner, 1);
	acpib_put_node(NUMBER | LEAF, inner, 2);
	expect_place(2, 1, 2, 1, 0);

	/* A package that is a CPU, one whose threads are in no core, and a CPU that is missing. */
	acpib_put_header(PPTT, 2);
	acpib_put_node(PACKAGE | NUMBER | LEAF, 0, 1);
	package = acpib_put_node(PACKAGE, 0, 0);
	acpib_put_node(NUMBER | THREAD | LEAF, package, 2);
	acpib_put_node(NUMBER | THREAD | LEAF, package, 3);
	expect_place(1, 0, 0, 0, 0);
	expect_place(3, 1, 0, 0, 1);
	expect_place(4, 0, 0, 0, 0);

	/* Before revision 2 who has nobody in it is a leaf. */
	acpib_put_header(PPTT, 1);
	package = acpib_put_node(PACKAGE | NUMBER, 0, 1);
	acpib_put_node(NUMBER, package, 0);
	acpib_put_node(NUMBER, package, 1);
	expect_place(1, 0, 0, 1, 0);
}
TEST(lib, acpi_pptt_shapes, TEST_ASSERT, test_shapes);

static void test_damage(struct test *t)
{
	u32 package, first;

	/* No table; a cut one; a structure of no length; parents that are none. */
	acpib_tables[PPTT].len = 0;
	expect_place(0, 0, 0, 0, 0);
	for (u32 len = 36; len < 36 + 60; len++) {
		acpib_put_header(PPTT, 2);
		acpib_put_node(PACKAGE, 0, 0);
		package = acpib_put_node(PACKAGE, 0, 0);
		acpib_put_node(NUMBER | LEAF, package, 7);
		acpib_tables[PPTT].len = len;
		expect_place(7, 0, 0, 0, 0);
	}
	acpib_tables[PPTT].len = 96;
	expect_place(7, 1, 0, 0, 0);
	acpib_set_le(PPTT, 36 + 1, 0, 1);
	expect_place(7, 0, 0, 0, 0);
	acpib_set_le(PPTT, 36 + 1, 20, 1);
	acpib_set_le(PPTT, 76 + 8, 57, 4);
	expect_place(7, 0, 0, 0, 0);

	/* Round and round, without a package. */
	acpib_put_header(PPTT, 2);
	first = acpib_put_node(0, 0, 0);
	acpib_put_node(0, first, 0);
	acpib_set_le(PPTT, first + 8, first + 20, 4);
	acpib_put_node(NUMBER | LEAF, first, 7);
	expect_place(7, 0, 0, 0, 0);
}
TEST(lib, acpi_pptt_damage, TEST_ASSERT, test_damage);
