/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of copy on write: while the copy is made without a lock the page may be written to,
 * swapped out, moved, or lose its other mappers; and while the entry is changed under the lock
 * others must not get at the page.
 */
#include <test/window.h>

/* ---- the copy is made, the lock not yet taken ---- */

WINDOW(mm, copied_write, .at = "cow.copied", .family = true, .first = window_writes_3,
       .second = window_writes_2, .check = window_expect_both);
WINDOW(mm, copied_swap, .at = "cow.copied", .family = true, .first = window_writes_3,
       .second = window_reclaims, .check = window_expect_apart);
WINDOW(mm, copied_move, .at = "cow.copied", .family = true, .first = window_writes_3,
       .second = window_migrates, .check = window_expect_apart);

static void expect_3(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 3);
	window_expect(r, r->mm, PAGE_0 + 8, 0);
}

/* The other mapper goes: then it was copied for nothing, but right. */
WINDOW(mm, copied_exit, .at = "cow.copied", .family = true, .second_in = IN_NONE,
       .first = window_writes_3, .second = window_child_exits, .check = expect_3);

/* The child goes, and the one who copies is told by nothing in the entry that a thread wrote. */
static void exits_and_writes(struct window_run *r)
{
	window_child_exits(r);
	window_writes_2(r);
}

WINDOW(mm, copied_exit_write, .at = "cow.copied", .family = true, .first = window_writes_3,
       .second = exits_and_writes, .check = window_expect_both);

/* So the entry is as it will be when the page comes from there once more. */
static void comes_from_swap(struct window_run *r)
{
	window_reclaims(r);
	window_reads(r);
}

static void swapped_and_back(struct window_run *r)
{
	window_child_exits(r);
	window_writes_2(r);
	window_reclaims(r);
	window_reads(r);
}

/* The same; and then the page goes to swap and comes back, with the same entry bit for bit. */
WINDOW(mm, copied_exit_swap, .at = "cow.copied", .family = true, .setup = comes_from_swap,
       .first = window_writes_3, .second = swapped_and_back, .check = window_expect_both);

/* ---- the zero page ---- */

WINDOW(mm, copied_zero_write, .at = "cow.copied", .setup = window_reads_next,
       .first = window_writes_next_3, .second = window_writes_next_2,
       .check = window_expect_next_both);

static void reads_next_by_tlb(struct window_run *r)
{
	u64 val = 0;

	if (!tlb_read(PAGE_1, &val))
		EXPECT_MSG(r->t, !val, "%llu", (unsigned long long)val);
}

static void expect_next_3_here(struct window_run *r)
{
	expect_read(r->t, PAGE_1, 3, "after the copy");
}

/* CPU 1 knows the zero page there, and has to forget it. */
WINDOW(mm, zero_flush, .at = "cow.done", .first = window_writes_next_3, .before = window_reads_next,
       .second = reads_next_by_tlb, .after = expect_next_3_here);

/* ---- under the lock ---- */

/* Until the old page is flushed and the new one there, nobody comes to the entry. */
WINDOW(mm, cow_flush_locked, .at = "tlb.flush", .excluded = true, .family = true, .hold = true,
       .first = window_writes_3, .second = window_looks, .check = window_expect_apart);
/* ... nor is the old page still counted when they do. */
static void look_dropped(struct window_run *r)
{
	EXPECT_MSG(r->t, page_mapcount(r->page) == 1, "mapcount %d", page_mapcount(r->page));
}
WINDOW(mm, cow_done_locked, .at = "cow.done", .excluded = true, .family = true,
       .first = window_writes_3, .look = look_dropped, .second = window_reclaims,
       .check = window_expect_apart);

/* Until then the page is counted: else another space's write fault takes it for its own. */
static void look_counted(struct window_run *r)
{
	EXPECT_MSG(r->t, page_mapcount(r->page) == 2, "mapcount %d", page_mapcount(r->page));
	EXPECT_MSG(r->t, page_count(r->page) >= 2, "count %d", page_count(r->page));
}

static void child_writes(struct window_run *r)
{
	expect_write(r->t, PAGE_0 + 8, 5, "child");
}

static void expect_child_5(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 3);
	window_expect(r, r->mm, PAGE_0 + 8, 0);
	window_expect(r, r->child, PAGE_0, 1);
	window_expect(r, r->child, PAGE_0 + 8, 5);
}

WINDOW(mm, cow_counted, .at = "tlb.flushed", .family = true, .second_in = IN_CHILD,
       .first = window_writes_3, .look = look_counted, .second = child_writes,
       .check = expect_child_5);

static void expect_no_old(struct window_run *r)
{
	u64 val = 0;

	EXPECT_MSG(r->t, tlb_read(PAGE_0, &val) < 0, "read %llu", (unsigned long long)val);
}

static void expect_3_here(struct window_run *r)
{
	expect_read(r->t, PAGE_0, 3, "after the copy");
}

/* After the flush the old entry is no more: a read would fill the TLB with it anew. */
WINDOW(mm, cow_flushed, .at = "tlb.flushed", .family = true, .first = window_writes_3,
       .before = window_reads, .second = expect_no_old, .after = expect_3_here,
       .check = window_expect_apart);

/* ---- a page in other hands is not one's own ---- */

static void child_written(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->mm, PAGE_0 + 8, 0);
	window_expect(r, r->child, PAGE_0, 1);
	window_expect(r, r->child, PAGE_0 + 8, 5);
}

/* The first of two entries is replaced: mapcount 1, and yet the page is the parent's too. */
WINDOW(mm, reuse_swap, .at = "unmap.done", .family = true, .first_in = IN_NONE,
       .second_in = IN_CHILD, .first = window_reclaims, .second = child_writes,
       .check = child_written);
WINDOW(mm, reuse_move, .at = "unmap.done", .family = true, .first_in = IN_NONE,
       .second_in = IN_CHILD, .first = window_migrates, .second = child_writes,
       .check = child_written);

/* The copier has let go of the lock: without a reference the page would be free, or another's. */
static void exits_and_reclaims(struct window_run *r)
{
	window_child_exits(r);
	window_reclaims(r);
}

static void expect_3_again(struct window_run *r)
{
	expect_3(r);
	expect_slots(r->t, 0);
}

WINDOW(mm, shared_unlocked, .unlocks = "page_table_lock", .at = "window.unlocked", .family = true,
       .second_in = IN_NONE, .first = window_writes_3, .second = exits_and_reclaims,
       .check = expect_3_again);
