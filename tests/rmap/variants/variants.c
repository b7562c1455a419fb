/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of variants: which there are, what each is expected to do under each mechanism, and
 * why; and how one is chosen. What a variant is, and where it goes wrong: the file of its name.
 *
 * The table outlives everything; which variant is in force is the memory manager's to know
 * (anon_vma_get_ops()).
 */
#include <kernel/fixture.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>

#include "variants.h"

static char opt_variant[OPT_STRING_MAX] = "default";
OPTION_CHOICE(anon_vma, "anon_vma", opt_variant,
	      "default|v0|v1|v2|v3|v3f|v4|v5|v6|v7|v8|v9|v10|w1|w2|w3|w4",
	      "variant of the anon_vma code");

const char *const mechanism_names[MECH_NR] = {
	[MECH_INTERLEAVING] = "interleaving", [MECH_REUSE] = "reuse",
	[MECH_RELEASE] = "release",	      [MECH_DEADLOCK] = "deadlock",
	[MECH_ORDERING] = "ordering",
};

/* ---- reasons that several variants share ---- */

#define LOCKED \
	{ \
		EXPECT_CLEAN, "the list is changed and walked under the lock alone" \
	}
#define WALKED \
	{ \
		EXPECT_CLEAN, "a stale locker walks the wrong list, under its lock: finds nothing" \
	}
#define FILTERED \
	{ \
		EXPECT_CLEAN, \
			"a stale locker finds the page unmapped under the lock, and gives up" \
	}
#define GUARDED \
	{ \
		EXPECT_CLEAN, \
			"page_mapped() before the lock, and the RCU reader around it, keep the " \
			"memory an anon_vma" \
	}
#define BALANCED \
	{ \
		EXPECT_CLEAN, "every lock is taken once and released on every way out" \
	}
#define WEAK \
	{ \
		EXPECT_UNOBSERVABLE, \
			"taking a lock does not order the constructor's earlier stores before " \
			"the pointer: wrong on arm64 and riscv64, on powerpc64 by how the lock " \
			"is taken (lwsync here: right); x86 keeps stores in order, and TCG on it" \
	}
#define ALPHA \
	{ \
		EXPECT_CLEAN, \
			"write barrier, and an address dependency, which orders loads on the " \
			"four ISAs; Alpha would want a barrier in page_lock_anon_vma() too" \
	}
#define STUCK \
	{ \
		EXPECT_UNOBSERVABLE, "the first fault deadlocks before anything else can happen" \
	}
#define DEADLOCKS \
	[MECH_INTERLEAVING] = STUCK, [MECH_REUSE] = STUCK, [MECH_RELEASE] = STUCK, \
	[MECH_ORDERING] = STUCK

/* ---- the table ---- */

