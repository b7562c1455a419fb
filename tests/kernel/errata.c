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
	EXPECT(t, arch_nr_errata && arch_nr_errata <= ERRATA_MAX);
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
