/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The windows of munmap, exit and mprotect: what others remember of an entry, the counts and links
 * that keep a page and its anon_vma until nobody can use them, and in which order they go.
 */
#include <arch/pgtable_user.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/tlb.h>
#include <test/window.h>

/* ---- munmap ---- */

/* Before the flush the page is kept: mapped, with the entry's reference besides ours. */
static void look_kept(struct window_run *r)
{
	EXPECT_MSG(r->t, page_mapcount(r->page) == 1 && page_count(r->page) == 2,
		   "mapcount %d count %d", page_mapcount(r->page), page_count(r->page));
}

WINDOW(mm, zap_flush_locked, .at = "tlb.flush", .excluded = true, .hold = true,
       .first = window_unmaps, .look = look_kept, .second = window_looks);
WINDOW(mm, zap_flushed_kept, .at = "tlb.flushed", .excluded = true, .hold = true,
       .first = window_unmaps, .look = look_kept, .second = window_looks);

/* Who can have the lock finds an entry, or a page that is not mapped: try_to_unmap(). */
static void look_uncounted(struct window_run *r)
{
	EXPECT_MSG(r->t, page_mapcount(r->page) == 0, "mapcount %d", page_mapcount(r->page));
}

WINDOW(mm, zap_unlocked, .at = "zap.unlocked", .hold = true, .first = window_unmaps,
       .look = look_uncounted, .second = window_looks);

static void expect_no_read(struct window_run *r)
{
	u64 val;

	EXPECT(r->t, tlb_read(PAGE_0, &val) < 0);
}

/* When the page is on its way to the allocator no TLB knows it. */
WINDOW(mm, munmap_flushed, .at = "put.last", .first = window_unmaps, .before = window_reads,
       .second = expect_no_read);

static void expect_unmovable(struct window_run *r)
{
	EXPECT(r->t, migrate_page(r->held) == -EAGAIN);
	EXPECT(r->t, !page_referenced(r->held));
}

/* The areas are on the list still, and the page, which we hold, is nobody's. */
WINDOW(mm, munmap_unmapped, .at = "munmap.unmapped", .hold = true, .second_in = IN_NONE,
       .first = window_unmaps, .second = expect_unmovable);

/* ---- exit ---- */

/* The child's areas leave the list after its entries: a walk finds all, or they are gone. */
static void expect_reclaimed(struct window_run *r)
{
	EXPECT_MSG(r->t, !r->err[1], "error %ld", r->err[1]);
	window_expect(r, r->mm, PAGE_0, 1);
}

/* Let in, reclaim may come before the child's reference to the page goes: then it stays cached. */
static void expect_reclaimed_or_held(struct window_run *r)
{
	if (r->err[1] == -EBUSY)
		r->err[1] = 0;
	expect_reclaimed(r);
}

WINDOW(mm, exit_cleared, .at = "zap.cleared", .excluded = true, .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_child_exits, .second = window_reclaims,
       .check = expect_reclaimed_or_held);
WINDOW(mm, exit_unmapped, .at = "exit.unmapped", .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_child_exits, .second = window_reclaims,
       .check = expect_reclaimed);
WINDOW(mm, exit_unlinked, .at = "exit.unlinked", .family = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = window_child_exits, .second = window_reclaims,
       .check = expect_reclaimed);

/* The last area has gone: the anon_vma of a page that somebody holds may be another's by now. */
static void parent_exits(struct window_run *r)
{
	struct mm_struct *mm = r->mm;

	r->mm = NULL;
	mmput(mm);
}

WINDOW(mm, exit_unlinked_last, .at = "exit.unlinked", .hold = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = parent_exits, .second = expect_unmovable);
WINDOW(mm, exit_unlinked_free, .at = "unlink.unlinked", .hold = true, .first_in = IN_NONE,
       .second_in = IN_NONE, .first = parent_exits, .second = expect_unmovable);

/* ---- mprotect ---- */

static void protects(struct window_run *r)
{
	EXPECT(r->t, !sys_mprotect(PAGE_0, WINDOW_PAGES * PAGE_SIZE, VM_READ));
}

