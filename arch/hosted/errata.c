/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done about a CPU's defects is Linux's to do, and takes privilege: none is known here. */
#include <arch/errata.h>

const struct erratum arch_errata[1];
const unsigned int arch_nr_errata;

struct cpu_kind arch_cpu_kind(void)
{
	return (struct cpu_kind){ 0 };
}
