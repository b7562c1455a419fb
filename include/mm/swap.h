/* SPDX-License-Identifier: GPL-2.0-only */
/* Swap to memory: slots, the swap cache, and the entries that name slots: mm/swap.c. */
#pragma once

#include <arch/pgtable_user.h>
#include <lib/types.h>

struct page;

/* The slots. Boot CPU, once. 0 or -ENOMEM. */
int swap_init(void);

/* ---- entries that are neither none nor present ---- */

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

/* ---- slots and the swap cache ---- */

/*
 * Give @page, locked, a slot and enter it in the swap cache. -ENOMEM: no slot is free.
 */
int add_to_swap(struct page *page);
/*
 * @n more entries name the slot of @page, which is locked, or will until it is unlocked: those that
 * do not are taken back before. Whoever looks at the count meanwhile leaves the rest to who unlocks
 * the page, as for any entry.
 */
void swap_duplicate(struct page *page, unsigned int n);
void swap_undo_duplicate(struct page *page, unsigned int n);
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
