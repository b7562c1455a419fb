/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapping and unmapping, the copy of an address space for fork, and its end.
 *
 * The order of the end matters to the reverse map. unmap_vmas() takes the pages out and may free
 * them, while their page->mapping still names the anon_vma; only then free_pgtables() unlinks the
 * areas from it, the last one of which frees it. Whoever finds such a page by the LRU sees by
 * page_mapped() that nothing of it can be trusted any more: mm/rmap.c.
 *
 * Lock order: docs/locking.md.
 */
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/memory.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/rmap.h>
#include <mm/tlb.h>
#include <mm/vma.h>

#include "internal.h"

/* Where the search for room starts: what lies below is left to fixed addresses. */
#define MMAP_BASE (1UL << 32)

static void account_vm(struct mm_struct *mm, long pages)
{
	spin_lock(&mm->page_table_lock);
	mm->total_vm += pages;
	spin_unlock(&mm->page_table_lock);
}

/* The lowest hole of @len bytes; no stack beside it loses its guard. 0 if there is none. */
static unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long len)
{
	unsigned long addr = MMAP_BASE;
	unsigned long gap = STACK_GUARD_PAGES * PAGE_SIZE;
	struct vm_area_struct *prev, *vma = find_vma_prev(mm, addr, &prev);

	if (prev && (prev->vm_flags & VM_GROWSUP))
		addr = MAX(addr, prev->vm_end + gap);
	for (; vma; vma = vma_next(vma)) {
		unsigned long room = vma->vm_start - (vma->vm_flags & VM_GROWSDOWN ? gap : 0);

		if (addr <= room && room - addr >= len)
			return addr;
		addr = MAX(addr, vma->vm_end + (vma->vm_flags & VM_GROWSUP ? gap : 0));
	}
	return addr <= USER_END && USER_END - addr >= len ? addr : 0;
}

/* Is [@start, @start + @len) a range of whole pages that users may have? */
static bool user_range_ok(unsigned long start, unsigned long len)
{
	return IS_ALIGNED(start, PAGE_SIZE) && start >= USER_START && start < USER_END &&
	       len <= USER_END - start;
}

long do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len, unsigned long vm_flags)
{
	struct vm_area_struct *vma, *prev;
	int err;

	if (!len || len > USER_END - USER_START)
		return -EINVAL;
	if ((vm_flags & VM_GROWSDOWN) && (vm_flags & VM_GROWSUP))
		return -EINVAL;
	len = ALIGN_UP(len, PAGE_SIZE);
	if (addr) {
		if (!user_range_ok(addr, len))
			return -EINVAL;
		err = do_munmap(mm, addr, len);
		if (err)
			return err;
	} else {
		addr = get_unmapped_area(mm, len);
		if (!addr)
			return -ENOMEM;
	}

	find_vma_prev(mm, addr, &prev);
	if (!vma_merge(mm, prev, addr, addr + len, vm_flags, NULL, addr >> PAGE_SHIFT)) {
		if (mm->map_count >= MAX_MAP_COUNT)
			return -ENOMEM;
		vma = vma_alloc(mm, addr, addr + len, vm_flags);
		if (!vma)
			return -ENOMEM;
		insert_vma(mm, vma);
	}
	account_vm(mm, len >> PAGE_SHIFT);
	return addr;
}

/* Make area limits of @start and @end. What is cut and not needed any more later merges again. */
static int split_at(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int err;

	if (vma && vma->vm_start < start) {
		err = split_vma(mm, vma, start, false);
		if (err)
			return err;
	}
	vma = find_vma(mm, end);
	if (vma && vma->vm_start < end)
		return split_vma(mm, vma, end, true);
	return 0;
}

