/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Moving the limits of areas: splitting, merging, stacks.
 *
 * An area belongs to its mm_struct, which frees it; the reverse map reads vm_start, vm_end and
 * vm_pgoff of any area on an anon_vma's list under that anon_vma's lock. Hence what moves limits
 * holds it too, besides mmap_sem for writing. A stack grows under mmap_sem for reading, so that
 * several may grow at once, as V0 to V9 of the reverse map have it: anon_vma->lock keeps two
 * faults in one stack apart, page_table_lock two stacks that grow towards each other.
 *
 * Lock order: docs/locking.md.
 */
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/rmap.h>
#include <mm/vma.h>
#include <mm/vmstat.h>

#include "internal.h"

/* What a stack may grow to. */
#define STACK_SIZE_MAX (8UL << 20)

/* ---- moving limits ---- */

/*
 * The limits of an area that has its place. Walks of the reverse map hold the lock of its anon_vma;
 * others that read them mmap_sem, and, as stacks grow while it is held for reading,
 * page_table_lock.
 */
static void vma_set_limits(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			   unsigned long pgoff)
{
	BUG_ON(vma->anon_vma && !spin_is_mine(&vma->anon_vma->lock));
	BUG_ON(!mm_is_mine(vma->vm_mm) &&
	       !(mm_is_held(vma->vm_mm) && spin_is_mine(&vma->vm_mm->page_table_lock)));
	WRITE_ONCE(vma->vm_start, start);
	WRITE_ONCE(vma->vm_end, end);
	sync_point_on("limits.half", vma);
	vma->vm_pgoff = pgoff;
}

/*
 * What vma_adjust() does to the area after @vma:
 *
 *	grown over	  |  vma  | next |	-> |      vma      |	next is freed, perhaps two
 *	moved up	  |  vma  | next |	-> |   vma   |next |
 *	moved down	  |  vma  | next |	-> |vma|    next   |
 *
 * The area that gains pages must be on the anon_vma's list from the moment that the other one no
 * longer covers them, or a walk would miss them: both happen under anon_vma->lock.
 */
void vma_adjust(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		unsigned long pgoff, struct vm_area_struct *insert)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *next = insert ? NULL : vma_next(vma);
	struct vm_area_struct *gone[2], *importer = NULL;
	struct anon_vma *anon_vma = vma->anon_vma;
	unsigned int nr_gone = 0;

	while (next && next->vm_end <= end) {
		BUG_ON(nr_gone == ARRAY_SIZE(gone));
		gone[nr_gone++] = next;
		importer = vma;
		if (!anon_vma)
			anon_vma = next->anon_vma;
		next = vma_next(next);
	}
	if (next && next->vm_start < end)
		importer = vma;
	else if (next && end < vma->vm_end && next->vm_start == vma->vm_end)
		importer = next;
	else
		next = NULL; /* it stays as it is */
	if (next && !anon_vma)
		anon_vma = next->anon_vma;

	if (anon_vma)
		spin_lock(&anon_vma->lock);
	if (importer && anon_vma && !importer->anon_vma) {
		importer->anon_vma = anon_vma;
		__anon_vma_link(importer);
	}
	vma_set_limits(vma, start, end, pgoff);
	if (next)
		vma_set_limits(next, end, next->vm_end,
			       next->vm_pgoff + ((long)(end - next->vm_start) >> PAGE_SHIFT));
	for (unsigned int i = 0; i < nr_gone; i++) {
		detach_vma(mm, gone[i]);
		if (gone[i]->anon_vma)
			__anon_vma_merge(vma, gone[i]);
	}
	if (insert) {
		insert_vma(mm, insert);
		if (insert->anon_vma)
			__anon_vma_link(insert);
	}
	if (anon_vma)
		spin_unlock(&anon_vma->lock);

	while (nr_gone)
		vma_free(gone[--nr_gone]);
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below)
{
	struct vm_area_struct *new;
	unsigned long pgoff = linear_page_index(vma, addr);

	BUG_IF(addr <= vma->vm_start || addr >= vma->vm_end, "%lx in [%lx, %lx)", addr,
	       vma->vm_start, vma->vm_end);
	if (mm->map_count >= MAX_MAP_COUNT)
		return -ENOMEM;
	new = vma_alloc(mm, vma->vm_start, vma->vm_end, vma->vm_flags);
	if (!new)
		return -ENOMEM;
	new->anon_vma = vma->anon_vma;
	if (new_below) {
		new->vm_end = addr;
		new->vm_pgoff = vma->vm_pgoff;
		vma_adjust(vma, addr, vma->vm_end, pgoff, new);
	} else {
		new->vm_start = addr;
		new->vm_pgoff = pgoff;
		vma_adjust(vma, vma->vm_start, addr, vma->vm_pgoff, new);
	}
	return 0;
}

/* ---- merging ---- */

/* One area has one anon_vma: two can only be joined if they agree, or if one has none yet. */
static bool anon_vmas_mergeable(const struct anon_vma *a, const struct anon_vma *b)
{
	return !a || !b || a == b;
}

static bool can_merge_after(const struct vm_area_struct *vma, unsigned long addr,
			    unsigned long vm_flags, const struct anon_vma *anon_vma,
			    unsigned long pgoff)
{
	return vma->vm_end == addr && vma->vm_flags == vm_flags &&
	       anon_vmas_mergeable(vma->anon_vma, anon_vma) &&
	       linear_page_index(vma, addr) == pgoff;
}

