/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which CPUs a run uses, by the numbers that hardware gives them: cpu_list=0,0x100-0x103 on the
 * boot line. The one that boots is used in any case.
 */
#pragma once

#include <lib/types.h>

/* NULL, or what is wrong with the list. After options_parse(). */
const char *cpu_list_check(void);

/* Take CPUs that are not listed out of cpu_table, before any but the first is started. */
void cpu_list_apply(void);

/* Is @hw_id in @list? For tests. */
bool cpu_list_has(const char *list, u64 hw_id);