const struct anon_vma_variant anon_vma_variants[] = {
	{
		.id = "V0",
		.author = "Linux 2.6.27",
		.date = "2008-10-09",
		.what = "locks a neighbour's anon_vma but no new one; publish, link",
		.ops = &anon_vma_ops_v0,
		.mech = {
			[MECH_INTERLEAVING] = { EXPECT_CAUGHT,
				"published before linked: a walk misses the entry" },
			[MECH_REUSE] = { EXPECT_CAUGHT,
				"the new object's list is changed while a stale locker holds it" },
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = { EXPECT_UNOBSERVABLE,
				"no barrier before the pointer: wrong on arm64 and riscv64, on "
				"powerpc64 by how the lock taken on the way orders; x86 keeps "
				"stores in order, and so does TCG on it" },
		},
	},
	{
		.id = "V1",
		.author = "Nick Piggin",
		.date = "2008-10-16",
		.what = "V0, but link, write barrier, publish",
		.ops = &anon_vma_ops_v1,
		.mech = {
			[MECH_INTERLEAVING] = { EXPECT_CLEAN,
				"linked before published: nobody finds the list without the area" },
			[MECH_REUSE] = { EXPECT_CAUGHT,
				"the new object's list is changed while a stale locker holds it" },
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = ALPHA,
		},
	},
	{
		.id = "V2",
		.author = "Linus Torvalds",
		.date = "2008-10-18",
		.what = "always locks; write barrier, publish, link",
		.ops = &anon_vma_ops_v2,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = ALPHA,
		},
	},
	{
		.id = "V3",
		.author = "Nick Piggin",
		.date = "2008-10-18",
		.what = "always locks; link, publish; reads page->mapping again; as posted",
		.ops = &anon_vma_ops_v3,
		.mech = {
			DEADLOCKS,
			[MECH_DEADLOCK] = { EXPECT_CAUGHT,
				"prepare takes the lock twice; a changed mapping leaves it held" },
		},
	},
	{
		.id = "V3f",
		.author = "Nick Piggin",
		.date = "2008-10-18",
		.what = "V3 with both slips mended",
		.ops = &anon_vma_ops_v3f,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "V4",
		.author = "Nick Piggin",
		.date = "2008-10-18",
		.what = "V3's prepare; looks at page_mapped() again under the lock; as posted",
		.ops = &anon_vma_ops_v4,
		.mech = {
			DEADLOCKS,
			[MECH_DEADLOCK] = { EXPECT_CAUGHT, "prepare takes the lock twice" },
		},
	},
	{
		.id = "V5",
		.author = "Linus Torvalds",
		.date = "2008-10-19",
		.what = "always locks; publish, link; Linux's order until 2026",
		.ops = &anon_vma_ops_v5,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "V6",
		.author = "Nick Piggin",
		.date = "2008-10-21",
		.what = "V5, and looks at page_mapped() again under the lock",
		.ops = &anon_vma_ops_v6,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = FILTERED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "V7",
		.author = "Nick Piggin",
		.date = "2008-10-21",
		.what = "V6, and leaves the RCU reader as soon as it has the lock",
		.ops = &anon_vma_ops_v7,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = FILTERED,
			[MECH_RELEASE] = { EXPECT_CLEAN,
				"mapped under the lock: the anon_vma cannot be freed before the "
				"unlock" },
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "V8",
		.author = "Linus Torvalds",
		.date = "2008-10-18",
		.what = "V5, and every lockless reader passes a dependency barrier",
		.ops = &anon_vma_ops_v8,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "V9",
		.author = "Jann Horn",
		.date = "2023-07-26",
		.what = "V5, and the pointer is published with a release; Linux since 2026",
		.ops = &anon_vma_ops_v9,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = { EXPECT_CLEAN,
				"release, and dependency-ordered loads" },
		},
	},
	{
		.id = "V10",
		.author = "for comparison",
		.date = "",
		.what = "V5, and each anon_vma is freed after a grace period",
		.ops = &anon_vma_ops_v10,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = { EXPECT_CLEAN,
				"not taken into use again while a reader may know it" },
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "W1",
		.author = "Nick Piggin, Hugh Dickins",
		.date = "2008-10-19",
		.what = "V5, but looks at page_mapped() only after it has the lock",
		.ops = &anon_vma_ops_w1,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = FILTERED,
			[MECH_RELEASE] = { EXPECT_CAUGHT,
				"takes a lock in memory that may have been anything for long" },
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "W2",
		.author = "Linus Torvalds",
		.date = "2008-10-18",
		.what = "V5, but a new anon_vma is initialised as locked",
		.ops = &anon_vma_ops_w2,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = { EXPECT_CAUGHT,
				"overwrites the lock that a stale locker holds" },
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = { EXPECT_CLEAN,
				"as long as nobody is robbed of the lock: see reuse" },
			[MECH_ORDERING] = { EXPECT_UNOBSERVABLE,
				"nothing but prepare_lock stands between the constructor's stores "
				"and the pointer: wrong on arm64 and riscv64, on powerpc64 by how "
				"a lock is taken; x86 keeps stores in order, and TCG on it" },
		},
	},
	{
		.id = "W3",
		.author = "before Christoph Lameter's change",
		.date = "",
		.what = "V7 without the second look at page_mapped()",
		.ops = &anon_vma_ops_w3,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = { EXPECT_CAUGHT,
				"nothing keeps the memory of a dead anon_vma whose lock is held; "
				"with classic RCU the holder's CPU holds the grace period off",
				.preempt_only = true },
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "W4",
		.author = "for comparison",
		.date = "",
		.what = "V5 on a cache whose pages do not wait for RCU",
		.ops = &anon_vma_ops_w4,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = WALKED,
			[MECH_RELEASE] = { EXPECT_CAUGHT,
				"takes a lock in memory that went back while the reader looked" },
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = WEAK,
		},
	},
	{
		.id = "default",
		.author = "Fencepost",
		.date = "",
		.what = "V9 with V6's second look: mm/rmap.c",
		.ops = &anon_vma_ops_modern,
		.mech = {
			[MECH_INTERLEAVING] = LOCKED,
			[MECH_REUSE] = FILTERED,
			[MECH_RELEASE] = GUARDED,
			[MECH_DEADLOCK] = BALANCED,
			[MECH_ORDERING] = { EXPECT_CLEAN,
				"release, and dependency-ordered loads" },
		},
	},
};

const unsigned int nr_anon_vma_variants = ARRAY_SIZE(anon_vma_variants);

/* ---- choosing ---- */

const struct anon_vma_variant *anon_vma_variant_find(const char *name)
{
	for (unsigned int i = 0; i < nr_anon_vma_variants; i++)
		if (!strcmp(anon_vma_variants[i].ops->name, name))
			return &anon_vma_variants[i];
	return NULL;
}

const struct anon_vma_variant *anon_vma_variant_current(void)
{
	const struct anon_vma_ops *ops = anon_vma_get_ops();
	unsigned int i = 0;

	while (i < nr_anon_vma_variants && anon_vma_variants[i].ops != ops)
		i++;
	BUG_IF(i == nr_anon_vma_variants, "%s is in no table", ops->name);
	return &anon_vma_variants[i];
}

int anon_vma_variant_set(const struct anon_vma_variant *v)
{
	int err = -ENOMEM;

	rcu_barrier();
	for (int i = 0; i < 100 && err == -ENOMEM; i++)
		err = anon_vma_set_ops(v->ops);
	return err;
}

static const struct anon_vma_variant *chosen; /* by the boot line */

static const char *variant_setup(void)
{
	chosen = anon_vma_variant_find(opt_variant);
	/* The option's choices are the table's names: rmap.variants_table. */
	BUG_ON(!chosen);
	if (chosen != anon_vma_variant_current() && anon_vma_variant_set(chosen))
		return "option 'anon_vma': the reverse map could not be changed over";
	return NULL;
}

/* A test that failed may have left another one. */
static void variant_restore(void)
{
	if (anon_vma_get_ops() != chosen->ops)
		anon_vma_variant_set(chosen);
}

static const char *variant_describe(void)
{
	return chosen->ops == &anon_vma_ops_modern ? NULL : chosen->ops->name;
}
FIXTURE(anon_vma, .setup = variant_setup, .end = variant_restore, .describe = variant_describe);

/* ---- what variants have in common ---- */

struct anon_vma *anon_vma_choose(struct vm_area_struct *vma, struct anon_vma **allocated)
{
	struct anon_vma *anon_vma = find_mergeable_anon_vma(vma);

	sync_point_on("prepare.found", vma);
	*allocated = NULL;
	if (!anon_vma)
		anon_vma = *allocated = anon_vma_alloc();
	return anon_vma;
}
