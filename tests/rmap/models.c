/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory models say of each variant's ordering, Alpha's and the Linux kernel's among them,
 * which no machine here has: rmap.models. Nothing is raced; the verdicts are rows of shapes.tsv.
 *
 * The pointer to a new anon_vma goes from hand to hand, and each hand may have a barrier:
 *
 *	first fault			second fault			reclaim
 *	constructor
 *	publish: lock, wmb, release
 *	vma->anon_vma = it	->	seen: depends?
 *					page->mapping = it	->	followed: depends?
 *									lock, list: made?
 *
 * It can be followed by the CPU that has seen it (2 CPUs, shape MP); by a third one that comes by
 * page->mapping alone, as who has a page by its frame (3 CPUs, ISA2); or by one that has the page
 * from the LRU lists, whose lock both have taken (LRU, ISA2 with release and acquire).
 *
 * smp_read_barrier_depends() is a barrier on Alpha and nothing elsewhere. What stands for taking a
 * lock is a matter of the machine: a load-acquire orders no earlier store (po); Power's lwsync
 * behind the load does (wmb), an isync does not; Alpha's lock ends in a full barrier (mb).
 */
#include <kernel/printk.h>
#include <lib/string.h>

#include "variants/variants.h"

static const struct machine {
	const char *name;
	enum litmus_model model;
	const char *lock; /* the edge that taking a lock is, between stores before and after */
	bool depends;	  /* smp_read_barrier_depends() is a barrier */
	bool ours;	  /* its locks are those of our port to an ISA of this model */
} machines[] = {
	{ "x86-TSO", MODEL_X86_64, "po", false, true },
	{ "ARMv8", MODEL_ARM64, "po", false, true },
	{ "RVWMO", MODEL_RISCV64, "po", false, true },
	{ "Power", MODEL_POWERPC64, "wmb", false, true },
	{ "Power-isync", MODEL_POWERPC64, "po", false, false },
	{ "Alpha-2008", MODEL_ALPHA_RAW, "mb", true, false },
	{ "Alpha-4.15", MODEL_ALPHA_LINUX, "mb", true, false },
	{ "LKMM", MODEL_LKMM, "po", false, false },
};

/* The row of shapes.tsv that is the way of the pointer. */
static void row_name(char *buf, size_t size, const struct machine *m,
		     const struct anon_vma_variant *v, enum order_shape shape)
{
	const char *publish = v->publish == EDGE_LOCK  ? m->lock
			      : v->publish == EDGE_WMB ? "wmb"
						       : "rel";
	bool seen = m->depends && v->seen, followed = m->depends && v->followed;

	if (shape == SHAPE_TWO)
		snprintf(buf, size, "MP+%s+%s", publish, seen || followed ? "rmb" : "addr");
	else if (shape == SHAPE_THREE)
		snprintf(buf, size, "ISA2+%s+%s+%s", publish, seen ? "mb" : "data",
			 followed ? "rmb" : "addr");
	else
		snprintf(buf, size, "ISA2+%s+rel+acq", publish);
}

/* 'A' or 'F': may somebody see the anon_vma before its constructor's stores? */
static char verdict(struct test *t, const struct machine *m, const struct anon_vma_variant *v,
		    enum order_shape shape)
{
	char row[32], said;

	row_name(row, sizeof(row), m, v, shape);
	said = litmus_verdict(row, m->model);
	EXPECT_MSG(t, said == 'A' || said == 'F', "no verdict of %s on %s", m->name, row);
	return said ? said : '?';
}

/* A machine that we run on must be told the same here as where its tests are judged. */
static void expect_same(struct test *t, const struct machine *m, const struct anon_vma_variant *v)
{
	bool allowed = order_expect(v->publish) == LITMUS_ALLOW;

	if (!m->ours || m->model != LITMUS_OWN_MODEL)
		return;
	EXPECT_MSG(t,
		   (verdict(t, m, v, SHAPE_TWO) == 'A') == allowed &&
			   (verdict(t, m, v, SHAPE_THREE) == 'A') == allowed,
		   "%s: rmap.%s.ordering is judged otherwise on %s", v->id, v->ops->name, m->name);
}

/* The table of variants must call right what is forbidden on our ports' ISAs, and nothing else. */
static void expect_table(struct test *t, const struct anon_vma_variant *v)
{
	bool allowed = false;

	for (unsigned int i = 0; i < ARRAY_SIZE(machines); i++)
		for (enum order_shape s = 0; s < SHAPE_NR && machines[i].ours; s++)
			allowed |= verdict(t, &machines[i], v, s) == 'A';
	EXPECT_MSG(t, allowed == (v->mech[MECH_ORDERING].expect != EXPECT_CLEAN),
		   "the table of variants thinks differently of %s", v->id);
}

/* What the thread, and what came of it, rests on; a busted table of barriers fails here. */
static void expect_known(struct test *t)
{
	static const struct {
		const char *variant, *machine, *verdicts; /* two, three, LRU */
	} known[] = {
		{ "v1", "ARMv8", "FFF" },	/* the first patch had the barrier */
		{ "v1", "Alpha-2008", "FAF" },	/* C3: but reclaim may not have its reader's */
		{ "v5", "x86-TSO", "FFF" },	/* where it was tested */
		{ "v5", "ARMv8", "AAA" },	/* C5, and C11: the LRU lock does not help */
		{ "v5", "Power-isync", "AAA" }, /* the acquire that needs no lwsync */
		{ "v5", "Alpha-2008", "AAF" },	/* its lock is a barrier, its reader has none */
		{ "v8", "Alpha-2008", "FFF" },	/* made for it, and enough for it ... */
		{ "v8", "RVWMO", "AAA" },	/* ... but not for what is weak in writing */
		{ "v9", "RVWMO", "FFF" },	{ "v9", "Alpha-2008", "FFF" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		for (unsigned int m = 0; m < ARRAY_SIZE(machines); m++)
			for (enum order_shape s = 0; s < SHAPE_NR; s++)
				if (!strcmp(machines[m].name, known[i].machine))
					EXPECT_MSG(t,
						   verdict(t, &machines[m],
							   anon_vma_variant_find(known[i].variant),
							   s) == known[i].verdicts[s],
						   "%s on %s is not %s", known[i].variant,
						   known[i].machine, known[i].verdicts);
}

/* "x86-TSO ARMv8 ..."; then "V0:FFF,AAA,... V1:...", machines in that order. */
static void test_models(struct test *t)
{
	static char names[128], all[2048];
	const struct anon_vma_variant *v;
	size_t n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(machines) && n < sizeof(names); i++)
		n += snprintf(names + n, sizeof(names) - n, "%s%s", i ? " " : "", machines[i].name);
	n = 0;
	for_each_anon_vma_variant(v) {
		if (!EXPECT(t, n < sizeof(all) - 64))
			return;
		if (v->mech[MECH_DEADLOCK].expect == EXPECT_CAUGHT)
			continue; /* nobody ever publishes */
		n += snprintf(all + n, sizeof(all) - n, "%s%s:", n ? " " : "", v->id);
		for (unsigned int m = 0; m < ARRAY_SIZE(machines); m++) {
			expect_same(t, &machines[m], v);
			all[n] = ',';
			n += m > 0;
			for (enum order_shape s = 0; s < SHAPE_NR; s++)
				all[n++] = verdict(t, &machines[m], v, s);
		}
		all[n] = '\0';
		expect_table(t, v);
	}
	expect_known(t);
	test_record(t, "\"machines\":\"%s\",\"verdicts\":\"%s\"", names, all);
}
TEST(rmap, models, TEST_ASSERT, test_models);
