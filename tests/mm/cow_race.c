/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fault gives up page_table_lock, for memory, a copy or the swap cache, and when it has it again
 * takes an entry that is the same for one to which nothing happened: see mm/memory_fault.c. Here
 * things happen meanwhile, and the entry becomes the same again where it can.
 *
 *	CPU 0				CPU 1
 *	writes word 0, and stops
 *	in its fault
 *					writes word 1, with what makes the entry as it was
 *	goes on
 *
 * Both words must then be there.
 */
#include <arch/pgtable_user.h>
#include <kernel/busted.h>
#include <kernel/sync_point.h>
#include <mm/page_alloc.h>
#include <test/reclaim.h>

#define WAIT_US 5000000 /* so long each waits for the other, at most */
#define WORD(n) (TEST_ADDR + 8 * (n))

struct race {
	struct test *t;
	const struct scene *scene;
	struct mm_struct *parent, *child; /* the child shares the page; it may end */
	struct mm_struct *other;	  /* one more child, or NULL */
	pteval_t before;		  /* the entry when CPU 0 has stopped */
	bool same;			  /* and so it is again when that goes on */
	u64 last;			  /* that word 1 holds */
};

/* What makes the entry as it was. */
struct scene {
	const char *stop;		 /* where CPU 0's fault stops */
	void (*prepare)(struct race *r); /* before; in the parent */
	void (*meanwhile)(struct race *r);
	bool same;	  /* with nothing broken the entry is the same again */
	bool by_mapcount; /* a write is lost if mapcounts decide who may write in place */
};

static void child_ends(struct race *r)
{
	mmput(r->child);
	r->child = NULL;
}

/* A page that somebody has a reference to does not go, but its entries do. */
static void swap_out(struct race *r)
{
	page_swap_out(r->parent, TEST_ADDR);
	EXPECT(r->t, pte_is_swap(pte_at(r->parent, TEST_ADDR)));
}

static void write_word(struct race *r, u64 val)
{
	expect_write(r->t, WORD(1), val, "another word");
	r->last = val;
}

static void read_word(struct race *r)
{
	expect_read(r->t, WORD(1), r->last, "another word");
}

/* ---- scenes ---- */

/* The last user writes in place; the page goes to swap, and is read. */
static void write_in_place(struct race *r)
{
	child_ends(r);
	write_word(r, 2);
	swap_out(r);
	read_word(r);
}

/* The page goes to swap, and is written to when it comes back. */
static void write_from_swap(struct race *r)
{
	child_ends(r);
	swap_out(r);
	write_word(r, 2);
	swap_out(r);
	read_word(r);
}

/* It moves to another frame and is written to there: can it move back? */
static void write_elsewhere(struct race *r)
{
	struct page *page;

	child_ends(r);
	for (int i = 0; i < 2; i++) {
		page = page_get_at(r->parent, TEST_ADDR);
		if (EXPECT(r->t, page != NULL)) {
			EXPECT(r->t, !migrate_page(page));
			put_anon_page(page);
		}
		if (!i)
			write_word(r, 2);
	}
	swap_out(r);
	read_word(r);
}

static void out(struct race *r)
{
	swap_out(r);
}

/* In the swap cache, for the parent's sake: the child has it mapped. */
static void out_and_in_child(struct race *r)
{
	swap_out(r);
	space_switch(r->child);
	read_word(r);
	space_switch(r->parent);
}

/* The same, and it remains there, for the sake of one more. */
static void out_and_in_of_three(struct race *r)
{
	r->other = dup_mm(r->parent);
	EXPECT(r->t, r->other != NULL);
	out_and_in_child(r);
}

/* CPU 0 has found the page; another fault is quicker. */
static void quicker(struct race *r)
{
	write_word(r, 2);
}

/* CPU 0 has found the page; its contents get another one, and that the same slot. */
static void slot_used_again(struct race *r)
{
	read_word(r);
	child_ends(r);
	write_word(r, 2);
	swap_out(r);
}

/* The same, and the page, which the child keeps, has another slot. */
static void slot_and_page_used_again(struct race *r)
{
	struct page *page;

	read_word(r);
	write_word(r, 2);
	swap_out(r);
	page = page_get_at(r->child, TEST_ADDR);
	if (EXPECT(r->t, page != NULL))
		reclaim_page(page);
	EXPECT(r->t, pte_is_swap(pte_at(r->child, TEST_ADDR)));
	EXPECT(r->t, pte_at(r->child, TEST_ADDR) != pte_at(r->parent, TEST_ADDR));
}

/* CPU 0 has found none, and has memory for one; the slot gets other contents. */
static void slot_written_again(struct race *r)
{
	child_ends(r);
	write_word(r, 2);
	swap_out(r);
}

/* The same; the slot is free when CPU 0 comes to it. */
static void slot_freed(struct race *r)
{
	child_ends(r);
	write_word(r, 2);
}

/* The same; another page has come for the slot. */
static void slot_has_page(struct race *r)
{
	read_word(r);
}

