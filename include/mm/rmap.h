/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reverse map of anonymous pages: from a page to the page-table entries that map it, by way of
 * page->mapping, which names an anon_vma, on whose list all areas are that may map the page.
 *
 * How the code works, and the race that shaped it: mm/rmap.c.
 */
#pragma once

#include <kernel/spinlock.h>
#include <lib/list.h>
#include <mm/page.h>
#include <mm/vma.h>

struct tlb_batch;

/*
 * Lives while an area is linked to it, and its memory remains an anon_vma for a grace period more.
 * Its cache is type-safe: lock and list are initialised by the constructor alone, and an anon_vma
 * is freed with its list empty. The lock may be held by a late-coming reader all the while.
 */
struct anon_vma {
	struct spinlock lock;
	struct list_head head; /* areas, by anon_vma_node; under lock */
#ifdef CONFIG_DEBUG
	u32 nr;	   /* areas on the list, as entered and removed; atomic */
	u32 magic; /* ANON_VMA_MAGIC, set last by the constructor: this memory is an anon_vma */
#endif
};
#define ANON_VMA_MAGIC 0xa7074a11U

/*
 * How an area gets its anon_vma, how a page's is locked by somebody who holds no lock of the areas,
 * and how the memory of a dead one goes away. These belong together; see mm/rmap.c for what each
 * relies on. Chosen at run time by anon_vma_set_ops().
 */
struct anon_vma_ops {
	const char *name;
	int (*prepare)(struct vm_area_struct *vma);
	bool prepare_always; /* prepare() is called also for an area that has its anon_vma */
	struct anon_vma *(*lock)(struct page *page);
	void (*unlock)(struct anon_vma *anon_vma);
	u32 cache_flags; /* SLAB_* of the cache of anon_vmas */
};

extern const struct anon_vma_ops anon_vma_ops_modern;

/* The cache of anon_vmas. Boot CPU, once. 0 or -ENOMEM. */
int rmap_init(void);

/*
 * Go over to @ops, with a new cache. -EBUSY while there are anon_vmas, -ENOMEM; then nothing has
 * changed. Nobody may use the reverse map meanwhile. May sleep. For tests.
 */
int anon_vma_set_ops(const struct anon_vma_ops *ops);
const struct anon_vma_ops *anon_vma_get_ops(void);
/* anon_vmas in use. May be in motion. */
unsigned long anon_vma_count(void);

/* For the functions of an anon_vma_ops. alloc: may sleep; NULL without memory. */
struct anon_vma *anon_vma_alloc(void);
void anon_vma_free(struct anon_vma *anon_vma);
/*
 * For tests of ordering: while it is set, anon_vma_alloc() gives out what this returns, an object
 * that anon_vma_alloc() gave out before. Set and cleared while nobody allocates.
 */
extern struct anon_vma *(*anon_vma_supply)(void);
/* For the same: the constructor of the cache, run on an object that nobody uses. */
void anon_vma_construct(struct anon_vma *anon_vma);
/*
 * Is a change of a published anon_vma's list without its lock reported even if nobody is there to
 * race with? Else only if somebody has the lock, or a walk comes short. Tests clear it for their
 * time, to find the race and not only the broken rule.
 */
extern bool anon_vma_report_unraced;

/*
 * Put @vma at the end of @anon_vma's list. A debug build reports (detect()) when that races: the
 * caller has not the lock, and somebody else has it, or vma->anon_vma is published already. The
 * sync point "list.half" is between the two halves of the insertion.
 */
void anon_vma_list_add(struct anon_vma *anon_vma, struct vm_area_struct *vma);
/* Remove it; the lock is held, which a debug build checks. Returns whether it was the last one. */
bool anon_vma_list_del(struct anon_vma *anon_vma, struct vm_area_struct *vma);
/*
 * Is that memory an anon_vma? A debug build looks at its canary, and reports if not, which it is
 * that is being @done. Always true in a release build.
 */
bool anon_vma_check(const struct anon_vma *anon_vma, const char *done);

/* ---- areas ---- */

/*
 * Make sure that @vma, which is about to get a page, has an anon_vma: that of a neighbour if they
 * might be merged one day, else a new one. mmap_sem for reading; may sleep. 0 or -ENOMEM.
 */
int anon_vma_prepare(struct vm_area_struct *vma);
/* @vma->anon_vma was copied from an area that is linked: link @vma too. mmap_sem for writing. */
void anon_vma_link(struct vm_area_struct *vma);
/* The same; the caller holds the anon_vma's lock. */
void __anon_vma_link(struct vm_area_struct *vma);
/* @next goes, @vma of the same anon_vma covers its pages: unlink @next. Caller holds the lock. */
void __anon_vma_merge(struct vm_area_struct *vma, struct vm_area_struct *next);
/* @vma maps no page any more and goes: unlink it; the last one frees the anon_vma. */
void anon_vma_unlink(struct vm_area_struct *vma);
/* The lock of @vma's anon_vma, if it has one. mmap_sem. */
void anon_vma_lock(struct vm_area_struct *vma);
void anon_vma_unlock(struct vm_area_struct *vma);

/* ---- pages: page_table_lock of the entry that maps, or will map, the page ---- */

/* A page that nobody else knows gets its first entry, in @vma, which has its anon_vma. */
void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address);
/* Another entry for a page out of swap or of migration; the page is locked. */
void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address);
/* Fork copies an entry of @page. */
void page_dup_rmap(struct page *page);
/* An entry of @page is gone. page->mapping stays. */
void page_remove_rmap(struct page *page);

/* ---- walks ---- */

/*
 * The anon_vma that page->mapping names, or NULL. An RCU reader keeps it one for as long as it is
 * looked at: if @page is mapped then, which the caller finds out next.
 */
struct anon_vma *page_anon_vma(const struct page *page);
/*
 * Lock the anon_vma of @page, of which the caller holds nothing but a reference. NULL if nobody
 * maps the page. Does not sleep; nor may the caller before page_unlock_anon_vma().
 */
struct anon_vma *page_lock_anon_vma(struct page *page);
void page_unlock_anon_vma(struct anon_vma *anon_vma);

/* Where @page would be in @vma; 0 if outside of it. The anon_vma's lock, or mmap_sem. */
unsigned long vma_address(const struct page *page, const struct vm_area_struct *vma);

/*
 * How many entries have used @page since this was asked last; the answer is reset. The caller has a
 * reference, and holds no spinlock.
 */
int page_referenced(struct page *page);

enum ttu_mode {
	TTU_SWAP,    /* entries name the slot that the page has in swap */
	TTU_MIGRATE, /* entries say that the page is being moved */
};

/*
 * Replace every entry that maps @page, which is locked, and in swap if that is the mode. 0, or
 * -EBUSY if some entry could not be found. The caller has a reference, and holds no spinlock.
 *
 * CPUs may use the entries until tlb_batch_flush() of @batch. Before that the caller, whatever is
 * returned, neither reads the page's contents, nor gives up its lock or reference.
 */
int try_to_unmap(struct page *page, enum ttu_mode mode, struct tlb_batch *batch);

/*
 * Call fn(vma, address, arg) for each area of @anon_vma that covers the place of @page. The caller
 * holds the anon_vma's lock. Stops at and returns what is not 0. A debug build checks the lock, the
 * links, and, after the last area, how many there were.
 */
int rmap_walk(struct anon_vma *anon_vma, struct page *page,
	      int (*fn)(struct vm_area_struct *vma, unsigned long address, void *arg), void *arg);
