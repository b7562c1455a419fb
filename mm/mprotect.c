/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing what a range of an address space permits. Areas are cut where the range begins and ends,
 * and joined to neighbours that are now alike; so mprotect is the path that moves limits most.
 *
 * The new flags are written before the entries are changed. Who makes an entry of an area by the
 * reverse map (the end of a migration) reads them under page_table_lock, and so either comes before
 * change_protection() gets to that entry, or sees the new flags.
 */
#include <kernel/panic.h>
#include <lib/errno.h>
#include <mm/memory.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vma.h>

#include "internal.h"

/* [start, end) lies within @vma. *prev: the area before; becomes the last one that was changed. */
static int protect_area(struct mm_struct *mm, struct vm_area_struct *vma,
			struct vm_area_struct **prev, unsigned long start, unsigned long end,
			unsigned long vm_flags)
{
	struct vm_area_struct *merged;
	int err;

	if (vm_flags == vma->vm_flags) {
		*prev = vma;
		return 0;
	}
	merged = vma_merge(mm, start > vma->vm_start ? vma : *prev, start, end, vm_flags,
			   vma->anon_vma, linear_page_index(vma, start));
	if (merged) {
		vma = merged;
	} else {
		if (start > vma->vm_start) {
			err = split_vma(mm, vma, start, true);
			if (err)
				return err;
		}
		if (end < vma->vm_end) {
			err = split_vma(mm, vma, end, false);
			if (err)
				return err;
		}
		BUG_IF(!mm_is_mine(mm), "mm %u", mm->id);
		vma->vm_flags = vm_flags;
	}
	*prev = vma;
	change_protection(vma, start, end);
	return 0;
}

int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long vm_flags)
{
	struct vm_area_struct *vma, *prev;
	unsigned long end;
	int err;

	if (!IS_ALIGNED(start, PAGE_SIZE) || !len || len > USER_END || start > USER_END ||
	    ALIGN_UP(len, PAGE_SIZE) > USER_END - start || (vm_flags & ~VM_ACCESS))
		return -EINVAL;
	end = start + ALIGN_UP(len, PAGE_SIZE);
	vma = find_vma_prev(mm, start, &prev);
	while (start < end) {
		unsigned long stop;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		stop = MIN(end, vma->vm_end);
		err = protect_area(mm, vma, &prev, start, stop,
				   (vma->vm_flags & ~VM_ACCESS) | vm_flags);
		if (err)
			return err;
		start = MAX(stop, prev->vm_end); /* a merge may have gone past the range's end */
		vma = vma_next(prev);
	}
	return 0;
}
