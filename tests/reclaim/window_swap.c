/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of swap: a page on its way out is used again, one on its way in is brought by
 * another, moved, or no longer wanted; a slot loses its last entry while the page is locked.
 */
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <test/window.h>

/* ---- on the way out ---- */

static void expect_12(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->mm, PAGE_0 + 8, 2);
}

/* A page with a slot is mapped still: what is written to it goes out with it. */
WINDOW(reclaim, added_write, .at = "swapout.added", .first_in = IN_NONE, .first = window_reclaims,
       .second = window_writes_2, .check = expect_12);
WINDOW(reclaim, added_unmap, .at = "swapout.added", .first_in = IN_NONE, .first = window_reclaims,
       .second = window_unmaps);
/* It is locked: a write by another space than the one that has it last makes a copy. */
WINDOW(reclaim, added_share, .at = "swapout.added", .family = true, .first_in = IN_NONE,
       .first = window_reclaims, .second = window_writes_3, .check = window_expect_apart);

/* Cleared, not yet a slot's: no fault finds room there, nor anywhere in the space. */
WINDOW(reclaim, cleared_fault, .at = "unmap.cleared", .excluded = true, .first_in = IN_NONE,
       .first = window_reclaims, .second = window_writes_2, .check = expect_12);
static void look_none(struct window_run *r)
{
	EXPECT(r->t, pte_none(ptep_get(pte_lookup(r->mm, PAGE_0))));
}
WINDOW(reclaim, cleared_locked, .at = "unmap.cleared", .excluded = true, .first_in = IN_NONE,
       .first = window_reclaims, .look = look_none, .before = window_reads,
       .second = window_writes_next_2);

/* Taken back from the swap cache: it stays, with what it held. */
WINDOW(reclaim, unmapped_fault, .at = "swapout.unmapped", .until = "swapin.found",
       .first_in = IN_NONE, .first = window_reclaims, .second = window_writes_2,
       .check = expect_12);

/* Nobody wants it any more: the slot and the page go, whoever is last. */
static void expect_slot_free(struct window_run *r)
{
	expect_slots(r->t, 0);
}

WINDOW(reclaim, unmapped_unmap, .at = "swapout.unmapped", .first_in = IN_NONE,
       .first = window_reclaims, .second = window_unmaps, .check = expect_slot_free);
/* A reference keeps the page, but not in the swap cache: reclaim looks when it is done with it. */
WINDOW(reclaim, unmapped_unmap_held, .at = "swapout.unmapped", .hold = true, .first_in = IN_NONE,
       .first = window_reclaims, .second = window_unmaps, .check = expect_slot_free);
WINDOW(reclaim, unmapped_exit, .at = "swapout.unmapped", .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_reclaims, .second = window_child_exits);

static void parent_exits(struct window_run *r)
{
	struct mm_struct *mm = r->mm;

	r->mm = NULL;
	mmput(mm);
}

/* Nobody maps the page any more when its anon_vma, that was, is about to be locked. */
WINDOW(reclaim, mapping_exit, .at = "lock.mapping", .first_in = IN_NONE, .second_in = IN_NONE,
       .first = window_reclaims, .second = parent_exits);

/* ---- on the way in ---- */

static void goes_to_swap(struct window_run *r)
{
	EXPECT(r->t, !page_swap_out(r->mm, PAGE_0));
}

/* Both to swap, and the child's back: it is in the swap cache, as the parent needs the slot. */
static void child_has_it(struct window_run *r)
{
	goes_to_swap(r);
	window_expect(r, r->child, PAGE_0, 1);
}

static void expect_same_page(struct window_run *r)
{
	window_expect_same(r);
	EXPECT(r->t, page_at(r->mm, PAGE_0) == page_at(r->child, PAGE_0));
	expect_slots(r->t, 0);
}

/* Found in the swap cache, it leaves that, as another thread brings it. */
WINDOW(reclaim, found_brought, .at = "swapin.found", .family = true, .setup = child_has_it,
       .first = window_reads, .second = window_reads, .check = expect_same_page);

static void child_moves(struct window_run *r)
{
	EXPECT(r->t, !page_migrate(r->child, PAGE_0));
}

