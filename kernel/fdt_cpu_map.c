/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where CPUs are, by the device tree: /cpus/cpu-map (Linux's binding cpu/cpu-map.txt), nodes
 * socketN, clusterN, coreN and threadN, of which the innermost names its CPU. Untrusted like all of
 * the tree: what is damaged says nothing.
 */
#include <kernel/smp.h>
#include <lib/fdt.h>
#include <lib/options.h>
#include <lib/string.h>

/* N of "@what<N>", or -1. */
static int number_of(const char *name, const char *what)
{
	size_t len = strlen(what);
	const char *end;
	u64 n;

	if (strncmp(name, what, len) || parse_u64(name + len, &end, &n) || *end || n > UINT16_MAX)
		return -1;
	return n;
}

/*
 * In the order of the tree each node is behind the one that it is in: what it names holds for those
 * that follow, until another of its kind does. Of clusters in clusters the innermost counts.
 */
static void enter(struct cpu_place *p, const char *name)
{
	int socket = number_of(name, "socket"), cluster = number_of(name, "cluster");
	int core = number_of(name, "core"), thread = number_of(name, "thread");

	if (socket >= 0)
		*p = (struct cpu_place){ .socket = socket };
	if (cluster >= 0)
		*p = (struct cpu_place){ .socket = p->socket, .cluster = cluster };
	if (core >= 0) {
		p->core = core;
		p->thread = 0;
	}
	if (thread >= 0)
		p->thread = thread;
}

/* The CPU that @node names, if it does, is at @p. */
static void place_cpu(const struct fdt *f, int node, const struct cpu_place *p)
{
	u64 hw_id, size;
	u32 phandle;
	int cpu;

	if (fdt_prop_cell(f, node, "cpu", 0, &phandle))
		return;
	cpu = fdt_by_phandle(f, phandle);
	if (cpu >= 0 && !fdt_reg(f, cpu, 0, &hw_id, &size))
		smp_set_place(hw_id, *p);
}

void fdt_place_cpus(const struct fdt *f)
{
	int node = fdt_path(f, "/cpus/cpu-map"), depth = 0;
	struct cpu_place place = { 0 };

	if (node < 0)
		return;
	while ((node = fdt_next_node(f, node, &depth)) >= 0 && depth > 0) {
		enter(&place, fdt_node_name(f, node));
		place_cpu(f, node, &place);
	}
}
