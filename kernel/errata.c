/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of the port's errata each CPU has. A CPU writes its own entry before it is online; whoever
 * sees it online (cpu_wait_online()) sees the entry, and it does not change.
 */
#include <arch/errata.h>
#include <arch/smp.h>
#include <kernel/errata.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/compiler.h>
#include <lib/string.h>

static u64 errata[NR_CPUS]; /* bit n: arch_errata[n] */

static bool id_matches(const struct erratum *e, const struct cpu_kind *id)
{
	return (e->vendor == ERRATUM_ANY || e->vendor == id->vendor) &&
	       (e->part == ERRATUM_ANY || e->part == id->part) && id->revision >= e->first &&
	       id->revision <= e->last;
}

void errata_init_cpu(void)
{
	struct cpu_kind kind = arch_cpu_kind();
	unsigned int cpu = smp_processor_id();

	BUG_ON(arch_nr_errata > ERRATA_MAX);
	for (unsigned int i = 0; i < arch_nr_errata; i++) {
		const struct erratum *e = &arch_errata[i];

		if (!id_matches(e, &kind) || (e->present && !e->present()))
			continue;
		errata[cpu] |= 1ULL << i;
		if (e->enable)
			e->enable();
	}
}

/* The online CPUs that have erratum @index. */
static cpumask_t cpus_with(unsigned int index)
{
	cpumask_t mask = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		if (errata[cpu] >> index & 1)
			mask |= 1ULL << cpu;
	return mask;
}

/* Append to the @n bytes of text in @buf; how many there are then, less than @size. */
static size_t append(char *buf, size_t size, size_t n, const char *a, const char *b)
{
	snprintf(buf + n, size - n, "%s%s", a, b);
	return n + strlen(buf + n);
}

void errata_names(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < arch_nr_errata; i++)
		if (cpus_with(i) && n + strlen(arch_errata[i].name) + 2 < size)
			n = append(buf, size, n, n ? " " : "", arch_errata[i].name);
}

bool errata_describe(unsigned int *index, char *buf, size_t size)
{
	char cpus[CPUMASK_TEXT_MAX];
	const struct erratum *e;

	while (*index < arch_nr_errata && !cpus_with(*index))
		(*index)++;
	if (*index == arch_nr_errata)
		return false;
	e = &arch_errata[*index];
	cpumask_format(cpus_with((*index)++), cpus, sizeof(cpus));
	snprintf(buf, size,
		 "\"name\":\"%s\",\"source\":\"%s\",\"cpus\":\"%s\",\"done\":\"%s\",\"taints\":\"%"
		 "s\"",
		 e->name, e->source, cpus, e->done ? e->done : "", e->taints ? e->taints : "");
	return true;
}

void errata_taint(const char *name, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < arch_nr_errata; i++) {
		const char *globs = arch_errata[i].taints;

		if (globs && cpus_with(i) && glob_list_match(globs, name))
			n = append(buf, size, n, n ? "," : "", arch_errata[i].name);
	}
}
