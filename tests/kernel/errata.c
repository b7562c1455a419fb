/* SPDX-License-Identifier: GPL-2.0-only */
/* The port's table of errata; sets of CPUs as text, and lists of them. */
#include <arch/errata.h>
#include <kernel/cpu_list.h>
#include <kernel/smp.h>
#include <lib/string.h>
#include <test/test.h>

static bool is_of_same_core(const struct erratum *a, const struct erratum *b)
{
	return a->vendor == b->vendor && a->part == b->part;
}

/*
 * A defect has a name of its own (and an entry for each core that has it), a source, and something
 * that is done or something it spoils.
 */
static void test_errata_table(struct test *t)
{
	if (!arch_nr_errata) {
		test_skip(t, "this port knows of no erratum");
		return;
	}
	EXPECT(t, arch_nr_errata <= ERRATA_MAX);
	for (unsigned int i = 0; i < arch_nr_errata; i++) {
		const struct erratum *e = &arch_errata[i];

		EXPECT_MSG(t, e->name && e->source, "entry %u", i);
		EXPECT_MSG(t, e->done || e->taints, "%s: neither done nor tainting", e->name);
		EXPECT_MSG(t, e->first <= e->last, "%s: no revision has it", e->name);
		EXPECT_MSG(t, !e->enable || e->done, "%s: what is enabled?", e->name);
		for (unsigned int k = 0; k < i; k++)
			EXPECT_MSG(t,
				   strcmp(e->name, arch_errata[k].name) ||
					   !is_of_same_core(e, &arch_errata[k]),
				   "%s stands twice", e->name);
	}
}
TEST(kernel, errata_table, TEST_ASSERT, test_errata_table);

static void expect_mask(struct test *t, cpumask_t mask, const char *expected)
{
	char text[CPUMASK_TEXT_MAX];

	cpumask_format(mask, text, sizeof(text));
	EXPECT_MSG(t, !strcmp(text, expected), "%s instead of %s", text, expected);
}

static void test_cpumask_text(struct test *t)
{
	char text[CPUMASK_TEXT_MAX];

	expect_mask(t, 0, "");
	expect_mask(t, 0x1, "0");
	expect_mask(t, 0xf, "0-3");
	expect_mask(t, 0x8000000000000106ULL, "1-2,8,63");
	expect_mask(t, ~0ULL, "0-63");
	cpumask_format(0x5555555555555555ULL, text, sizeof(text));
	EXPECT_MSG(t, !strcmp(text + strlen(text) - 3, ",62"), "%s", text);
}
TEST(kernel, cpumask_text, TEST_ASSERT, test_cpumask_text);

static void test_cpu_list(struct test *t)
{
	EXPECT(t, cpu_list_has("3", 3) && !cpu_list_has("3", 2) && !cpu_list_has("", 0));
	EXPECT(t, cpu_list_has("0,0x100-0x103", 0x100) && cpu_list_has("0,0x100-0x103", 0x103));
	EXPECT(t, !cpu_list_has("0,0x100-0x103", 0x104) && !cpu_list_has("0,0x100-0x103", 1));
	EXPECT(t, cpu_list_has("5-5,2", 2) && !cpu_list_has("7-5,2", 2) && !cpu_list_has("x,2", 2));
	EXPECT(t, !cpu_list_has("2 ,3", 3) && !cpu_list_has("2,,3", 3));
}
TEST(kernel, cpu_list, TEST_ASSERT, test_cpu_list);

#define NAMED 176

/* Two sockets of 22 cores with four threads, as firmware of POWER9 lists them. */
static void fill_sockets(struct cpu_entry *table, unsigned int in_first)
{
	memset(table, 0, NAMED * sizeof(*table));
	for (unsigned int i = 0; i < NAMED; i++) {
		table[i].place.socket = i < in_first ? 0 : 8;
		table[i].hw_id = table[i].place.socket << 8 | i;
	}
}

static unsigned int nr_in_socket(const struct cpu_entry *table, unsigned int n, u32 socket)
{
	unsigned int in = 0;

	for (unsigned int i = 0; i < n; i++)
		in += table[i].place.socket == socket;
	return in;
}

/* Nobody is lost, named twice, or before one of its socket that firmware lists first. */
static void expect_order(struct test *t, const struct cpu_entry *table, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++)
		for (unsigned int j = 0; j < i; j++)
			EXPECT_MSG(t,
				   table[i].place.socket != table[j].place.socket ||
					   table[i].hw_id > table[j].hw_id,
				   "%u and %u", j, i);
}

static void test_cpus_spread(struct test *t)
{
	static struct cpu_entry table[NAMED];

	fill_sockets(table, 88);
	EXPECT(t, cpus_spread(table, NAMED, 64) == 64);
	EXPECT(t, nr_in_socket(table, 64, 0) == 32 && nr_in_socket(table, 64, 8) == 32);
	EXPECT(t, table[0].hw_id == 0 && table[1].hw_id == (8 << 8 | 88));
	EXPECT(t, table[2].hw_id == 1 && table[62].hw_id == 31);
	expect_order(t, table, 64);
	/* One that is small is used up. */
	fill_sockets(table, 170);
	EXPECT(t, cpus_spread(table, NAMED, 64) == 64 && nr_in_socket(table, 64, 8) == 6);
	expect_order(t, table, 64);
	/* All of them: in the order of firmware. */
	fill_sockets(table, 4);
	EXPECT(t, cpus_spread(table, 8, 8) == 8 && table[1].place.socket == 0 &&
			  table[4].place.socket == 8);
	EXPECT(t, cpus_spread(table, 8, 1) == 1 && table[0].hw_id == 0);
}
TEST(kernel, cpus_spread, TEST_ASSERT, test_cpus_spread);
