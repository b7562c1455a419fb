/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The variants themselves: the table is whole, the memory manager can go over to each of them and
 * back, and each that is sound when one thread at a time uses it does all that the default does.
 * What goes wrong when several do: forced.c and free.c.
 *
 * Each test but one leaves the variant in force that it found.
 */
#include <kernel/fail.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <test/reclaim.h>

#include "forced.h"

#define PAGES	   16
/* Out of the way of TEST_ADDR's mapping; grows downwards. */
#define STACK_ADDR (TEST_ADDR + (64UL << 20))

static bool variant_set(struct test *t, const struct anon_vma_variant *v)
{
	int err = anon_vma_variant_set(v);

	EXPECT_MSG(t, !err, "%s: cannot be set: error %d", v->id, err);
	return EXPECT(t, err || anon_vma_variant_current() == v)
	&&!err;
}

/* Does each catch of @v name scenarios that there are? The forced tests see whether they catch. */
static void expect_catches(struct test *t, const struct anon_vma_variant *v)
{
	for (const struct variant_catch *c = v->catches; c->scenarios; c++) {
		unsigned int blanks = 0, found = 0;

		for (const char *s = c->scenarios; *s; s++)
			blanks += *s == ' ';
		for (unsigned int i = 0; i < nr_forced_scenarios; i++)
			found += forced_word_in(c->scenarios, forced_scenarios[i].name);
		EXPECT_MSG(t, found && found == blanks - 1, "%s: no such scenario in '%s'", v->id,
			   c->scenarios);
	}
	EXPECT(t, !v->catches[ARRAY_SIZE(v->catches) - 1].scenarios);
}

static void test_table(struct test *t)
{
	const struct anon_vma_variant *v;

	for_each_anon_vma_variant(v) {
		EXPECT(t, v->id && v->author && v->date && v->what && v->ops);
		EXPECT_MSG(t, v->ops->prepare && v->ops->lock && v->ops->unlock, "%s", v->id);
		/* By its name comes this one and no other. */
		EXPECT_MSG(t, anon_vma_variant_find(v->ops->name) == v, "%s", v->ops->name);
		expect_catches(t, v);
		for (unsigned int m = 0; m < MECH_NR; m++)
			EXPECT_MSG(t, v->mech[m].why, "%s: no reason under %s", v->id,
				   mechanism_names[m]);
	}
	EXPECT(t, !anon_vma_variant_find("") && !anon_vma_variant_find("v11"));
	EXPECT(t, anon_vma_variant_find("default")->ops == &anon_vma_ops_modern);
	/* There is a variant for every way to go wrong. */
	for (unsigned int m = 0; m < MECH_ORDERING; m++) {
		unsigned int wrong = 0;

		for_each_anon_vma_variant(v)
			wrong += v->mech[m].expect == EXPECT_CAUGHT;
		EXPECT_MSG(t, wrong, "nothing is wrong under %s", mechanism_names[m]);
	}
}
TEST(rmap, variants_table, TEST_ASSERT, test_table);

/* ---- going over ---- */

static void count_caches(const struct kmem_cache_stats *st, void *arg)
{
	if (!strcmp(st->name, "anon_vma"))
		(*(unsigned int *)arg)++;
}

static unsigned int nr_anon_vma_caches(void)
{
	unsigned int n = 0;

	kmem_cache_for_each(count_caches, &n);
	return n;
}

/* A page comes and goes. */
static void use_once(struct test *t)
{
	struct mm_struct *mm = space_begin(t, 1);

	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	EXPECT_MSG(t, anon_vma_count() == 1, "%lu anon_vmas", anon_vma_count());
	pages_check(t, 0, 1, 1, 1, "page");
	space_end(mm);
	EXPECT_MSG(t, anon_vma_count() == 0, "%lu anon_vmas", anon_vma_count());
}

static void test_set_ops_busy(struct test *t)
{
	const struct anon_vma_ops *before = anon_vma_get_ops();
	struct mm_struct *mm;
	struct mm_balance b;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	EXPECT(t, anon_vma_set_ops(anon_vma_variant_find("v5")->ops) == -EBUSY);
	EXPECT(t, anon_vma_get_ops() == before && nr_anon_vma_caches() == 1);
	pages_check(t, 0, 1, 1, 1, "page");
	space_end(mm);
	use_once(t);
	balance_end(t, &b);
}
TEST(rmap, set_ops_busy, TEST_ASSERT, test_set_ops_busy);

static void test_set_ops_nomem(struct test *t)
{
	const struct anon_vma_ops *before = anon_vma_get_ops();
	struct mm_balance b;
	int err;

	balance_begin(t, &b);
	fail_inject(FAIL_PAGE, 1, rng_next(&t->rng));
	err = anon_vma_set_ops(anon_vma_variant_find("v5")->ops);
	fail_inject(FAIL_PAGE, 0, 0);
	EXPECT_MSG(t, err == -ENOMEM, "error %d", err);
	EXPECT(t, anon_vma_get_ops() == before && nr_anon_vma_caches() == 1);
	use_once(t);
	balance_end(t, &b);
}
TEST(rmap, set_ops_nomem, TEST_ASSERT, test_set_ops_nomem);

/* Each kind of cache after each other, with slabs that are still on their way through RCU. */
static void test_set_ops(struct test *t)
{
	const struct anon_vma_variant *before = anon_vma_variant_current();
	const struct anon_vma_variant *deflt = anon_vma_variant_find("default"), *v;
	struct mm_balance b;

	balance_begin(t, &b);
	for_each_anon_vma_variant(v) {
		if (t->failures || !variant_set(t, deflt))
			break;
		use_once(t);
		kmem_cache_shrink_all();
		if (!variant_set(t, v))
			break;
		EXPECT_MSG(t, nr_anon_vma_caches() == 1, "%u caches", nr_anon_vma_caches());
	}
	variant_set(t, before);
	balance_end(t, &b);
}
TEST(rmap, set_ops, TEST_ASSERT, test_set_ops);

