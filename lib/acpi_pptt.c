/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where CPUs are, by the processor properties topology table (ACPI specification 6.5, 5.2.30): a
 * tree of nodes, each of which names the one that it is in. Some are packages, the leaves are CPUs,
 * and a leaf may be a thread of the core above it. Untrusted: what is damaged says nothing.
 *
 * Nodes have no numbers that one could rely on: each gets its place among those beside it, in the
 * order of the table.
 */
#include <lib/acpi_arm.h>
#include <lib/acpi_table.h>

#define PPTT_NODE	  0
#define NODE_LENGTH	  1
#define NODE_FLAGS	  4
#define NODE_PARENT	  8
#define NODE_UID	  12
#define NODE_SIZE	  20
#define NODE_PACKAGE	  (1U << 0)
#define NODE_UID_IS_VALID (1U << 1)
#define NODE_THREAD	  (1U << 2)
#define NODE_LEAF	  (1U << 3) /* of revision 2 on */
#define TABLE_REVISION	  8
#define LEVELS_MAX	  8 /* a walk up that is longer goes round */

/* The first node at or behind the structure at @off; 0: there is none, or the table is damaged. */
static u32 node_from(const struct acpi_table *t, u32 off)
{
	while (off < t->len && t->len - off >= NODE_LENGTH + 1) {
		u32 len = acpi_field8(t, off + NODE_LENGTH);

		if (len < 4 || len > t->len - off)
			return 0;
		if (acpi_field8(t, off) == PPTT_NODE && len >= NODE_SIZE)
			return off;
		off += len;
	}
	return 0;
}

static u32 next_node(const struct acpi_table *t, u32 node)
{
	return node_from(t, node + acpi_field8(t, node + NODE_LENGTH));
}

#define for_each_pptt_node(t, node) \
	for (u32 node = node_from(t, ACPI_HEADER_SIZE); node; node = next_node(t, node))

static u32 flags_of(const struct acpi_table *t, u32 node)
{
	return acpi_field32(t, node + NODE_FLAGS);
}

/* The node that @node is in, 0 if there is none: an offset that leads to no node is no parent. */
static u32 parent_of(const struct acpi_table *t, u32 node)
{
	u32 parent = acpi_field32(t, node + NODE_PARENT);

	for_each_pptt_node(t, other)
		if (other == parent)
			return parent;
	return 0;
}

/* Nodes that others are in may have a number like a CPU's. */
static bool is_leaf(const struct acpi_table *t, u32 node)
{
	if (acpi_field8(t, TABLE_REVISION) >= 2)
		return flags_of(t, node) & NODE_LEAF;
	for_each_pptt_node(t, other)
		if (acpi_field32(t, other + NODE_PARENT) == node)
			return false;
	return true;
}

static u32 leaf_of(const struct acpi_table *t, u32 uid)
{
	for_each_pptt_node(t, node)
		if (flags_of(t, node) & NODE_UID_IS_VALID &&
		    acpi_field32(t, node + NODE_UID) == uid && is_leaf(t, node))
			return node;
	return 0;
}

/* How many nodes stand in the table before @node that are beside it, or packages as it is. */
static u16 number_of(const struct acpi_table *t, u32 node)
{
	u32 parent = acpi_field32(t, node + NODE_PARENT), n = 0;
	bool package = flags_of(t, node) & NODE_PACKAGE;

	for_each_pptt_node(t, other) {
		if (other == node)
			break;
		if (package ? flags_of(t, other) & NODE_PACKAGE
			    : acpi_field32(t, other + NODE_PARENT) == parent)
			n++;
	}
	return n;
}

/* The package that @node is, or is in, or 0. */
static u32 package_of(const struct acpi_table *t, u32 node)
{
	for (unsigned int i = 0; node && i < LEVELS_MAX; i++) {
		if (flags_of(t, node) & NODE_PACKAGE)
			return node;
		node = parent_of(t, node);
	}
	return 0;
}

struct acpi_place acpi_find_place(const struct acpi_table *pptt, u32 uid)
{
	struct acpi_place place = { 0 };
	u32 core = leaf_of(pptt, uid), package = package_of(pptt, core), cluster;

	if (!core || !package)
		return place;
	place.socket = number_of(pptt, package);
	if (flags_of(pptt, core) & NODE_THREAD) {
		place.thread = number_of(pptt, core);
		core = parent_of(pptt, core);
	}
	if (core == package)
		return place;
	place.core = number_of(pptt, core);
	cluster = parent_of(pptt, core);
	if (cluster != package)
		place.cluster = number_of(pptt, cluster);
	return place;
}
