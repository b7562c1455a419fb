/* SPDX-License-Identifier: GPL-2.0-only */
/* The LRU lists: mm/lru.c. */
#pragma once

#include <lib/list.h>
#include <lib/types.h>

struct page;

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
/* The @n-th page, with a reference, of the inactive list and then the active, both from the young
 * end; or NULL. */
struct page *lru_pick(unsigned long n);
/* How often two isolated the same page; only a busted LRU lets it happen. */
unsigned long lru_collisions(void);
