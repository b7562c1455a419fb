/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a variant is found and chosen. What it is, what it is expected to do, and where it goes
 * wrong: the file of its name.
 *
 * The table is the linker's and constant; which variant is in force is the memory manager's to know
 * (anon_vma_get_ops()).
 */
#include <kernel/fixture.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>

#include "variant.h"

static char opt_variant[OPT_STRING_MAX] = "default";
OPTION(anon_vma, "anon_vma", OPT_STRING, opt_variant, 0, 0, "variant of the anon_vma code");

const char *const mechanism_names[MECH_NR] = {
	[MECH_INTERLEAVING] = "interleaving", [MECH_REUSE] = "reuse",
	[MECH_RELEASE] = "release",	      [MECH_DEADLOCK] = "deadlock",
	[MECH_ORDERING] = "ordering",
};

/* ---- choosing ---- */

const struct anon_vma_variant *anon_vma_variant_find(const char *name)
{
	const struct anon_vma_variant *v;

	for_each_anon_vma_variant(v)
		if (!strcmp(v->ops->name, name))
			return v;
	return NULL;
}

const struct anon_vma_variant *anon_vma_variant_current(void)
{
	const struct anon_vma_ops *ops = anon_vma_get_ops();
	const struct anon_vma_variant *v;

	for_each_anon_vma_variant(v)
		if (v->ops == ops)
			return v;
	panic("%s is in no table", ops->name);
}

const struct anon_vma_variant *variant_under_test(struct test *t)
{
	const struct variant_test *about = t->tc->data;
	const struct anon_vma_variant *v = anon_vma_variant_find(about->variant);

	EXPECT_MSG(t, v, "there is no variant %s", about->variant);
	return v;
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

/* There is no such variant: with the names that there are. */
static const char *unknown_variant(void)
{
	static char why[512];
	const struct anon_vma_variant *v;
	char shown[64];
	int n;

	str_copy_printable(shown, sizeof(shown), opt_variant, strlen(opt_variant));
	n = snprintf(why, sizeof(why), "option 'anon_vma': '%s' is none of", shown);
	for_each_anon_vma_variant(v)
		if (n < (int)sizeof(why))
			n += snprintf(why + n, sizeof(why) - n, " %s", v->ops->name);
	return why;
}

static const char *variant_setup(void)
{
	chosen = anon_vma_variant_find(opt_variant);
	if (!chosen)
		return unknown_variant();
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
