/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of fork: the child is on the anon_vma's list before it has an entry, and the parent's
 * entries are read-only before its CPUs know. Meanwhile reclaim and migration are at work on pages
 * of both, before fork comes to the entry or after.
 */
#include <arch/pgtable_user.h>
#include <test/window.h>

WINDOW(mm, fork_linked_swap, .at = "fork.linked", .second_in = IN_NONE, .first = window_forks,
       .second = window_reclaims, .check = window_expect_same);
WINDOW(mm, fork_linked_move, .at = "fork.linked", .second_in = IN_NONE, .first = window_forks,
       .second = window_migrates, .check = window_expect_same);

/* The child is on the list before it has an entry. */
static void look_not_copied(struct window_run *r)
{
	EXPECT_MSG(r->t, page_mapcount(r->page) == 1, "mapcount %d", page_mapcount(r->page));
}
WINDOW(mm, fork_links_first, .at = "list.half", .excluded = true, .second_in = IN_NONE,
       .first = window_forks, .look = look_not_copied, .second = window_reclaims,
       .check = window_expect_same);

/*
 * A walk comes to the parent before the child, or it would miss what is copied behind it:
 *
 *	fork			reclaim's walk, if the child came first
 *	list_add()
 *				the child's entry: none yet
 *	copies the entry
 *				the parent's entry: replaced; the child's remains
 */
WINDOW(mm, fork_order, .at = "fork.linked", .until = "walk.next", .second_in = IN_NONE,
       .first = window_forks, .second = window_reclaims, .check = window_expect_same,
       .more = { { .at = "walk.next", .cpu = 1, .until = "fork.copied" } });

static void expect_read_only(struct window_run *r)
{
	EXPECT(r->t, !pte_write(pte_at(r->mm, PAGE_0)) && !pte_write(pte_at(r->child, PAGE_0)));
	expect_write(r->t, PAGE_0, 3, "parent");
	window_expect_apart(r);
}

/* The copy of an entry of a page that moves: neither side may write to it when it has moved. */
WINDOW(mm, fork_moving, .at = "migrate.unmapped", .first_in = IN_NONE, .first = window_migrates,
       .second = window_forks, .check = expect_read_only);
WINDOW(mm, fork_moved, .at = "migrate.restored", .first_in = IN_NONE, .first = window_migrates,
       .second = window_forks, .check = expect_read_only);

/* ... and of one on its way to swap. */
WINDOW(mm, fork_swap_added, .at = "swapout.added", .first_in = IN_NONE, .first = window_reclaims,
       .second = window_forks, .check = window_expect_same);
WINDOW(mm, fork_swap_unmapped, .at = "swapout.unmapped", .first_in = IN_NONE,
       .first = window_reclaims, .second = window_forks, .check = window_expect_same);
/* While the entry is none it belongs to who has the lock. */
WINDOW(mm, fork_swap_cleared, .at = "unmap.cleared", .excluded = true, .first_in = IN_NONE,
       .first = window_reclaims, .second = window_forks, .check = window_expect_same);

static void writes_4(struct window_run *r)
{
	expect_write(r->t, PAGE_0 + 8, 4, "before the fork");
}

/* By what the TLB remembers, or not at all; before the child can run, which is no harm. */
static void writes_5_by_tlb(struct window_run *r)
{
	r->err[1] = tlb_write(PAGE_0 + 8, 5);
}

static void writes_6(struct window_run *r)
{
	expect_write(r->t, PAGE_0 + 8, 6, "after the fork");
}

static void expect_child_before(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0 + 8, 6);
	window_expect(r, r->child, PAGE_0 + 8, r->err[1] ? 4 : 5);
}

/* The parent's other CPU can write until the flush, and no longer. */
WINDOW(mm, fork_copied, .at = "fork.copied", .first = window_forks, .before = writes_4,
       .second = writes_5_by_tlb, .after = writes_6, .check = expect_child_before);

static void expect_tlb_forgot(struct window_run *r)
{
	EXPECT(r->t, tlb_write(PAGE_0 + 8, 5) < 0);
}

static void expect_child_4(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0 + 8, 6);
	window_expect(r, r->child, PAGE_0 + 8, 4);
}

WINDOW(mm, fork_flushed, .at = "tlb.flushed", .first = window_forks, .before = writes_4,
       .second = expect_tlb_forgot, .after = writes_6, .check = expect_child_4);