/* Leaves another variant in force: whichever of the two comes second sees that it did not stay. */
static void test_left(struct test *t)
{
	static const struct anon_vma_variant *first;

	if (!first)
		first = anon_vma_variant_current();
	EXPECT(t, anon_vma_variant_current() == first);
	variant_set(t, anon_vma_variant_find(strcmp(first->id, "V9") ? "v9" : "v5"));
}
TEST(rmap, variant_left_a, TEST_ASSERT, test_left);
TEST(rmap, variant_left_b, TEST_ASSERT, test_left);

/* ---- one thread at a time ---- */

static void migrate_one(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	struct page *page = page_get_at(mm, addr);
	int err = page ? migrate_page(page) : -ENOENT;

	if (page)
		put_anon_page(page);
	EXPECT_MSG(t, !err, "migration of %lx: error %d", addr, err);
}

/* The page that two spaces share is found by both entries. */
static void walk_shared(struct test *t, struct mm_struct *mm)
{
	struct page *page = page_get_at(mm, TEST_ADDR);

	if (!EXPECT(t, page != NULL))
		return;
	EXPECT_MSG(t, page_mapcount(page) == 2, "mapcount %d", page_mapcount(page));
	page_referenced(page);
	EXPECT(t, !page_referenced(page));
	put_anon_page(page);
}

static void split_and_merge(struct test *t, struct mm_struct *mm)
{
	EXPECT(t, !sys_mprotect(TEST_ADDR + 5 * PAGE_SIZE, PAGE_SIZE, VM_READ));
	EXPECT_MSG(t, mm->map_count == 3, "%lu areas", mm->map_count);
	pages_check(t, 0, PAGES, 1, 1, "split");
	EXPECT(t, !sys_mprotect(TEST_ADDR + 5 * PAGE_SIZE, PAGE_SIZE, RW));
	EXPECT_MSG(t, mm->map_count == 1, "%lu areas", mm->map_count);
	/* What fills a hole between two areas takes the anon_vma of its neighbours. */
	EXPECT(t, !sys_munmap(TEST_ADDR + 9 * PAGE_SIZE, PAGE_SIZE));
	EXPECT(t, sys_mmap(TEST_ADDR + 9 * PAGE_SIZE, PAGE_SIZE, RW | VM_EXEC) > 0);
	pages_stamp(t, 9, 1, 1, 1);
	EXPECT_MSG(t, anon_vma_count() == 1, "%lu anon_vmas", anon_vma_count());
}

static void grow_stack(struct test *t)
{
	EXPECT(t, sys_mmap(STACK_ADDR, PAGE_SIZE, RW | VM_GROWSDOWN) > 0);
	for (unsigned long i = 0; i < 4; i++)
		expect_write(t, STACK_ADDR - i * PAGE_SIZE, i, "stack");
	EXPECT_MSG(t, anon_vma_count() == 2, "%lu anon_vmas", anon_vma_count());
}

/* The life of a process and its child: fault, split, merge, fork, stack, swap, migration, exit. */
static void life(struct test *t)
{
	struct mm_struct *mm = space_begin(t, PAGES), *child;

	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	split_and_merge(t, mm);
	grow_stack(t);
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		walk_shared(t, mm);
		migrate_one(t, mm, TEST_ADDR);
		walk_shared(t, mm);
		space_switch(child);
		pages_stamp(t, 1, 2, 2, 2);
		for (unsigned long i = 0; i < 4 && swap_slots(); i++)
			EXPECT(t, !page_swap_out(child, TEST_ADDR + i * PAGE_SIZE));
		pages_check(t, 1, 2, 2, 2, "child's own");
		pages_check(t, 3, PAGES - 3, 1, 1, "child");
		space_switch(mm);
		mmput(child);
	}
	pages_check(t, 0, PAGES, 1, 1, "parent");
	space_end(mm);
	EXPECT_MSG(t, anon_vma_count() == 0, "%lu anon_vmas", anon_vma_count());
}

/*
 * Can one thread at a time use @v? Not if it deadlocks with itself; and V0's very first insertion,
 * without the lock that it should hold, is what a debug build reports.
 */
static bool is_usable(const struct anon_vma_variant *v)
{
	if (v->mech[MECH_DEADLOCK].expect == EXPECT_CAUGHT)
		return false;
	return !sync_points_enabled() || v->mech[MECH_INTERLEAVING].expect != EXPECT_CAUGHT;
}

static void test_alone(struct test *t)
{
	static const char *const flavours[] = { "classic", "preempt" };
	const struct anon_vma_variant *before = anon_vma_variant_current(), *v;
	const char *flavour_before = rcu_flavour();
	unsigned int ran = 0;
	struct mm_balance b;

	balance_begin(t, &b);
	for (unsigned int f = 0; f < ARRAY_SIZE(flavours) && !t->failures; f++) {
		EXPECT(t, !rcu_set_flavour(flavours[f]));
		for_each_anon_vma_variant(v) {
			if (!is_usable(v))
				continue;
			if (t->failures || !variant_set(t, v))
				break;
			life(t);
			ran++;
			if (t->failures)
				test_record(t, "\"failed_with\":\"%s\"", v->id);
		}
	}
	EXPECT(t, !rcu_set_flavour(flavour_before));
	variant_set(t, before);
	test_record(t, "\"lives\":%u", ran);
	balance_end(t, &b);
}
TEST(rmap, variants_alone, TEST_ASSERT, test_alone);
