/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables of address spaces: mm/pgtable_user.c. */
#pragma once

#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <mm/mm.h>
#include <mm/pgtable.h>

struct page;
struct vm_area_struct;

/* For pte_lookup(): from the root. The leaf table that is found is kept. */
pteval_t *__pte_lookup(struct mm_struct *mm, unsigned long address);

/*
 * The entry for @address, or NULL if its table is not there. Caller holds page_table_lock.
 *
 * The reverse map comes to a space for one page several times (was it used? take it out), and then
 * for its neighbour. So the leaf table that was found last is kept, as an MMU keeps it, until
 * tables go: free_tables(). That saves three reads that wait for each other, each in another page.
 */
static inline pteval_t *pte_lookup(struct mm_struct *mm, unsigned long address)
{
	BUG_ON(!spin_is_mine(&mm->page_table_lock));
	if (mm->leaf_table && mm->leaf_nr == address >> pgtable_shift(1))
		return &mm->leaf_table[pgtable_index(address, 0)];
	return __pte_lookup(mm, address);
}

/* The leaf entry that @page gets in @vma: not writable unless asked for and permitted by the area;
 * young and dirty if @write. */
pteval_t vma_make_pte(const struct vm_area_struct *vma, struct page *page, bool write);
