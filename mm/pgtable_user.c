/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page tables of address spaces as a tree: walked, added to, given up; and what a leaf entry
 * looks like. What the entries mean to pages and areas is in mm/memory.c and mm/memory_fault.c.
 *
 * Who may do what:
 *	entries of leaf tables	under page_table_lock; the MMU of any CPU that uses the space
 *				may set accessed and dirty bits meanwhile
 *	tables are added	under page_table_lock, with mmap_sem for reading at least
 *	tables are removed	under page_table_lock, with mmap_sem for writing (or at exit),
 *				after the areas above them have left the reverse map
 * so a fault, which holds mmap_sem, walks down without page_table_lock; the reverse map, which does
 * not, holds page_table_lock from the root on: pte_lookup().
 */
#include <arch/atomic.h>
#include <arch/barrier.h>
#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>
#include <mm/pgtable_user.h>
#include <mm/tlb.h>
#include <mm/vma.h>

#include "internal.h"

static unsigned long nr_tables_all; /* atomic */

unsigned long table_count_all(void)
{
	return READ_ONCE(nr_tables_all);
}

pteval_t vma_make_pte(const struct vm_area_struct *vma, struct page *page, bool write)
{
	unsigned int flags = PTE_USER_YOUNG;

	if (!(vma->vm_flags & VM_ACCESS))
		flags |= PTE_USER_NONE;
	if (vma->vm_flags & VM_EXEC)
		flags |= PTE_USER_EXEC;
	if (write && (vma->vm_flags & VM_WRITE))
		flags |= PTE_USER_WRITE | PTE_USER_DIRTY;
	return pte_make_user(page_to_phys(page), flags);
}

/* ---- walks ---- */

static pteval_t *table_of(pteval_t entry)
{
	return __va(pte_phys(entry));
}

static pteval_t table_read(const pteval_t *entry)
{
	pteval_t e = READ_ONCE(*entry);

	/*
	 * dependency: pairs with the smp_wmb() in table_hook(); orders the read of a table's
	 * address before reads of the table, as a walk by hardware does; tests: litmus.MP+wmb+addr
	 */
	smp_read_barrier_depends();
	return e;
}

/* Caller holds page_table_lock, or mmap_sem: tables stay. */
static pteval_t *pte_walk(struct mm_struct *mm, unsigned long address)
{
	pteval_t *table = __va(mm->root);

	for (unsigned int level = pgtable_levels() - 1; level; level--) {
		pteval_t e = table_read(&table[pgtable_index(address, level)]);

		if (!pte_present(e))
			return NULL;
		table = table_of(e);
	}
	return &table[pgtable_index(address, 0)];
}

pteval_t *__pte_lookup(struct mm_struct *mm, unsigned long address)
{
	pteval_t *ptep = pte_walk(mm, address);

	if (ptep) {
		mm->leaf_table = ptep - pgtable_index(address, 0);
		mm->leaf_nr = address >> pgtable_shift(1);
	}
	return ptep;
}

/* page_table_lock is held, until the tables that are about to go are unhooked. */
static void leaf_forget(struct mm_struct *mm)
{
	mm->leaf_table = NULL;
}

/* The table @page, zeroed, below *entry, unless there is one by now. page_table_lock. */
static bool table_hook(struct mm_struct *mm, pteval_t *entry, unsigned int level, struct page *page)
{
	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	if (pte_present(READ_ONCE(*entry)))
		return false;
	/*
	 * The zeroed table before its address; pairs with the dependency in table_read() and in the
	 * walks of the MMU; tests: litmus.MP+wmb+addr
	 */
	smp_wmb();
	WRITE_ONCE(*entry, pte_make_table(page_to_phys(page), level));
	mm->nr_tables++;
	return true;
}

/* A new table below *entry, unless another CPU comes first. 0 or -ENOMEM. */
static int table_add(struct mm_struct *mm, pteval_t *entry, unsigned int level)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	bool hooked;

	if (!page)
		return -ENOMEM;
	sync_point_on("table.allocated", page);
	spin_lock(&mm->page_table_lock);
	hooked = table_hook(mm, entry, level, page);
	spin_unlock(&mm->page_table_lock);
	if (hooked)
		fetch_add_relaxed(&nr_tables_all, 1);
	else
		__free_page(page);
	return 0;
}

