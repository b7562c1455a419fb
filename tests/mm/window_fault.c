/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of faults: an entry, a table, an anon_vma, a stack's limits that were looked at
 * without the lock may be something else when it is held.
 */
#include <test/window.h>

/* ---- between the look at the entry and the lock ---- */

/* Another thread's page is there by then. */
WINDOW(mm, found_none_write, .at = "fault.found", .first = window_writes_next_3,
       .second = window_writes_next_2, .check = window_expect_next_both);

static void expect_next_2(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_1 + 8, 2);
}

/* A read that would map the zero page. */
WINDOW(mm, found_none_read, .at = "fault.found", .first = window_reads_next,
       .second = window_writes_next_2, .check = expect_next_2);

/* A fault on an entry that permits the access, as of a TLB that is behind. */
static void faults_again(struct window_run *r)
{
	down_read(&r->mm->mmap_sem);
	EXPECT(r->t, !handle_mm_fault(r->mm, find_vma(r->mm, PAGE_0), PAGE_0, FAULT_WRITE));
	up_read(&r->mm->mmap_sem);
}

static void expect_one(struct window_run *r)
{
	EXPECT_MSG(r->t, !r->err[1], "error %ld", r->err[1]);
	window_expect(r, r->mm, PAGE_0, 1);
}

static pteval_t left; /* in the page's place */

static void reclaims_and_notes(struct window_run *r)
{
	window_reclaims(r);
	left = pte_at(r->mm, PAGE_0);
	EXPECT_MSG(r->t, !pte_present(left) && !pte_none(left), "%llx was left",
		   (unsigned long long)left);
}

static void expect_as_left(struct window_run *r)
{
	pteval_t pte = pte_at(r->mm, PAGE_0);

	EXPECT_MSG(r->t, pte == left, "%llx, not %llx", (unsigned long long)pte,
		   (unsigned long long)left);
	expect_one(r);
}

/* The flags of an entry that names a slot by now are no flags. */
WINDOW(mm, found_permitted_swap, .at = "fault.found", .first = faults_again,
       .second = reclaims_and_notes, .check = expect_as_left);
WINDOW(mm, found_permitted_move, .at = "fault.found", .first = faults_again,
       .second = window_migrates, .check = expect_one);

/* A shared page that was about to be copied is gone to swap, or elsewhere. */
WINDOW(mm, found_shared_swap, .at = "fault.found", .family = true, .first = window_writes_3,
       .second = window_reclaims, .check = window_expect_apart);
WINDOW(mm, found_shared_move, .at = "fault.found", .family = true, .first = window_writes_3,
       .second = window_migrates, .check = window_expect_apart);
/* Another thread has copied it. */
WINDOW(mm, found_shared_write, .at = "fault.found", .family = true, .first = window_writes_3,
       .second = window_writes_2, .check = window_expect_both);

/* ---- new pages, tables and anon_vmas ---- */

WINDOW(mm, fault_allocated, .at = "fault.allocated", .first = window_writes_next_3,
       .second = window_writes_next_2, .check = window_expect_next_both);
/* Who reads maps the zero page, which the page that was allocated must replace by a copy. */
static void expect_next_3(struct window_run *r)
{
	window_expect(r, r->mm, PAGE_1, 3);
}
WINDOW(mm, fault_allocated_read, .at = "fault.allocated", .first = window_writes_next_3,
       .second = window_reads_next, .check = expect_next_3);

#define FAR (TEST_ADDR + (2UL << 30)) /* another leaf table */

static void map_far(struct window_run *r)
{
	EXPECT(r->t, sys_mmap(FAR, 2 * PAGE_SIZE, RW) == FAR);
}

static void writes_far(struct window_run *r)
{
	expect_write(r->t, FAR, 3, "far");
}

static void writes_far_next(struct window_run *r)
{
	expect_write(r->t, FAR + PAGE_SIZE, 2, "far, next page");
}

static void expect_far(struct window_run *r)
{
	window_expect(r, r->mm, FAR, 3);
	window_expect(r, r->mm, FAR + PAGE_SIZE, 2);
}

/* Two that need the same table. */
WINDOW(mm, table_allocated, .at = "table.allocated", .setup = map_far, .first = writes_far,
       .second = writes_far_next, .check = expect_far);

/* Both pages are found by the reverse map: the area is on one list, once. */
static void expect_both_go(struct window_run *r)
{
	EXPECT(r->t, page_at(r->mm, PAGE_0)->mapping == page_at(r->mm, PAGE_1)->mapping);
	EXPECT(r->t, !page_swap_out(r->mm, PAGE_0) && !page_swap_out(r->mm, PAGE_1));
	window_expect(r, r->mm, PAGE_0, 3);
	window_expect(r, r->mm, PAGE_1 + 8, 2);
}

/* Two first faults, each with a new anon_vma of its own: prepare_lock says whose it will be. */
WINDOW(mm, prepare_checked, .at = "prepare.checked", .excluded = true, .untouched = true,
       .first = window_writes_3, .second = window_writes_next_2, .check = expect_both_go);
/* The later one finds that it has made his for nothing. */
WINDOW(mm, prepare_found, .at = "prepare.found", .untouched = true, .first = window_writes_3,
       .second = window_writes_next_2, .check = expect_both_go);
WINDOW(mm, prepare_locked, .at = "prepare.locked", .untouched = true, .first = window_writes_3,
       .second = window_writes_next_2, .check = expect_both_go);

/* ---- stacks ---- */

