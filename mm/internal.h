/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of address spaces tell one another and nobody else. */
#pragma once

#include <kernel/panic.h>
#include <kernel/sched.h>
#include <mm/mm.h>

struct anon_vma;
struct page;
struct vm_area_struct;

/* ---- for assertions: in a release build all is well ---- */

#ifdef CONFIG_DEBUG
/* Do areas and tables of @mm stay? Somebody holds mmap_sem, or nobody uses the space any more. */
static inline bool mm_is_held(const struct mm_struct *mm)
{
	if (assert_denied(mm->mmap_sem.lock.name))
		return false;
	return rwsem_is_locked(&mm->mmap_sem) || !READ_ONCE(mm->mm_users);
}

/* May this thread change them? It holds mmap_sem for writing, or ends the space. */
static inline bool mm_is_mine(const struct mm_struct *mm)
{
	if (assert_denied(mm->mmap_sem.lock.name))
		return false;
	return rwsem_is_mine(&mm->mmap_sem) || !READ_ONCE(mm->mm_users);
}
#else
static inline bool mm_is_held(const struct mm_struct *mm)
{
	return true;
}

static inline bool mm_is_mine(const struct mm_struct *mm)
{
	return true;
}
#endif

/* So many present entries (but for the zero page) and others more. page_table_lock. */
static inline void mm_add_rss(struct mm_struct *mm, long anon, long swap)
{
	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	mm->anon_rss += anon;
	mm->swap_rss += swap;
}

/* mm/vma.c */
int vma_cache_init(void);	   /* 0 or -ENOMEM */
unsigned long vma_count_all(void); /* areas of all address spaces */

/* mm/memory.c */
int memory_init(void); /* the zero page; 0 or -ENOMEM */

/* mm/pgtable_user.c */
unsigned long table_count_all(void); /* page-table pages but for roots */
/* The entry for @address, tables added down to it; NULL without memory. mmap_sem; may sleep. */
pteval_t *pte_alloc(struct mm_struct *mm, unsigned long address);
/*
 * Call fn(arg, first entry, address, end address) for each leaf table that exists in [@addr, @end).
 * Stops at and returns what is not 0. mmap_sem, or no users.
 */
typedef int (*leaf_fn)(void *arg, pteval_t *pte, unsigned long addr, unsigned long end);
int mm_for_each_leaf(struct mm_struct *mm, unsigned long addr, unsigned long end, leaf_fn fn,
		     void *arg);
/*
 * Areas in [@start, @end) have gone, from the reverse map too: free the tables that only they used,
 * those within [@floor, @ceiling), when no MMU can come to them. mmap_sem for writing, or no users.
 */
void free_tables(struct mm_struct *mm, unsigned long start, unsigned long end, unsigned long floor,
		 unsigned long ceiling);

/* mm/anon_vma.c */
/* Anon_vmas come from a new cache with these flags. -EBUSY while there are any; -ENOMEM. */
int anon_vma_cache_set(u32 flags);

/* mm/rmap_debug.c: in a release build they do nothing, and say that all is well */
void anon_vma_debug_init(struct anon_vma *anon_vma); /* last thing in the constructor */
/* May this CPU make that @change to the list? False: it has been reported. */
bool anon_vma_list_check(const struct anon_vma *anon_vma, const struct vm_area_struct *vma,
			 const char *change, bool published);
void anon_vma_list_count(struct anon_vma *anon_vma, u32 n); /* so many areas more */
/* Is nothing left on the list, by the links as by the count? */
bool anon_vma_list_is_last(struct anon_vma *anon_vma);
/* A walk of the list: may it be done; is @node, number @nr from 1, what @prev's link should be? */
#ifdef CONFIG_DEBUG
bool anon_vma_walk_begin(const struct anon_vma *anon_vma);
bool anon_vma_walk_next(const struct anon_vma *anon_vma, const struct list_head *prev,
			const struct list_head *node, unsigned int nr);
void anon_vma_walk_end(const struct anon_vma *anon_vma, unsigned int nr);
#else
static inline bool anon_vma_walk_begin(const struct anon_vma *anon_vma)
{
	return true;
}

static inline bool anon_vma_walk_next(const struct anon_vma *anon_vma, const struct list_head *prev,
				      const struct list_head *node, unsigned int nr)
{
	return true;
}

static inline void anon_vma_walk_end(const struct anon_vma *anon_vma, unsigned int nr)
{
}
#endif
/* @what has ended with deeper RCU readers than @nesting: report, and end them. */
void rcu_check_leaked(int nesting, const char *what);
/* @what relies on the caller's RCU reader: report if there is none. */
void rcu_check_reader(const char *what);

/* mm/object_kind.c: see kernel/event.h */
const char *mm_object_kind(const void *obj, const void **base);

/* mm/fault.c */
void fault_init(void); /* user faults go to do_user_fault() from now on */

/* mm/page_lock.c */
void page_lock_init(void);

/* mm/reclaim.c */
int reclaim_init(void); /* the background thread; 0 or -ENOMEM */