int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	struct vm_area_struct *vma, *prev, *n;
	unsigned long end = start + ALIGN_UP(len, PAGE_SIZE);
	unsigned long floor, ceiling;
	LIST_HEAD(gone);
	long pages = 0;
	int err;

	if (!len || len > USER_END || !user_range_ok(start, ALIGN_UP(len, PAGE_SIZE)))
		return -EINVAL;
	vma = find_vma(mm, start);
	if (!vma || vma->vm_start >= end)
		return 0;
	err = split_at(mm, start, end);
	if (err)
		return err;

	vma = find_vma_prev(mm, start, &prev);
	while (vma && vma->vm_start < end) {
		n = vma_next(vma);
		detach_vma(mm, vma);
		list_add_tail(&vma->vm_list, &gone);
		pages += (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
		vma = n;
	}
	floor = prev ? prev->vm_end : 0;
	ceiling = vma ? vma->vm_start : USER_END;
	account_vm(mm, -pages);
	unmap_vmas(mm, start, end);
	sync_point_on("munmap.unmapped", mm);
	free_pgtables(mm, &gone, floor, ceiling);
	list_for_each_entry_safe(vma, n, &gone, vm_list) vma_free(vma);
	return 0;
}

void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma, *n;
	LIST_HEAD(gone);

	/*
	 * No thread uses the space: once it is loaded on no CPU, nothing of it gets into a TLB, and
	 * what is there is never used again. So pages can be freed as they come.
	 */
	tlb_mm_destroy(mm);
	list_splice_init(&mm->mmap, &gone);
	mm->mm_rb.rb_node = NULL;
	mm->map_count = 0;
	mm->total_vm = 0;
	unmap_vmas(mm, 0, USER_END);
	sync_point_on("exit.unmapped", mm);
	free_pgtables(mm, &gone, 0, USER_END);
	list_for_each_entry_safe(vma, n, &gone, vm_list) vma_free(vma);
	BUG_IF(mm->anon_rss || mm->swap_rss || mm->nr_tables,
	       "mm %u ends with %lu pages, %lu in swap, %lu tables", mm->id, mm->anon_rss,
	       mm->swap_rss, mm->nr_tables);
}

int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *vma, *copy;
	int err = 0;

	list_for_each_entry(vma, &oldmm->mmap, vm_list)
	{
		copy = vma_alloc(mm, vma->vm_start, vma->vm_end, vma->vm_flags);
		if (!copy) {
			err = -ENOMEM;
			break;
		}
		copy->vm_pgoff = vma->vm_pgoff;
		insert_vma(mm, copy);
		account_vm(mm, (vma->vm_end - vma->vm_start) >> PAGE_SHIFT);
		if (!vma->anon_vma)
			continue; /* never had a page, nor a swapped one */
		copy->anon_vma = vma->anon_vma;
		anon_vma_link(copy); /* before its first pte: a walk must find every one */
		sync_point_on("fork.linked", copy);
		err = copy_page_range(mm, oldmm, vma);
		if (err)
			break;
	}
	/*
	 * The parent's entries are read-only now. Until its other CPUs have forgotten that they
	 * were writable they can write behind the child's back: the child may not run before.
	 * After a failure too, for the entries are read-only all the same; and if none changed, for
	 * of those not present, whose page the child shares, a flush may be due (mm/tlb_batch.c).
	 * tests: translation.MP.ro+flush+mb
	 */
	sync_point_on("fork.copied", mm);
	if (!busted(BUSTED_FORK_NO_FLUSH))
		tlb_flush_mm(oldmm);
	return err;
}

/* ---- with the locking ---- */

long sys_mmap(unsigned long addr, unsigned long len, unsigned long vm_flags)
{
	struct mm_struct *mm = current->mm;
	long ret;

	down_write(&mm->mmap_sem);
	ret = do_mmap(mm, addr, len, vm_flags);
	up_write(&mm->mmap_sem);
	return ret;
}

int sys_munmap(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	int ret;

	down_write(&mm->mmap_sem);
	ret = do_munmap(mm, addr, len);
	up_write(&mm->mmap_sem);
	return ret;
}

int sys_mprotect(unsigned long addr, unsigned long len, unsigned long vm_flags)
{
	struct mm_struct *mm = current->mm;
	int ret;

	down_write(&mm->mmap_sem);
	ret = do_mprotect(mm, addr, len, vm_flags);
	up_write(&mm->mmap_sem);
	return ret;
}