/* ... it is another frame by now. */
WINDOW(reclaim, found_moved, .at = "swapin.found", .family = true, .setup = child_has_it,
       .first = window_reads, .second = child_moves, .check = expect_same_page);
/* ... the other space, that had it, goes. */
WINDOW(reclaim, found_exit, .at = "swapin.found", .family = true, .setup = child_has_it,
       .second_in = IN_NONE, .first = window_reads, .second = window_child_exits,
       .check = expect_slot_free);

/* ... it goes to swap again, and would be free, had the finder not a reference since the lock. */
static void child_sends_it(struct window_run *r)
{
	page_swap_out(r->child, PAGE_0);
}

WINDOW(reclaim, found_unlocked, .unlocks = "swap_lock", .at = "window.unlocked", .family = true,
       .setup = child_has_it, .second_in = IN_NONE, .first = window_reads, .second = child_sends_it,
       .check = window_expect_same);

/*
 * ... it is another slot's, as the parent has been brought a copy meanwhile, and the child's has
 * gone to swap again, whose entry goes while we have the page lock, for nothing.
 */
static void page_gets_other_slot(struct window_run *r)
{
	window_reads(r);
	window_writes_2(r);
	window_writes_next_2(r);
	EXPECT(r->t, !page_swap_out(r->mm, PAGE_1)); /* to the slot that was the page's */
	EXPECT(r->t, page_swap_out(r->child, PAGE_0) == -EBUSY); /* CPU 0 has a reference */
	sync_point("window.elsewhere");
	sync_point("window.locked");
	window_child_exits(r);
	sync_point("window.gone");
}

static void expect_one_slot(struct window_run *r)
{
	expect_slots(r->t, 1);
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->mm, PAGE_0 + 8, 2);
}

WINDOW(reclaim, found_other_slot, .at = "swapin.found", .until = "window.elsewhere", .family = true,
       .setup = child_has_it, .first = window_reads, .second = page_gets_other_slot,
       .check = expect_one_slot,
       .more = { { .at = "window.locked", .cpu = 1, .until = "page.unlock" },
		 { .at = "page.unlock", .until = "window.gone", .until_cpu = 1 } });

/* There was no page of the slot; another thread of the space was quicker. */
WINDOW(reclaim, allocated_brought, .at = "swapin.allocated", .setup = goes_to_swap,
       .first = window_reads, .second = window_reads, .check = expect_slot_free);
/* ... another space was: one page, not two. */
WINDOW(reclaim, allocated_shared, .at = "swapin.allocated", .family = true, .setup = goes_to_swap,
       .second_in = IN_CHILD, .first = window_reads, .second = window_reads,
       .check = expect_same_page);

/* The slot is free, and then another page's. */
static void brings_and_sends_next(struct window_run *r)
{
	window_reads(r);
	window_writes_next_3(r);
	EXPECT(r->t, !page_swap_out(r->mm, PAGE_1));
}

static void expect_no_mix(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->mm, PAGE_1, 3);
}

WINDOW(reclaim, allocated_reused, .at = "swapin.allocated", .setup = goes_to_swap,
       .first = window_reads, .second = brings_and_sends_next, .check = expect_no_mix);
WINDOW(reclaim, entry_found_reused, .at = "fault.found", .setup = goes_to_swap,
       .first = window_reads, .second = brings_and_sends_next, .check = expect_no_mix);

/* Mapped, but locked: a write copies it, and the entry's reference is gone before the unlock. */
WINDOW(reclaim, mapped_write, .at = "swapin.mapped", .setup = goes_to_swap, .first = window_reads,
       .second = window_writes_2, .check = expect_12);
WINDOW(reclaim, mapped_exit, .at = "swapin.mapped", .family = true, .setup = goes_to_swap,
       .second_in = IN_NONE, .first = window_reads, .second = window_child_exits,
       .check = expect_slot_free);

/* Locked by who brings it: reclaim only tries. */
static void fails_to_reclaim(struct window_run *r)
{
	EXPECT(r->t, page_swap_out(r->mm, PAGE_0) == -EBUSY);
}

WINDOW(reclaim, mapped_swap, .at = "swapin.mapped", .setup = goes_to_swap, .first = window_reads,
       .second = fails_to_reclaim, .check = expect_slot_free);