#define DOWN  (TEST_ADDR + (64UL << 20)) /* the lowest page of a stack that grows downwards */
#define UP    (TEST_ADDR + (96UL << 20)) /* the only page of one that grows upwards */
#define ABOVE (UP + 7 * PAGE_SIZE)	 /* of one above it, which grows downwards */

static void map_stacks(struct window_run *r)
{
	EXPECT(r->t, sys_mmap(DOWN, PAGE_SIZE, RW | VM_GROWSDOWN) == DOWN);
	EXPECT(r->t, sys_mmap(UP, PAGE_SIZE, RW | VM_GROWSUP) == UP);
	EXPECT(r->t, sys_mmap(ABOVE, PAGE_SIZE, RW | VM_GROWSDOWN) == ABOVE);
	expect_write(r->t, DOWN, 1, "stack");
}

static void grows_down_2(struct window_run *r)
{
	expect_write(r->t, DOWN - 2 * PAGE_SIZE, 3, "stack, two pages down");
}

static void grows_down_5(struct window_run *r)
{
	expect_write(r->t, DOWN - 5 * PAGE_SIZE, 2, "stack, five pages down");
}

static void check_areas(struct window_run *r)
{
	down_read(&r->mm->mmap_sem);
	mm_check(r->mm);
	up_read(&r->mm->mmap_sem);
}

static void expect_grown_down(struct window_run *r)
{
	check_areas(r);
	window_expect(r, r->mm, DOWN - 2 * PAGE_SIZE, 3);
	window_expect(r, r->mm, DOWN - 5 * PAGE_SIZE, 2);
	EXPECT(r->t, find_vma(r->mm, DOWN)->vm_start == DOWN - 5 * PAGE_SIZE);
}

/* Another fault has made the stack larger than this one needs: it must not shrink. */
WINDOW(mm, expand_down, .at = "expand.prepared", .setup = map_stacks, .first = grows_down_2,
       .second = grows_down_5, .check = expect_grown_down);

static void grows_up_1(struct window_run *r)
{
	expect_write(r->t, UP + PAGE_SIZE, 3, "stack, one page up");
}

static void grows_up_3(struct window_run *r)
{
	expect_write(r->t, UP + 3 * PAGE_SIZE, 2, "stack, three pages up");
}

static void expect_grown_up(struct window_run *r)
{
	check_areas(r);
	window_expect(r, r->mm, UP + PAGE_SIZE, 3);
	window_expect(r, r->mm, UP + 3 * PAGE_SIZE, 2);
	EXPECT(r->t, find_vma(r->mm, UP)->vm_end == UP + 4 * PAGE_SIZE);
}

WINDOW(mm, expand_up, .at = "expand.prepared", .setup = map_stacks, .first = grows_up_1,
       .second = grows_up_3, .check = expect_grown_up);

/* The lower of two wants a page that the upper one has come close to. */
static void wants_up_2(struct window_run *r)
{
	r->err[0] = user_write64(UP + 2 * PAGE_SIZE, 3);
}

static void upper_comes_down(struct window_run *r)
{
	for (unsigned long addr = ABOVE - PAGE_SIZE; addr > UP + 2 * PAGE_SIZE; addr -= PAGE_SIZE)
		expect_write(r->t, addr, 2, "upper stack");
}

static void expect_no_room(struct window_run *r)
{
	check_areas(r);
	EXPECT_MSG(r->t, r->err[0] == -EFAULT, "error %ld", r->err[0]);
	EXPECT(r->t, find_vma(r->mm, UP)->vm_end == UP + PAGE_SIZE);
}

WINDOW(mm, expand_facing, .at = "expand.prepared", .setup = map_stacks, .first = wants_up_2,
       .second = upper_comes_down, .check = expect_no_room);

/* What is between two stacks becomes a part of the upper one, while it is asked which is nearer. */
static void writes_between(struct window_run *r)
{
	expect_write(r->t, UP + 3 * PAGE_SIZE, 3, "between two stacks");
}

static void upper_comes_past(struct window_run *r)
{
	for (unsigned long addr = ABOVE - PAGE_SIZE; addr >= UP + 2 * PAGE_SIZE; addr -= PAGE_SIZE)
		expect_write(r->t, addr, 2, "upper stack");
}

static void expect_between(struct window_run *r)
{
	check_areas(r);
	window_expect(r, r->mm, UP + 3 * PAGE_SIZE, 3);
	EXPECT(r->t, find_vma(r->mm, UP)->vm_end == UP + PAGE_SIZE);
}

WINDOW(mm, expand_between, .at = "stack.between", .setup = map_stacks, .first = writes_between,
       .second = upper_comes_past, .check = expect_between);

static void map_stack_held(struct window_run *r)
{
	map_stacks(r);
	r->held = page_get_at(r->mm, DOWN);
}

/* The reference goes with it. */
static void reclaims_held(struct window_run *r)
{
	struct page *page = r->held;

	r->held = NULL;
	r->err[1] = reclaim_page(page);
}

static void expect_reclaimed(struct window_run *r)
{
	EXPECT_MSG(r->t, !r->err[1], "error %ld", r->err[1]);
	window_expect(r, r->mm, DOWN, 1);
	window_expect(r, r->mm, DOWN - 2 * PAGE_SIZE, 3);
}

/* Where a page is in a stack that grows cannot be told until it has: the anon_vma's lock. */
WINDOW(mm, expand_half, .at = "limits.half", .excluded = true, .setup = map_stack_held,
       .first = grows_down_2, .second = reclaims_held, .check = expect_reclaimed);
