/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces, as Linux 2.6.27 has them, for anonymous memory only; their life: mm/mm.c.
 *
 * Lifetimes: an mm_struct lives while somebody holds a reference (mm_users); exit_mmap() runs when
 * the last goes. A vm_area_struct belongs to its mm and comes and goes under mmap_sem held for
 * writing; who finds it by the reverse map instead holds the lock of its anon_vma, from which it is
 * unlinked before it is freed. An anon_vma belongs to the areas linked on its list and is freed
 * with the last of them, while lockless readers may still look at it: its slab cache is type-safe
 * by RCU.
 *
 * Lock order: docs/locking.md; which locks may be held across an allocation, too.
 */
#pragma once

#include <arch/mmu.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

/* User addresses: [USER_START, USER_END). ARCH_USER_END is in <asm/memory.h>. */
#define USER_START (16 * PAGE_SIZE)
#define USER_END   ((unsigned long)ARCH_USER_END)

struct mm_struct {
	struct rw_semaphore mmap_sem;	 /* areas, their tree and list */
	struct spinlock page_table_lock; /* page-table entries and tables, rss, total_vm */
	/*
	 * Two faults that give one area its anon_vma. In Linux this is page_table_lock, whose other
	 * duties are there those of a lock in each table: one lock for both would hide races.
	 */
	struct spinlock prepare_lock;
	struct rb_root mm_rb;	 /* areas by address; mmap_sem */
	struct list_head mmap;	 /* areas in order; mmap_sem */
	phys_addr_t root;	 /* top-level table; constant */
	u64 context;		 /* address-space id and generation: mm/tlb.c */
	cpumask_t cpus_used;	 /* CPUs whose TLB may hold entries of it; atomic: mm/tlb.c */
	bool flush_due;		 /* of entries not present: mm/tlb_batch.c; page_table_lock */
	u32 mm_users;		 /* references; atomic */
	unsigned long map_count; /* areas; mmap_sem */
	unsigned long total_vm;	 /* pages of all areas; page_table_lock */
	unsigned long anon_rss;	 /* present entries but for the zero page; page_table_lock */
	unsigned long swap_rss;	 /* entries neither none nor present (swapped out, or being
					  * migrated); page_table_lock */
	unsigned long nr_tables; /* page-table pages but for the root; page_table_lock */
	pteval_t *leaf_table;	 /* found last: pte_lookup(); or NULL; page_table_lock */
	unsigned long leaf_nr;	 /* addresses >> its span; page_table_lock */
	unsigned int id;	 /* for reports and stamps; constant, never reused */
};

/*
 * Everything that address spaces need: caches, the zero page, reverse map, swap, the fault handler.
 * Boot CPU, once, after all CPUs are up and threads run. 0 or -ENOMEM.
 */
int mm_init(void);
/* An empty address space with one reference; NULL without memory. May sleep. */
struct mm_struct *mm_alloc(void);
void mmget(struct mm_struct *mm);
/* Drop a reference; the last one tears everything down: exit_mmap(). May sleep. */
void mmput(struct mm_struct *mm);
/*
 * Fork: a copy of @oldmm that shares its pages until either side writes. NULL without memory.
 * Takes mmap_sem of @oldmm for writing. May sleep.
 */
struct mm_struct *dup_mm(struct mm_struct *oldmm);
/*
 * User addresses of the current thread are those of @mm from now on until unuse_mm(). Holds a
 * reference meanwhile. The thread must not have an mm already. May sleep.
 */
void use_mm(struct mm_struct *mm);
void unuse_mm(void);

/* What address spaces hold in all, to compare before and after. Any context; may be in motion. */
struct mm_usage {
	unsigned long mms, areas, tables; /* tables: without roots */
};
void mm_usage_read(struct mm_usage *u);