/* ---- the last entry of a slot ---- */

/*
 * Who drops it cannot have the page lock, whose holder has looked at the slot already, and must
 * look again: the space has the page, and no slot.
 */
WINDOW(reclaim, trimmed_exit, .at = "swap.trimmed", .family = true, .setup = goes_to_swap,
       .second_in = IN_NONE, .first = window_reads, .second = window_child_exits,
       .check = expect_slot_free);

/* In between another has taken the page out of the swap cache, or all that is left of it. */
WINDOW(reclaim, last_entry_write, .at = "swap.last_entry", .family = true, .setup = child_has_it,
       .first_in = IN_PARENT, .second_in = IN_CHILD, .first = window_unmaps,
       .second = window_writes_2, .check = expect_slot_free);
WINDOW(reclaim, last_entry_unmap, .at = "swap.last_entry", .family = true, .setup = child_has_it,
       .first_in = IN_PARENT, .second_in = IN_CHILD, .first = window_unmaps,
       .second = window_unmaps, .check = expect_slot_free);

/* ... or has sent it to swap again: who drops the last entry has had a reference since the lock. */
static void expect_child_1(struct window_run *r)
{
	window_expect(r, r->child, PAGE_0, 1);
	expect_slots(r->t, 0);
}

WINDOW(reclaim, last_entry_unlocked, .unlocks = "swap_lock", .at = "window.unlocked",
       .family = true, .setup = child_has_it, .second_in = IN_NONE, .first = window_unmaps,
       .second = child_sends_it, .check = expect_child_1);

/* The entry that goes finds the page locked, as it moves: who moves it sees to the slot. */
WINDOW(reclaim, moved_last_entry, .at = "migrate.restored", .family = true, .setup = child_has_it,
       .first_in = IN_NONE, .first = child_moves, .second = window_unmaps,
       .check = expect_slot_free);

/*
 * A write looks whether it may have the page, and leaves the swap cache alone, as the child needs
 * it; when it has let go of the page it looks again.
 */
static void child_goes_swapped(struct window_run *r)
{
	goes_to_swap(r);
	window_expect(r, r->mm, PAGE_0, 1);
}

WINDOW(reclaim, reuse_exit, .at = "page.unlock", .family = true, .setup = child_goes_swapped,
       .second_in = IN_NONE, .first = window_writes_2, .second = window_child_exits,
       .check = expect_slot_free);

/* ---- the last reference of a page ---- */

static void isolates(struct window_run *r)
{
	bool isolated = lru_isolate_page(r->page);

	sync_point("window.isolated");
	sync_point("window.hold");
	if (EXPECT(r->t, isolated))
		putback_lru_page(r->page);
	sync_point("window.back");
}

/* CPU 0 comes to put.taken only if it takes its reference for the last: if not, it says so here. */
static void unmaps_and_passes(struct window_run *r)
{
	window_unmaps(r);
	sync_point("put.taken");
}

/*
 * It was the last one, and is not, since reclaim has found the page on the list, to which it comes
 * back before the page would be freed.
 */
WINDOW(reclaim, put_isolate, .at = "put.last", .until = "window.isolated", .second_in = IN_NONE,
       .first = unmaps_and_passes, .second = isolates,
       .more = { { .at = "window.hold", .cpu = 1, .until = "put.taken" },
		 { .at = "put.taken", .until = "window.back", .until_cpu = 1 } });

static void two_pages(struct window_run *r)
{
	window_writes_next_2(r);
}

static void unmaps_two_and_passes(struct window_run *r)
{
	EXPECT(r->t, !sys_munmap(PAGE_0, 2 * PAGE_SIZE));
	sync_point("put.taken");
}

/* The same for the first of several pages that are dropped together: the others are freed. */
WINDOW(reclaim, put_isolate_first, .at = "put.last", .until = "window.isolated",
       .second_in = IN_NONE, .setup = two_pages, .first = unmaps_two_and_passes, .second = isolates,
       .more = { { .at = "window.hold", .cpu = 1, .until = "put.taken" },
		 { .at = "put.taken", .until = "window.back", .until_cpu = 1 } });
