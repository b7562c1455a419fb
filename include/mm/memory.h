/* SPDX-License-Identifier: GPL-2.0-only */
/* What address spaces have in their page tables: mm/memory.c. */
#pragma once

#include <arch/pgtable_user.h>
#include <lib/list.h>

struct mm_struct;
struct page;
struct vm_area_struct;

/*
 * Give @dst what @src has mapped in @vma (an area of @src), write-protecting both sides. The caller
 * holds mmap_sem of @src for writing and flushes its TLB before it lets go. -ENOMEM: partly done.
 */
int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma);
/* Clear every entry in [@start, @end), flush, drop the pages. mmap_sem for writing, or no users. */
void unmap_vmas(struct mm_struct *mm, unsigned long start, unsigned long end);
/*
 * Unlink the areas of @vmas (already detached, in order) from the reverse map, so that no walk of
 * it comes to their tables any more; then free the tables that only they used: those within
 * [@floor, @ceiling). mmap_sem for writing, or no users.
 */
void free_pgtables(struct mm_struct *mm, struct list_head *vmas, unsigned long floor,
		   unsigned long ceiling);
/* Make the entries of [@start, @end) no wider than @vma's new flags allow, and flush. */
void change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/* What untouched memory reads as; mapped without rmap, reference, and rss. */
extern struct page *zero_page;
bool pte_is_zero_page(pteval_t pte);
