/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows before and after a flush that is due (mm/tlb_batch.c): CPU 1 knows the page. What it
 * may do with it by its TLB is tried in batch.c, several times, for a TLB may forget.
 */
#include <test/window.h>

static void expect_no_write(struct window_run *r)
{
	EXPECT(r->t, tlb_write(PAGE_0 + 8, 6) < 0);
}

/* After it nothing is written; the entry was none before, or this would fill the TLB anew. */
WINDOW(reclaim, flushed_none, .at = "batch.flushed", .first_in = IN_NONE, .first = window_reclaims,
       .before = window_writes_2, .second = expect_no_write, .after = window_writes_3,
       .check = window_expect_both);
WINDOW(reclaim, flushed_none_moving, .at = "batch.flushed", .first_in = IN_NONE,
       .first = window_migrates, .before = window_writes_2, .second = expect_no_write,
       .after = window_writes_3, .check = window_expect_both);

/* Nobody has page_table_lock meanwhile. */
WINDOW(reclaim, due_unlocked, .at = "batch.flush", .first_in = IN_NONE, .first = window_reclaims,
       .before = window_reads, .second = window_writes_next_2);

/* What is there next has nothing of what was there before. */
static void maps_anew(struct window_run *r)
{
	tlb_write(PAGE_0 + 8, 5); /* if the TLB has the page still */
	EXPECT(r->t, sys_mmap(PAGE_0, PAGE_SIZE, RW) == (long)PAGE_0);
	expect_read(r->t, PAGE_0 + 8, 0, "mapped anew");
	expect_write(r->t, PAGE_0 + 8, 7, "mapped anew");
}

static void expect_7(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_0, 0);
	window_expect(r, r->mm, PAGE_0 + 8, 7);
}

WINDOW(reclaim, due_remap, .at = "batch.flush", .first_in = IN_NONE, .first = window_reclaims,
       .before = window_writes_2, .second = maps_anew, .check = expect_7);

/* ---- exit ---- */

/* The space is no more when the flush is done, and its memory may be another's. */
static void exits(struct window_run *r)
{
	struct mm_struct *mm = r->mm, *other = mm_alloc();

	r->mm = NULL;
	mmput(mm);
	if (EXPECT(r->t, other != NULL))
		mmput(other);
}

WINDOW(reclaim, due_exit, .at = "batch.flush", .first_in = IN_NONE, .second_in = IN_NONE,
       .first = window_reclaims, .second = exits);
WINDOW(reclaim, due_exit_moving, .at = "batch.flush", .first_in = IN_NONE, .second_in = IN_NONE,
       .first = window_migrates, .second = exits);
