/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LRU lists, reclaim, swap to memory, migration, and the page lock that keeps them apart.
 */
#pragma once

#include <arch/pgtable_user.h>
#include <lib/list.h>
#include <mm/mm.h>
#include <mm/page.h>

/* The slots. Boot CPU, once. 0 or -ENOMEM. */
int swap_init(void);

/*
 * ---- the page lock (mm/page_lock.c): held by who moves a page to or from swap or another frame.
 * It sleeps, so it is outside of all spinlocks; trylock and unlock may be used inside.
 */
void lock_page(struct page *page);
bool trylock_page(struct page *page);
void unlock_page(struct page *page);
/* Sleep until nobody holds it, or somebody has taken it anew. The caller has a reference. */
void wait_on_page_locked(struct page *page);
/* Its steps that race, without the check whose it is; where those sleep who wait. For tests. */
bool page_try(struct page *page);
void page_release(struct page *page);
struct wait_queue *page_wait_queue(const struct page *page);

/* ---- the lists (mm/lru.c) ---- */

enum lru_list { LRU_INACTIVE, LRU_ACTIVE, NR_LRU };

/* A page that nobody else can find by the lists goes onto the active one. Not from interrupts. */
void lru_cache_add(struct page *page);
/* Drop references of pages that may be on a list: the last one takes them off. */
void put_anon_page(struct page *page);
void put_anon_pages(struct page **pages, unsigned int n);

/*
 * Take up to @nr pages from the old end of a list, each with a reference, onto @out (by lru).
 * Returns how many. putback_lru_page() gives one back (to the list that PG_active says) and drops
 * the reference. No spinlocks held but page_table_lock.
 */
unsigned int lru_isolate(enum lru_list which, unsigned int nr, struct list_head *out);
/* Take this page off, with a reference. False if it is on no list. The caller has a reference. */
bool lru_isolate_page(struct page *page);
void putback_lru_page(struct page *page);
/*
 * Called by lru_cache_add(): one page more is in use. Not from interrupts; may not sleep. Set once
 * by the reclaim code, which wakes its thread if memory runs low; NULL: there is none.
 */
extern void (*lru_page_used)(void);
/* Lengths of the lists. May be in motion. */
unsigned long lru_count(enum lru_list which);
/* The @n-th page from the old end of the two lists together, with a reference; or NULL. */
struct page *lru_pick(unsigned long n);
/* How often two isolated the same page; only a busted LRU lets it happen. */
unsigned long lru_collisions(void);

/* ---- reclaim (mm/reclaim.c) ---- */

/*
 * Try to free @nr pages. Returns how many were freed, by us or by others at the same time. May
 * sleep; no lock held but mmap_sem. What GFP_KERNEL calls when there is no memory.
 */
unsigned long reclaim_pages(unsigned long nr);
/* Swap out @page now, used or not; drops the caller's reference. 0, -EBUSY, -ENOMEM: no slot. */
int reclaim_page(struct page *page);
/* The background thread frees memory when fewer than @low pages are free, until @high are. */
void reclaim_set_watermarks(unsigned long low, unsigned long high);

/* ---- entries of page tables that are neither none nor present ---- */

enum swp_kind { SWP_SLOT, SWP_MIGRATE_READ, SWP_MIGRATE_WRITE };
#define SWP_KIND_BITS 2

static inline pteval_t swp_pte(enum swp_kind kind, u64 value)
{
	return pte_make_swap(value << SWP_KIND_BITS | kind);
}

static inline enum swp_kind swp_kind(pteval_t pte)
{
	return (enum swp_kind)(pte_swap_entry(pte) & ((1U << SWP_KIND_BITS) - 1));
}

/* Number of the slot, or of the page's frame. */
static inline u64 swp_value(pteval_t pte)
{
	return pte_swap_entry(pte) >> SWP_KIND_BITS;
}

static inline bool pte_is_migration(pteval_t pte)
{
	return pte_is_swap(pte) && swp_kind(pte) != SWP_SLOT;
}

/*
 * Fork copies *src, neither none nor present: what both sides shall have from now on. Both
 * page_table_locks.
 */
pteval_t swap_dup_pte(pteval_t *src);
/* Such an entry is gone. page_table_lock. */
void swap_free_pte(pteval_t pte);
/*
 * May the entry that maps @page write to it in place? Nobody else has a reference: whoever maps it,
 * copies it, moves it, or can come to it by swap. A slot that nothing else names is given up.
 * False is always safe. page_table_lock of the entry.
 */
bool page_can_reuse(struct page *page);

/* ---- slots and the swap cache (mm/swap.c) ---- */

/*
 * Give @page, locked, a slot and enter it in the swap cache. -ENOMEM: no slot is free.
 */
int add_to_swap(struct page *page);
/* One more entry names the slot of @page, which is locked. */
void swap_duplicate(struct page *page);
/* Copy @page, locked, mapped by nobody, to its slot; it is clean then. */
void swap_write(struct page *page);
/*
 * Take @page out of the swap cache, as its slot holds the same, unless somebody else uses it: the
 * caller's reference must be the only one beside the cache's. The page is locked.
 */
bool swap_cache_drop(struct page *page);
/* @new takes the place of @old in the swap cache, if it is there. Both are locked. */
void swap_cache_move(struct page *old, struct page *new);
/*
 * Unlock @page, and if nothing names its slot any more, take it out of the swap cache. The caller
 * has a reference that nobody else can drop.
 */
void unlock_page_trim(struct page *page);

/*
 * The page of @slot, locked, with a reference, out of the swap cache or of the slot. May sleep. 0,
 * -ENOMEM, or -EAGAIN: things have changed.
 */
int swap_get_page(u64 slot, struct page **pagep);
/*
 * @page, locked, gets the place of an entry that names its slot, and the entry the caller's
 * reference. May it permit writing, if that is what is wanted? page_table_lock of the entry.
 */
bool swap_entry_ends(u64 slot, struct page *page, bool write);

/* Slots in all; in use. May be in motion. */
unsigned long swap_slots(void);
unsigned long swap_slots_used(void);
/* How many entries name the slot, and the cache. For tests: one more; as swap_dup_pte() does. */
unsigned int swap_slot_count(u64 slot);
void swap_slot_get(u64 slot);
/* No more than @n slots may be in use (0: all). For tests. */
void swap_limit(unsigned long n);

/* ---- migration (mm/migrate.c) ---- */

/*
 * Move what is in @page to another frame, while it is used. The caller has a reference, holds no
 * spinlock, and may sleep. 0; -EAGAIN: on no list, or freed meanwhile, or somebody was quicker;
 * -ENOMEM.
 */
int migrate_page(struct page *page);
/* Wait for the migration that @orig at @ptep speaks of, unless it is over. */
void migration_entry_wait(struct mm_struct *mm, pteval_t *ptep, pteval_t orig);
