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
#include <lib/options.h>
#include <lib/string.h>

static u64 errata[NR_CPUS]; /* bit n: arch_errata[n] */

/*
 * Globs of names, separated by commas: what is done about these is done on every CPU, whatever it
 * is; or with "-" before the glob, on none.
 */
static char opt_errata[OPT_STRING_MAX];

enum errata_choice { BY_ID, EVERYWHERE, NOWHERE };

/* Take the first word of *@list, to its comma; one that is too long is cut. False: no more. */
static bool next_word(const char **list, char word[GLOB_IN_LIST_MAX])
{
	const char *comma = strchr(*list, ',');
	size_t len = comma ? (size_t)(comma - *list) : strlen(*list);

	if (!**list)
		return false;
	snprintf(word, GLOB_IN_LIST_MAX, "%.*s", (int)len, *list);
	*list += len + (comma != NULL);
	return true;
}

/* What @list says of erratum @name: the last word that has it. */
static enum errata_choice choice_of(const char *list, const char *name)
{
	enum errata_choice choice = BY_ID;
	char word[GLOB_IN_LIST_MAX];

	while (next_word(&list, word))
		if (glob_match(word + (*word == '-'), name))
			choice = *word == '-' ? NOWHERE : EVERYWHERE;
	return choice;
}

/* Does each word of errata= name something that this port knows? */
static bool errata_are_known(const char *list)
{
	char word[GLOB_IN_LIST_MAX];
	unsigned int i;

	while (next_word(&list, word)) {
		for (i = 0; i < arch_nr_errata; i++)
			if (choice_of(word, arch_errata[i].name) != BY_ID)
				break;
		if (i == arch_nr_errata)
			return false;
	}
	return true;
}
OPTION_CHECKED(errata, "errata", opt_errata, errata_are_known,
	       "names of errata, globs: their work-arounds on every CPU; -GLOB: on none");

/* The last word of errata_note(). Lockless: constant text, complete before it is named here. */
static const char *noted;

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

		enum errata_choice choice = choice_of(opt_errata, e->name);
		bool has = id_matches(e, &kind) && (!e->present || e->present());

		if (!has && choice != EVERYWHERE)
			continue;
		errata[cpu] |= 1ULL << i;
		if (e->enable && choice != NOWHERE)
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

/* What errata= makes of @e: for the record. */
static const char *choice_text(const struct erratum *e)
{
	static const char *const texts[] = {
		[BY_ID] = "",
		[EVERYWHERE] = ",\"chosen\":\"on every CPU, by errata=\"",
		[NOWHERE] = ",\"chosen\":\"not done, by errata=\"",
	};

	return texts[choice_of(opt_errata, e->name)];
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
		 "s\"%s",
		 e->name, e->source, cpus, e->done ? e->done : "", e->taints ? e->taints : "",
		 choice_text(e));
	return true;
}

void errata_note(const char *what)
{
	WRITE_ONCE(noted, what);
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
	if (READ_ONCE(noted))
		append(buf, size, n, n ? "," : "", READ_ONCE(noted));
}