pteval_t *pte_alloc(struct mm_struct *mm, unsigned long address)
{
	pteval_t *table = __va(mm->root);

	BUG_IF(!mm_is_held(mm), "mm %u", mm->id);
	for (unsigned int level = pgtable_levels() - 1; level; level--) {
		pteval_t *entry = &table[pgtable_index(address, level)];
		pteval_t e = table_read(entry);

		if (unlikely(!pte_present(e))) {
			if (table_add(mm, entry, level))
				return NULL;
			e = table_read(entry);
		}
		table = table_of(e);
	}
	return &table[pgtable_index(address, 0)];
}

static int for_each_leaf(pteval_t *table, unsigned int level, unsigned long addr, unsigned long end,
			 leaf_fn fn, void *arg)
{
	unsigned long span = 1UL << pgtable_shift(level);
	pteval_t *entry = &table[pgtable_index(addr, level)];
	int err = 0;

	if (!level)
		return fn(arg, entry, addr, end);
	for (; addr < end && !err; entry++) {
		unsigned long stop = MIN((addr & ~(span - 1)) + span, end);
		pteval_t e = table_read(entry);

		if (pte_present(e))
			err = for_each_leaf(table_of(e), level - 1, addr, stop, fn, arg);
		addr = stop;
	}
	return err;
}

int mm_for_each_leaf(struct mm_struct *mm, unsigned long addr, unsigned long end, leaf_fn fn,
		     void *arg)
{
	return for_each_leaf(__va(mm->root), pgtable_levels() - 1, addr, end, fn, arg);
}

/* ---- the end of tables ---- */

/* A table that is about to be freed has no entry left. */
static void table_check_empty(struct mm_struct *mm, const pteval_t *table, unsigned int level)
{
#ifdef CONFIG_DEBUG
	for (unsigned int i = 0; i < pgtable_entries(level); i++)
		BUG_IF(!pte_none(READ_ONCE(table[i])), "mm %u: entry %u of level %u is %llx",
		       mm->id, i, level, (unsigned long long)table[i]);
#endif
}

/*
 * Unhook the tables that span only what lies within [@floor, @ceiling). It suffices to look where
 * the areas were, [addr, end): every table has some area's address in it, else it would have been
 * freed with the last of these. Caller holds page_table_lock.
 */
static void unhook_range(struct mm_struct *mm, pteval_t *table, unsigned int level,
			 unsigned long addr, unsigned long end, unsigned long floor,
			 unsigned long ceiling, struct list_head *gone)
{
	unsigned long span = 1UL << pgtable_shift(level);
	pteval_t *entry = &table[pgtable_index(addr, level)];

	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	for (; addr < end; entry++) {
		unsigned long first = addr & ~(span - 1);
		unsigned long next = MIN(first + span, USER_END);
		pteval_t e = READ_ONCE(*entry);

		if (pte_present(e)) {
			if (level > 1)
				unhook_range(mm, table_of(e), level - 1, addr, MIN(next, end),
					     floor, ceiling, gone);
			if (first >= floor && next <= ceiling) {
				table_check_empty(mm, table_of(e), level - 1);
				WRITE_ONCE(*entry, 0);
				list_add(&phys_to_page(pte_phys(e))->lru, gone);
				mm->nr_tables--;
			}
		}
		addr = next;
	}
}

void free_tables(struct mm_struct *mm, unsigned long start, unsigned long end, unsigned long floor,
		 unsigned long ceiling)
{
	struct page *page, *n;
	unsigned long freed = 0;
	LIST_HEAD(gone);

	spin_lock(&mm->page_table_lock);
	leaf_forget(mm);
	unhook_range(mm, __va(mm->root), pgtable_levels() - 1, start, end, floor, ceiling, &gone);
	spin_unlock(&mm->page_table_lock);
	if (list_empty(&gone))
		return;
	/*
	 * MMUs cache upper levels too: no walk may come to a freed table.
	 * tests: translation.U.Free+flush, translation.U.MP+flush+mb
	 */
	if (READ_ONCE(mm->mm_users))
		tlb_flush_tables(mm);
	list_for_each_entry_safe(page, n, &gone, lru)
	{
		__free_page(page);
		freed++;
	}
	fetch_add_relaxed(&nr_tables_all, -freed);
}