/* Mapped by both as a page that was read: an entry is not dirty any more. */
static void clean(struct race *r)
{
	out_and_in_child(r);
	read_word(r);
}

static void unmap_page(struct race *r)
{
	child_ends(r);
	EXPECT(r->t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW) == TEST_ADDR);
	r->last = 0;
}

/* So far from everything else that it needs a table of its own, which goes with the mapping. */
static void unmap_all(struct race *r)
{
	EXPECT(r->t, !sys_munmap(TEST_ADDR, PAGE_SIZE));
	unmap_page(r);
}

static void zero_page_read(struct race *r)
{
	unmap_page(r);
	read_word(r);
}

/* Another first write; in swap, so that not even the rss differs. */
static void first_write(struct race *r)
{
	write_word(r, 2);
	swap_out(r);
}

static const struct scene scenes[] = {
	{ "cow.copied", clean, write_in_place, .by_mapcount = true },
	{ "cow.copied", clean, write_from_swap, .by_mapcount = true },
	{ "cow.copied", clean, write_elsewhere },
	{ "cow.copied", zero_page_read, first_write },
	{ "fault.allocated", unmap_page, first_write },
	{ "table.allocated", unmap_all, first_write },
	{ "swapin.found", out_and_in_of_three, quicker },
	{ "swapin.found", out_and_in_child, slot_used_again, .same = true },
	{ "swapin.found", out_and_in_child, slot_and_page_used_again, .same = true },
	{ "swapin.allocated", out, slot_written_again, .same = true },
	{ "swapin.allocated", out, slot_freed },
	{ "swapin.allocated", out, slot_has_page },
};

/* ---- the race ---- */

static void race_thread(struct crew *c, unsigned int me)
{
	struct race *r = c->arg;

	use_mm(r->parent);
	if (!me) {
		expect_write(c->t, WORD(0), 5, "the fault that stops");
	} else {
		sync_point("test.go");
		r->before = pte_at(r->parent, TEST_ADDR);
		r->scene->meanwhile(r);
		r->same = pte_at(r->parent, TEST_ADDR) == r->before;
		sync_point("test.done");
	}
	unuse_mm();
}

static void race_run(struct race *r)
{
	const struct sync_rule order[] = {
		{ "test.go", 1, r->scene->stop, 0, WAIT_US },
		{ r->scene->stop, 0, "test.done", 1, WAIT_US },
	};
	struct sync_stats first, second;

	sync_rules_arm(order, ARRAY_SIZE(order), 1);
	crew_run_fixed(r->t, 2, race_thread, r);
	sync_rule_stats_read(0, &first);
	sync_rule_stats_read(1, &second);
	sync_rules_disarm();
	EXPECT_MSG(r->t, first.met == 1 && second.met && !second.timed_out,
		   "at %s: met %lu and %lu, timed out %lu and %lu", r->scene->stop, first.met,
		   second.met, first.timed_out, second.timed_out);
}

/* Is what was written before CPU 0 went on lost? */
static bool write_lost(struct test *t, const struct scene *scene)
{
	struct race r = { .t = t, .scene = scene };
	u64 val = ~0ULL;

	r.parent = space_begin(t, 1);
	if (!r.parent)
		return false;
	write_word(&r, 1);
	r.child = dup_mm(r.parent);
	if (EXPECT(t, r.child != NULL)) {
		scene->prepare(&r);
		race_run(&r);
		expect_read(t, WORD(0), 5, "afterwards");
		EXPECT(t, !user_read64(WORD(1), &val));
	}
	if (r.child)
		child_ends(&r);
	if (r.other)
		mmput(r.other);
	space_end(r.parent);
	if (val != r.last)
		return true;
	if (!busted(BUSTED_REUSE_BY_MAPCOUNT))
		EXPECT_MSG(t, r.same == scene->same, "at %s: the entry is the same again: %d",
			   scene->stop, r.same);
	return false;
}

static void each_scene(struct test *t, bool twin)
{
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (swap_missing(t, 2))
		return;
	balance_begin(t, &b);
	for (unsigned int i = 0; i < ARRAY_SIZE(scenes) && !t->failures; i++) {
		bool lost;

		if (twin)
			busted_set(BUSTED_REUSE_BY_MAPCOUNT);
		lost = write_lost(t, &scenes[i]);
		busted_clear(BUSTED_REUSE_BY_MAPCOUNT);
		EXPECT_MSG(t, lost == (twin && scenes[i].by_mapcount),
			   "scene %u, at %s: a write was %s", i, scenes[i].stop,
			   lost ? "lost" : "not lost");
	}
	expect_slots(t, 0);
	balance_end(t, &b);
}

static void test_entry_same(struct test *t)
{
	each_scene(t, false);
}
TEST(mm, entry_same_race, TEST_RACE, test_entry_same, .min_cpus = 2);

/* The busted twin: who may write in place is not asked for references. */
static void test_entry_same_twin(struct test *t)
{
	each_scene(t, true);
}
TEST(mm, entry_same_twin, TEST_RACE, test_entry_same_twin, .min_cpus = 2);
