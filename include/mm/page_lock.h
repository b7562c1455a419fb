/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page lock (mm/page_lock.c): held by who moves a page to or from swap or another frame. It
 * sleeps, so it is outside of all spinlocks; trylock and unlock may be used inside.
 */
#pragma once

#include <lib/types.h>

struct page;

void lock_page(struct page *page);
bool trylock_page(struct page *page);
void unlock_page(struct page *page);
/* Sleep until nobody holds it, or somebody has taken it anew. The caller has a reference. */
void wait_on_page_locked(struct page *page);
/* Its steps that race, without the check whose it is; where those sleep who wait. For tests. */
bool page_try(struct page *page);
void page_release(struct page *page);
struct wait_queue *page_wait_queue(const struct page *page);
