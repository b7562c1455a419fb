/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs a run uses, by the numbers that hardware gives them: cpu_list=0,0x100-0x103 on the
 * boot line. The one that boots is used in any case.
 */
#pragma once

#include <lib/types.h>

/* NULL, or what is wrong with the list. After options_parse(). */
const char *cpu_list_check(void);

struct cpu_entry;

/* Put the first of the @n CPUs of @table and those that are listed in front; how many these are. */
unsigned int cpu_list_apply(struct cpu_entry *table, unsigned int n);

/*
 * Put at most @limit of the @n CPUs of @table in front, the first and as many of each socket as can
 * be, each socket's in their order; how many these are. All of them: then nothing changes places.
 */
unsigned int cpus_spread(struct cpu_entry *table, unsigned int n, unsigned int limit);

/* Is @hw_id in @list? For tests. */
bool cpu_list_has(const char *list, u64 hw_id);
