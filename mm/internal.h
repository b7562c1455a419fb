/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of address spaces tell one another and nobody else. */
#pragma once

#include <arch/mmu.h>

struct mm_struct;

/* mm/vma.c */
int vma_cache_init(void);	   /* 0 or -ENOMEM */
unsigned long vma_count_all(void); /* areas of all address spaces */

/* mm/memory.c */
int memory_init(void);		     /* the zero page; 0 or -ENOMEM */
unsigned long table_count_all(void); /* page-table pages but for roots */
/* The entry for @address, tables added down to it; NULL without memory. mmap_sem; may sleep. */
pteval_t *pte_alloc(struct mm_struct *mm, unsigned long address);

/* mm/fault.c */
void fault_init(void); /* user faults go to do_user_fault() from now on */

/* mm/page_lock.c */
void page_lock_init(void);

/* mm/reclaim.c */
int reclaim_init(void); /* the background thread; 0 or -ENOMEM */
