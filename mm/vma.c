/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The areas of an address space: their memory, tree and list. Cut, joined and grown they are in
 * mm/vma_adjust.c.
 *
 * Lock order: docs/locking.md.
 */
#include <arch/atomic.h>
#include <kernel/panic.h>
#include <kernel/rcu_pointer.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vma.h>

#include "internal.h"

static struct kmem_cache *vma_cache;
static unsigned long nr_vmas; /* atomic */

int vma_cache_init(void)
{
	vma_cache = kmem_cache_create("vm_area_struct", sizeof(struct vm_area_struct), 0, 0, NULL);
	return vma_cache ? 0 : -ENOMEM;
}

unsigned long vma_count_all(void)
{
	return READ_ONCE(nr_vmas);
}

struct vm_area_struct *vma_alloc(struct mm_struct *mm, unsigned long start, unsigned long end,
				 unsigned long vm_flags)
{
	struct vm_area_struct *vma = kmem_cache_alloc(vma_cache, GFP_KERNEL);

	if (!vma)
		return NULL;
	*vma = (struct vm_area_struct){
		.vm_mm = mm,
		.vm_start = start,
		.vm_end = end,
		.vm_flags = vm_flags,
		.vm_pgoff = start >> PAGE_SHIFT,
	};
	INIT_LIST_HEAD(&vma->vm_list);
	INIT_LIST_HEAD(&vma->anon_vma_node);
	fetch_add_relaxed(&nr_vmas, 1);
	return vma;
}

void vma_free(struct vm_area_struct *vma)
{
	fetch_add_relaxed(&nr_vmas, -1);
	kmem_cache_free(vma_cache, vma);
}

/* ---- tree and list ---- */

struct vm_area_struct *vma_next(const struct vm_area_struct *vma)
{
	if (vma->vm_list.next == &vma->vm_mm->mmap)
		return NULL;
	return list_entry(vma->vm_list.next, struct vm_area_struct, vm_list);
}

struct vm_area_struct *vma_prev(const struct vm_area_struct *vma)
{
	if (vma->vm_list.prev == &vma->vm_mm->mmap)
		return NULL;
	return list_entry(vma->vm_list.prev, struct vm_area_struct, vm_list);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct rb_node *node = mm->mm_rb.rb_node;
	struct vm_area_struct *found = NULL;

	while (node) {
		struct vm_area_struct *vma = rb_entry(node, struct vm_area_struct, vm_rb);

		/* A stack may be growing meanwhile: either value will do, but not a torn one. */
		if (READ_ONCE(vma->vm_end) > addr) {
			found = vma;
			if (READ_ONCE(vma->vm_start) <= addr)
				break;
			node = node->left;
		} else {
			node = node->right;
		}
	}
	return found;
}

struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (vma)
		*prev = vma_prev(vma);
	else if (list_empty(&mm->mmap))
		*prev = NULL;
	else
		*prev = list_last_entry(&mm->mmap, struct vm_area_struct, vm_list);
	return vma;
}

void insert_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct rb_node **link = &mm->mm_rb.rb_node, *parent = NULL;
	struct list_head *before = &mm->mmap;

	BUG_IF(!mm_is_mine(mm), "mm %u", mm->id);
	while (*link) {
		struct vm_area_struct *other;

		parent = *link;
		other = rb_entry(parent, struct vm_area_struct, vm_rb);
		BUG_IF(vma->vm_start < other->vm_end && other->vm_start < vma->vm_end,
		       "[%lx, %lx) and [%lx, %lx)", vma->vm_start, vma->vm_end, other->vm_start,
		       other->vm_end);
		if (vma->vm_start < other->vm_start) {
			link = &parent->left;
		} else {
			link = &parent->right;
			before = &other->vm_list;
		}
	}
	rb_insert(&vma->vm_rb, parent, link, &mm->mm_rb);
	list_add(&vma->vm_list, before);
	mm->map_count++;
}

void detach_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	BUG_IF(!mm_is_mine(mm), "mm %u", mm->id);
	rb_erase(&vma->vm_rb, &mm->mm_rb);
	list_del_init(&vma->vm_list);
	mm->map_count--;
}

/* Could @a and @b, neighbours in this order, be one if their protection were the same? */
static bool nearly_one(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	return a->vm_end == b->vm_start && !((a->vm_flags ^ b->vm_flags) & ~VM_ACCESS) &&
	       b->vm_pgoff == linear_page_index(a, b->vm_start);
}

struct anon_vma *find_mergeable_anon_vma(struct vm_area_struct *vma)
{
	struct vm_area_struct *next = vma_next(vma), *prev = vma_prev(vma);
	struct anon_vma *anon_vma = NULL;

	/*
	 * A neighbour may be getting its anon_vma at this moment, by a fault of another thread.
	 * dependency: pairs with the release in prepare_modern(); orders the read of the pointer
	 * before use of the lock behind it; tests: litmus.C2-rcu
	 */
	if (next && nearly_one(vma, next))
		anon_vma = rcu_dereference(next->anon_vma);
	/* dependency: pairs with the same in prepare_modern(); tests: litmus.C2-rcu */
	if (!anon_vma && prev && nearly_one(prev, vma))
		anon_vma = rcu_dereference(prev->anon_vma);
	return anon_vma;
}

/* ---- checks ---- */

void mm_check(struct mm_struct *mm)
{
	struct rb_node *node = rb_first(&mm->mm_rb);
	struct vm_area_struct *vma;
	unsigned long count = 0, pages = 0, end = 0;

	spin_lock(&mm->page_table_lock); /* stacks grow under it */
	spin_lock(&mm->prepare_lock);	 /* anon_vmas come under it */
	list_for_each_entry(vma, &mm->mmap, vm_list)
	{
		BUG_IF(vma->vm_mm != mm, "mm %u", mm->id);
		BUG_IF(node != &vma->vm_rb, "mm %u: tree and list differ at %lx", mm->id,
		       vma->vm_start);
		BUG_IF(vma->vm_start < end || vma->vm_end <= vma->vm_start,
		       "mm %u: [%lx, %lx) after %lx", mm->id, vma->vm_start, vma->vm_end, end);
		BUG_IF((vma->vm_start | vma->vm_end) & ~PAGE_MASK, "mm %u: [%lx, %lx)", mm->id,
		       vma->vm_start, vma->vm_end);
		BUG_IF(vma->vm_pgoff != vma->vm_start >> PAGE_SHIFT, "mm %u: pgoff %lx of %lx",
		       mm->id, vma->vm_pgoff, vma->vm_start);
		BUG_IF(!vma->anon_vma != list_empty(&vma->anon_vma_node), "mm %u: area %lx", mm->id,
		       vma->vm_start);
		end = vma->vm_end;
		pages += (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
		count++;
		node = rb_next(node);
	}
	BUG_IF(node || end > USER_END, "mm %u", mm->id);
	BUG_IF(count != mm->map_count || rb_check(&mm->mm_rb) != (long)count,
	       "mm %u: %lu areas, map_count %lu", mm->id, count, mm->map_count);
	BUG_IF(pages != mm->total_vm, "mm %u: %lu pages, total_vm %lu", mm->id, pages,
	       mm->total_vm);
	spin_unlock(&mm->prepare_lock);
	spin_unlock(&mm->page_table_lock);
}