static bool can_merge_before(const struct vm_area_struct *vma, unsigned long end,
			     unsigned long vm_flags, const struct anon_vma *anon_vma,
			     unsigned long end_pgoff)
{
	return vma->vm_start == end && vma->vm_flags == vm_flags &&
	       anon_vmas_mergeable(vma->anon_vma, anon_vma) && vma->vm_pgoff == end_pgoff;
}

/*
 * The range (r) is unmapped, or is one whole area, or the beginning or the end of one (a):
 *
 *	| prev |rrr| next |	| prev |aaa| next |	| prev |rrraaa|		| prevrrr | next |
 */
struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *prev,
				 unsigned long addr, unsigned long end, unsigned long vm_flags,
				 struct anon_vma *anon_vma, unsigned long pgoff)
{
	unsigned long end_pgoff = pgoff + ((end - addr) >> PAGE_SHIFT);
	struct vm_area_struct *after, *next;

	if (prev)
		after = vma_next(prev);
	else
		after = list_empty(&mm->mmap)
				? NULL
				: list_first_entry(&mm->mmap, struct vm_area_struct, vm_list);
	next = after;
	if (next && next->vm_end == end)
		next = vma_next(next); /* the range is an area, or the end of one */
	if (next && !can_merge_before(next, end, vm_flags, anon_vma, end_pgoff))
		next = NULL;

	if (prev && can_merge_after(prev, addr, vm_flags, anon_vma, pgoff)) {
		if (next && anon_vmas_mergeable(prev->anon_vma, next->anon_vma))
			end = next->vm_end;
		vma_adjust(prev, prev->vm_start, end, prev->vm_pgoff, NULL);
		return prev;
	}
	if (!next)
		return NULL;
	if (prev && addr < prev->vm_end) {
		/* The range is the end of @prev: it goes over to @next. */
		vma_adjust(prev, prev->vm_start, addr, prev->vm_pgoff, NULL);
		return next;
	}
	/* Unmapped: @after is @next, and grows downwards. One area: it grows over @next. */
	after->vm_flags = vm_flags;
	vma_adjust(after, addr, next->vm_end, pgoff, NULL);
	return after;
}

/* ---- stacks ---- */

/* Everything is locked: may @vma become [start, end)? */
static bool stack_fits(const struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	const struct vm_area_struct *prev = vma_prev(vma), *next = vma_next(vma);
	unsigned long gap = STACK_GUARD_PAGES * PAGE_SIZE;

	if (end - start > STACK_SIZE_MAX || start < USER_START || end > USER_END)
		return false;
	if (start < vma->vm_start && prev && start < prev->vm_end + gap)
		return false;
	return !(end > vma->vm_end && next && end + gap > next->vm_start);
}

/* Grow @vma to contain [start, end). Both ways; see expand_downwards(). */
static int expand_stack(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	/* Its lock is what keeps two faults apart; also a stack without a page yet needs it. */
	int err = anon_vma_prepare(vma);

	if (err)
		return err;
	sync_point_on("expand.prepared", vma);
	anon_vma_lock(vma);
	spin_lock(&mm->page_table_lock);
	start = MIN(start, vma->vm_start); /* another fault may have done more */
	end = MAX(end, vma->vm_end);
	if (start == vma->vm_start && end == vma->vm_end) {
		err = 0;
	} else if (!stack_fits(vma, start, end)) {
		err = -EFAULT;
	} else {
		mm->total_vm += ((end - start) - (vma->vm_end - vma->vm_start)) >> PAGE_SHIFT;
		vma_set_limits(vma, start, end,
			       vma->vm_pgoff - ((vma->vm_start - start) >> PAGE_SHIFT));
		mm_fault_count(MM_FAULT_STACK);
	}
	spin_unlock(&mm->page_table_lock);
	anon_vma_unlock(vma);
	return err;
}

int expand_downwards(struct vm_area_struct *vma, unsigned long address)
{
	return expand_stack(vma, address & PAGE_MASK, READ_ONCE(vma->vm_end));
}

int expand_upwards(struct vm_area_struct *vma, unsigned long address)
{
	return expand_stack(vma, READ_ONCE(vma->vm_start), (address & PAGE_MASK) + PAGE_SIZE);
}

/* Both may be growing at this moment, even past @addr: that one has it, then. */
static bool lower_is_farther(const struct vm_area_struct *lower, const struct vm_area_struct *upper,
			     unsigned long addr)
{
	unsigned long end = READ_ONCE(lower->vm_end), start = READ_ONCE(upper->vm_start);

	return start <= addr || (end <= addr && start - addr <= addr - end);
}

struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr, int *err)
{
	struct vm_area_struct *prev, *vma = find_vma_prev(mm, addr, &prev);
	bool down = vma && (vma->vm_flags & VM_GROWSDOWN);
	bool up = prev && (prev->vm_flags & VM_GROWSUP);

	if (vma && READ_ONCE(vma->vm_start) <= addr)
		return vma;
	*err = -EFAULT;
	/* Between two stacks that grow towards each other, the nearer one is meant. */
	if (down && up) {
		sync_point_on("stack.between", vma);
		down = lower_is_farther(prev, vma, addr);
	}
	if (down)
		*err = expand_downwards(vma, addr);
	else if (up)
		*err = expand_upwards(prev, addr);
	if (*err)
		return NULL;
	return down ? vma : prev;
}
