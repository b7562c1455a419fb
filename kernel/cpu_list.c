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

unsigned int cpu_list_apply(struct cpu_entry *table, unsigned int n)
{
	unsigned int kept = 1;

	if (!cpu_list[0])
		return n;
	for (unsigned int i = 1; i < n; i++)
		if (cpu_list_has(cpu_list, table[i].hw_id))
			table[kept++] = table[i];
	return kept;
}

/* How many of the @n CPUs of @table are in @socket. */
static unsigned int nr_in(const struct cpu_entry *table, unsigned int n, u32 socket)
{
	unsigned int in = 0;

	for (unsigned int i = 0; i < n; i++)
		in += table[i].place.socket == socket;
	return in;
}

/* Of the CPUs from @from on the first whose socket has the fewest of those before. */
static unsigned int next_of_fewest(const struct cpu_entry *table, unsigned int from, unsigned int n)
{
	unsigned int best = from, fewest = nr_in(table, from, table[from].place.socket);

	for (unsigned int i = from + 1; fewest && i < n; i++) {
		unsigned int in = nr_in(table, from, table[i].place.socket);

		if (in < fewest) {
			best = i;
			fewest = in;
		}
	}
	return best;
}

unsigned int cpus_spread(struct cpu_entry *table, unsigned int n, unsigned int limit)
{
	if (n <= limit)
		return n;
	for (unsigned int at = 1; at < limit; at++) {
		unsigned int next = next_of_fewest(table, at, n);
		struct cpu_entry e = table[next];

		memmove(&table[at + 1], &table[at], (next - at) * sizeof(*table));
		table[at] = e;
	}
	return limit;
}
