/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The areas of an address space: mm/vma.c, mm/vma_adjust.c. The caller holds mmap_sem for writing
 * but where noted; what returns an int returns 0 or -errno.
 */
#pragma once

#include <arch/mmu.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

struct anon_vma;
struct mm_struct;

#define VM_READ	     0x1UL
#define VM_WRITE     0x2UL
#define VM_EXEC	     0x4UL
#define VM_ACCESS    (VM_READ | VM_WRITE | VM_EXEC)
#define VM_GROWSDOWN 0x100UL
#define VM_GROWSUP   0x200UL

/* Pages that a stack may not grow into: the distance that it keeps from its neighbour. */
#define STACK_GUARD_PAGES 1

/* As many areas may an address space have. */
#define MAX_MAP_COUNT 65530

struct vm_area_struct {
	struct mm_struct *vm_mm; /* constant */
	/*
	 * [start, end), page-aligned; written under mmap_sem for writing and anon_vma->lock, or
	 * (stacks) under mmap_sem for reading, anon_vma->lock and page_table_lock
	 */
	unsigned long vm_start, vm_end;
	unsigned long vm_flags;		/* mmap_sem */
	unsigned long vm_pgoff;		/* in pages: linear index of vm_start; as vm_start */
	struct rb_node vm_rb;		/* mm->mm_rb; mmap_sem */
	struct list_head vm_list;	/* mm->mmap; mmap_sem */
	struct list_head anon_vma_node; /* anon_vma->head; anon_vma->lock */
	struct anon_vma *anon_vma;	/* set once, published under prepare_lock: mm/rmap.c */
};

/* Index of the page at @address in the linear order of @vma's anon_vma: what page->index holds. */
static inline unsigned long linear_page_index(const struct vm_area_struct *vma,
					      unsigned long address)
{
	return ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

/* The first area with vm_end > @addr, or NULL. mmap_sem for reading. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
/* The same; *prev gets the one before, or the last of all. mmap_sem for reading. */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev);
/* Neighbours in order of address, or NULL. mmap_sem for reading. */
struct vm_area_struct *vma_next(const struct vm_area_struct *vma);
struct vm_area_struct *vma_prev(const struct vm_area_struct *vma);

/* A new area, not yet part of @mm; all lists empty. NULL without memory. Without locks. */
struct vm_area_struct *vma_alloc(struct mm_struct *mm, unsigned long start, unsigned long end,
				 unsigned long vm_flags);
/* Free an area that is on no list, and linked to no anon_vma. */
void vma_free(struct vm_area_struct *vma);
/* Put @vma into tree and list of its mm. Overlap is a bug. */
void insert_vma(struct mm_struct *mm, struct vm_area_struct *vma);
/* Take it out again; the reverse map still has it. */
void detach_vma(struct mm_struct *mm, struct vm_area_struct *vma);

/*
 * Cut @vma in two at @addr (page-aligned, inside it): the new area is the lower part if @new_below,
 * else the upper. -ENOMEM, and nothing has changed.
 */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below);
/*
 * Can [@addr, @end), about to become an area (or part of one) with these properties, be covered by
 * extending @prev (the area before @addr, or that contains it) or the one after? Then do it and
 * return the area that covers the range now; else NULL.
 */
struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *prev,
				 unsigned long addr, unsigned long end, unsigned long vm_flags,
				 struct anon_vma *anon_vma, unsigned long pgoff);
/*
 * Move the limits of @vma, with what that means for the area after it: grown over (and freed),
 * moved up, or moved down to fill what @vma gives up. @insert, if any, takes what @vma gives up.
 * Does not fail.
 */
void vma_adjust(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		unsigned long pgoff, struct vm_area_struct *insert);
/*
 * The anon_vma of a neighbour that @vma could share (such that the two might be merged if their
 * protection were equal), or NULL. mmap_sem for reading.
 */
struct anon_vma *find_mergeable_anon_vma(struct vm_area_struct *vma);

/* Let the stack @vma grow to contain @address. mmap_sem for reading. -EFAULT: no room; -ENOMEM. */
int expand_downwards(struct vm_area_struct *vma, unsigned long address);
int expand_upwards(struct vm_area_struct *vma, unsigned long address);
/* The area that contains @addr, if need be by letting a stack grow; or NULL and *err (-EFAULT or
 * -ENOMEM). mmap_sem for reading. */
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr, int *err);

/* Panic if tree, list, order, and counters of @mm contradict one another. mmap_sem for reading. */
void mm_check(struct mm_struct *mm);
