/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces and their areas, as Linux 2.6.27 has them, for anonymous memory only.
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
#include <arch/trap.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <lib/types.h>

struct anon_vma;
struct page;

#define VM_READ	     0x1UL
#define VM_WRITE     0x2UL
#define VM_EXEC	     0x4UL
#define VM_ACCESS    (VM_READ | VM_WRITE | VM_EXEC)
#define VM_GROWSDOWN 0x100UL
#define VM_GROWSUP   0x200UL

/* User addresses: [USER_START, USER_END). ARCH_USER_END is in <asm/memory.h>. */
#define USER_START (16 * PAGE_SIZE)
#define USER_END   ((unsigned long)ARCH_USER_END)

/* Pages that a stack may not grow into: the distance that it keeps from its neighbour. */
#define STACK_GUARD_PAGES 1

/* As many areas may an address space have. */
#define MAX_MAP_COUNT 65530

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
	u32 mm_users;		 /* references; atomic */
	unsigned long map_count; /* areas; mmap_sem */
	unsigned long total_vm;	 /* pages of all areas; page_table_lock */
	unsigned long anon_rss;	 /* present entries but for the zero page; page_table_lock */
	unsigned long swap_rss;	 /* entries neither none nor present (swapped out, or being
					  * migrated); page_table_lock */
	unsigned long nr_tables; /* page-table pages but for the root; page_table_lock */
	unsigned int id;	 /* for reports and stamps; constant, never reused */
};

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

/* ---- life of an address space: mm/mm.c ---- */

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

/* ---- areas: mm/vma.c, vma_adjust.c; mmap_sem for writing but where noted; 0 or -errno ---- */

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

/* ---- operations on address spaces: mm/mmap.c, mm/mprotect.c; mmap_sem for writing ---- */

/*
 * Map @len bytes (rounded up to pages) at @addr exactly, replacing what is there, or anywhere if
 * @addr is 0. Returns the address, -EINVAL or -ENOMEM.
 */
long do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len, unsigned long vm_flags);
/* Unmap what lies in the range; holes do not matter. -EINVAL, or -ENOMEM and nothing has changed
 * but for splits. */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);
/* Change the VM_ACCESS part of the flags. -ENOMEM: a hole in the range (what lies before it is
 * changed), or no memory for a split. */
int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long vm_flags);
/* Copy areas and page tables for fork. @mm is empty and known to nobody. -ENOMEM: mmput(@mm). */
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);
/* Tear down: unmap_vmas(), free_pgtables() (which unlinks the anon_vmas), the areas. No users. */
void exit_mmap(struct mm_struct *mm);

/* The same on current->mm with the locking, as a system call would; may sleep. */
long sys_mmap(unsigned long addr, unsigned long len, unsigned long vm_flags);
int sys_munmap(unsigned long addr, unsigned long len);
int sys_mprotect(unsigned long addr, unsigned long len, unsigned long vm_flags);

/* ---- what is mapped: mm/memory.c; tables: mm/pgtable_user.c; faults: mm/memory_fault.c ---- */

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
/*
 * Resolve a fault of the kind that @vma permits. mmap_sem for reading; may sleep. 0: try the access
 * again; -ENOMEM.
 */
int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address,
		    enum fault_access access);
/* The entry for @address, or NULL if its table is not there. Caller holds page_table_lock. */
pteval_t *pte_lookup(struct mm_struct *mm, unsigned long address);
/* The leaf entry that @page gets in @vma: not writable unless asked for and permitted by the area;
 * young and dirty if @write. */
pteval_t vma_make_pte(const struct vm_area_struct *vma, struct page *page, bool write);

/* What untouched memory reads as; mapped without rmap, reference, and rss. */
extern struct page *zero_page;
bool pte_is_zero_page(pteval_t pte);

/* ---- faults: mm/fault.c ---- */

/*
 * From trap_handle(), on the stack of the thread that faulted, interrupts enabled; may sleep. 0: go
 * on at the same instruction; -EFAULT, -ENOMEM (then also in current->fault_error).
 */
int do_user_fault(unsigned long address, enum fault_access access);

/*
 * One access to a user address of the current thread, through the MMU. 0, -EFAULT (no area, or not
 * permitted), or -ENOMEM. May sleep.
 */
int user_read64(unsigned long addr, u64 *val);
int user_write64(unsigned long addr, u64 val);
/* *found == old means that @new was stored. */
int user_cmpxchg64(unsigned long addr, u64 old, u64 new, u64 *found);
