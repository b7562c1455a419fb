/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of migration: between the entries' end and their return the page belongs to nobody
 * but who moves it; spaces may fork, unmap, exit, and the anon_vma with them.
 */
#include <kernel/rcu.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/window.h>

static void expect_moved(struct window_run *r)
{
	EXPECT_MSG(r->t, !r->err[0], "error %ld", r->err[0]);
	EXPECT(r->t, page_at(r->mm, PAGE_0) != r->page);
	window_expect(r, r->mm, PAGE_0, 1);
	window_expect(r, r->mm, PAGE_0 + 8, 2);
}

/* ---- the contents ---- */

/* Written to before the entries go, as the walk begins: the copy is made after that. */
WINDOW(reclaim, walk_write, .at = "walk.begin", .first_in = IN_NONE, .first = window_migrates,
       .second = window_writes_2, .check = expect_moved);

/* The entry is none, and the lock is held until it says that the page moves. */
WINDOW(reclaim, moving_cleared, .at = "unmap.cleared", .excluded = true, .first_in = IN_NONE,
       .first = window_migrates, .second = window_writes_2, .check = expect_moved);

/* A write waits for the new frame. */
WINDOW(reclaim, unmapped_write, .at = "migrate.unmapped", .until = "migrate.wait",
       .first_in = IN_NONE, .first = window_migrates, .second = window_writes_2,
       .check = expect_moved);
WINDOW(reclaim, copied_write, .at = "migrate.copied", .until = "migrate.wait", .first_in = IN_NONE,
       .first = window_migrates, .second = window_writes_2, .check = expect_moved);
/* It is there already: no need to wait. */
WINDOW(reclaim, restored_write, .at = "migrate.restored", .first_in = IN_NONE,
       .first = window_migrates, .second = window_writes_2, .check = expect_moved);

/* The new frame is nobody's but ours, and locked, when it is about to be unlocked. */
WINDOW(reclaim, moved_unmap, .at = "swap.trimmed", .first_in = IN_NONE, .first = window_migrates,
       .second = window_unmaps);

/* ---- who waits, and for what ---- */

/* The old frame is nobody's but ours when we come to wait for it. */
WINDOW(reclaim, wait_late, .at = "migrate.copied", .until = "migrate.wait", .first_in = IN_NONE,
       .first = window_migrates, .second = window_writes_2, .check = expect_moved,
       .more = { { .at = "migrate.wait", .cpu = 1, .until = "window.left" } });
/* It has been so since the lock, which we have let go of. */
WINDOW(reclaim, wait_unlocked, .unlocks = "page_table_lock", .at = "migrate.copied",
       .until = "window.unlocked", .first_in = IN_NONE, .first = window_migrates,
       .second = window_writes_2, .check = expect_moved,
       .more = { { .at = "window.unlocked", .cpu = 1, .until = "window.left" } });
/* It is free before we have the lock: it must not be touched. */
WINDOW(reclaim, wait_found, .at = "migrate.copied", .until = "fault.found", .first_in = IN_NONE,
       .first = window_migrates, .second = window_writes_2, .check = expect_moved,
       .more = { { .at = "fault.found", .cpu = 1, .until = "window.left" } });

/* ---- spaces that go ---- */

static void expect_child_gone(struct window_run *r)
{
	EXPECT(r->t, !r->err[0]);
	window_expect(r, r->mm, PAGE_0, 1);
	EXPECT(r->t, page_mapcount(page_at(r->mm, PAGE_0)) == 1);
}

WINDOW(reclaim, unmapped_unmap_moving, .at = "migrate.unmapped", .first_in = IN_NONE,
       .first = window_migrates, .second = window_unmaps);
WINDOW(reclaim, unmapped_exit_moving, .at = "migrate.unmapped", .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_migrates, .second = window_child_exits,
       .check = expect_child_gone);
WINDOW(reclaim, restored_exit_moving, .at = "migrate.restored", .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_migrates, .second = window_child_exits,
       .check = expect_child_gone);

/* Between two entries the list stays as it is. */
WINDOW(reclaim, half_exit_moving, .at = "unmap.done", .excluded = true, .family = true,
       .first_in = IN_NONE, .second_in = IN_NONE, .first = window_migrates,
       .second = window_child_exits, .check = expect_child_gone);

static void parent_exits(struct window_run *r)
{
	struct mm_struct *mm = r->mm;

	r->mm = NULL;
	mmput(mm);
}

/* The last area goes: the walk that looks for the entries finds an empty list. */
WINDOW(reclaim, copied_exit_empty, .at = "migrate.copied", .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_migrates, .second = parent_exits,
       .more = { { .at = "walk.empty", .until = "window.through", .until_cpu = 1 } });

/* The last space goes, and the memory of its anon_vma would, were it not for our RCU reader. */
static void exits_and_gives_back(struct window_run *r)
{
	parent_exits(r);
	rcu_barrier();
	kmem_cache_shrink_all();
	synchronize_rcu();
	rcu_barrier();
}

WINDOW(reclaim, copied_exit_rcu, .at = "migrate.copied", .excluded = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_migrates, .second = exits_and_gives_back);