static void protects_half(struct window_run *r)
{
	EXPECT(r->t, !sys_mprotect(PAGE_0 + 4 * PAGE_SIZE, 4 * PAGE_SIZE, VM_READ));
}

/* The reference goes with it. */
static void reclaims_held(struct window_run *r)
{
	struct page *page = r->held;

	r->held = NULL;
	r->err[1] = reclaim_page(page);
}

/* While an area is cut nobody can tell where a page is. */
WINDOW(mm, split_half, .at = "limits.half", .excluded = true, .hold = true, .second_in = IN_NONE,
       .first = protects_half, .second = reclaims_held, .check = expect_reclaimed);

/* Before the flush a write by what the TLB remembers is permitted; it keeps the entry warm. */
static void writes_by_tlb(struct window_run *r)
{
	r->err[1] = tlb_write(PAGE_0 + 8, 5);
}

static void expect_denied(struct window_run *r)
{
	EXPECT(r->t, user_write64(PAGE_0 + 8, 6) == -EFAULT);
	expect_read(r->t, PAGE_0 + 8, r->err[1] ? 2 : 5, "after mprotect");
}

WINDOW(mm, mprotect_changed, .at = "mprotect.changed", .first = protects, .before = window_writes_2,
       .second = writes_by_tlb, .after = expect_denied);

/* The entry as it was read changes under the eyes of mprotect: so does the MMU of another CPU. */
static void forget_use(struct window_run *r)
{
	spin_lock(&r->mm->page_table_lock);
	EXPECT(r->t, ptep_test_and_clear_young(pte_lookup(r->mm, PAGE_0)));
	spin_unlock(&r->mm->page_table_lock);
	tlb_flush_page(r->mm, PAGE_0);
}

static void look_used(struct window_run *r)
{
	pteval_t *ptep = pte_lookup(r->mm, PAGE_0), old = ptep_get(ptep);

	EXPECT(r->t, ptep_cmpxchg(ptep, old, pte_mkyoung(old)) == old);
}

static void expect_used_protected(struct window_run *r)
{
	pteval_t pte = pte_at(r->mm, PAGE_0);

	EXPECT_MSG(r->t, pte_young(pte) && !pte_write(pte), "entry %llx", (unsigned long long)pte);
}

static void locks_table(struct window_run *r)
{
	pte_at(r->mm, PAGE_0);
}

WINDOW(mm, mprotect_read, .at = "mprotect.read", .excluded = true, .second_in = IN_NONE,
       .setup = forget_use, .first = protects, .look = look_used, .second = locks_table,
       .check = expect_used_protected);

static void expect_no_write(struct window_run *r)
{
	r->err[1] = tlb_write(PAGE_0 + 8, 5);
	EXPECT_MSG(r->t, r->err[1], "a write after the flush");
}

/* After it none is: had the entry been changed later, this write would fill the TLB anew. */
WINDOW(mm, mprotect_flushed, .at = "tlb.flushed", .first = protects, .before = window_writes_2,
       .second = expect_no_write, .after = expect_denied);

static void expect_protected(struct window_run *r)
{
	pteval_t pte = pte_at(r->mm, PAGE_0);

	EXPECT(r->t, !pte_present(pte) || !pte_write(pte));
	EXPECT(r->t, user_write64(PAGE_0, 6) == -EFAULT);
	expect_read(r->t, PAGE_0, 1, "after mprotect");
}

/*
 * A page that moves has an entry which mprotect leaves as it is. What takes its place is made by
 * the area's flags: they must be the new ones before mprotect looks at the entries.
 */
WINDOW(mm, mprotect_moving, .at = "migrate.unmapped", .until = "mprotect.changed",
       .first_in = IN_NONE, .first = window_migrates, .second = protects, .check = expect_protected,
       .more = { { .at = "mprotect.changed", .cpu = 1, .until = "migrate.restored" } });
WINDOW(mm, mprotect_swap, .at = "mprotect.changed", .second_in = IN_NONE, .first = protects,
       .second = window_reclaims, .check = expect_protected);
