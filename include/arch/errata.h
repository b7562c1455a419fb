/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The defects that a CPU is known to have: the contract. Each port has a table of those that matter
 * here; kernel/errata.c looks in it for every CPU that comes up and says in the
 * record of the run what was found and what is done about it.
 */
#pragma once

#include <lib/types.h>

/* How a CPU names itself, for the table; what is in each member is the port's matter. */
struct cpu_kind {
	u64 vendor, part, revision;
};

/* The CPU that runs this. After arch_discover(). */
struct cpu_kind arch_cpu_kind(void);

#define ERRATUM_ANY (~0ULL) /* as vendor or part */

struct erratum {
	const char *name;   /* a word, the vendor's number in it: "cortex-a53-843419" */
	const char *source; /* who describes it, and where */
	const char *done;   /* what is done about it; NULL: nothing can be, or nothing is */
	/* Globs, separated by commas, of tests whose results it may spoil all the same, or NULL. */
	const char *taints;
	u64 vendor, part;
	u64 first, last; /* revisions that have it, by their numbers */
	/* On the CPU that has the id: has it the defect indeed? NULL: yes. */
	bool (*present)(void);
	/*
	 * Switch on what is done, before the CPU is online. On each CPU that has the defect, others
	 * being at work. NULL: it is done without, as by the linker.
	 */
	void (*enable)(void);
};

/*
 * Something happened to this machine, @what in a word, which was mended; but results of this run
 * are marked by it from now on. The kernel's, for the port; any context, a machine check's too.
 */
void errata_note(const char *what);

#define ERRATA_MAX 64

extern const struct erratum arch_errata[];
extern const unsigned int arch_nr_errata; /* at most ERRATA_MAX */
