/* SPDX-License-Identifier: GPL-2.0-only */
/* The page tables of address spaces: mm/pgtable_user.c. */
#pragma once

#include <arch/pgtable_user.h>

struct mm_struct;
struct page;
struct vm_area_struct;

/* The entry for @address, or NULL if its table is not there. Caller holds page_table_lock. */
pteval_t *pte_lookup(struct mm_struct *mm, unsigned long address);
/* The leaf entry that @page gets in @vma: not writable unless asked for and permitted by the area;
 * young and dirty if @write. */
pteval_t vma_make_pte(const struct vm_area_struct *vma, struct page *page, bool write);
