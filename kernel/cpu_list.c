/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPUs a run uses: include/kernel/cpu_list.h. */
#include <kernel/cpu_list.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>

static char cpu_list[OPT_STRING_MAX];
OPTION(cpu_list, "cpu_list", OPT_STRING, cpu_list, 0, 0,
       "use only CPUs with these hardware numbers: 0,0x100-0x103");

/* Read one entry, "n" or "n-m", and the comma behind it. 1, 0 at the end, or -EINVAL. */
static int next_entry(const char **s, u64 *first, u64 *last)
{
	if (!**s)
		return 0;
	if (parse_u64(*s, s, first))
		return -EINVAL;
	*last = *first;
	if (**s == '-' && parse_u64(*s + 1, s, last))
		return -EINVAL;
	if (*last < *first || (**s && **s != ','))
		return -EINVAL;
	if (**s == ',' && !*++*s)
		return -EINVAL;
	return 1;
}

const char *cpu_list_check(void)
{
	const char *s = cpu_list;
	u64 first, last;
	int ret;

	do
		ret = next_entry(&s, &first, &last);
	while (ret > 0);
	return ret ? "cpu_list= is not numbers and ranges with commas between" : NULL;
}

bool cpu_list_has(const char *list, u64 hw_id)
{
	u64 first, last;

	while (next_entry(&list, &first, &last) > 0)
		if (hw_id >= first && hw_id <= last)
			return true;
	return false;
}

void cpu_list_apply(void)
{
	unsigned int n = 1;

	if (!cpu_list[0])
		return;
	for (unsigned int cpu = 1; cpu < nr_cpus_found; cpu++)
		if (cpu_list_has(cpu_list, cpu_table[cpu].hw_id))
			cpu_table[n++] = cpu_table[cpu];
	nr_cpus_ignored += nr_cpus_found - n;
	nr_cpus_found = n;
}
