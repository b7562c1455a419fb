/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LRU lists: every page that address spaces map, or that is in the swap cache, is on one of
 * two, unless somebody has isolated it.
 *
 * The lists hold no reference. A page on a list has at least one, and whoever drops the last takes
 * it off first:
 *
 *	put_anon_page()				lru_isolate()
 *	count is 1: ours
 *	lru_lock				(waits)
 *	count still 1: off the list
 *	unlock					lru_lock: the page is not there
 *	put_page() frees it
 *
 * or, the other way round, the isolator's reference makes the count 2: the drop is not the last.
 *
 * Protected by lru_lock: the lists, page->lru of pages on them, PG_lru, and PG_active while PG_lru
 * is set. An isolated page's lru and PG_active belong to who isolated it.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <mm/lru.h>
#include <mm/page_alloc.h>

static DEFINE_SPINLOCK(lru_lock);
static struct list_head lru_lists[NR_LRU] = {
	LIST_HEAD_INIT(lru_lists[LRU_INACTIVE]),
	LIST_HEAD_INIT(lru_lists[LRU_ACTIVE]),
};
static unsigned long lru_nr[NR_LRU]; /* under lru_lock */
static unsigned long nr_collisions;  /* atomic */

void (*lru_page_used)(void);

static enum lru_list page_lru(const struct page *page)
{
	return page_test_flag(page, PG_active) ? LRU_ACTIVE : LRU_INACTIVE;
}

/* lru_lock is held for these two. @more: flags that the page gets too. */
static void lru_add(struct page *page, u32 more)
{
	u32 was = page_flags_set(page, 1U << PG_lru | more);
	enum lru_list which = page_lru(page);

	BUG_ON(!spin_is_mine(&lru_lock));
	BUG_IF(was & 1U << PG_lru, "page %lx is on a list", page_to_pfn(page));
	list_add(&page->lru, &lru_lists[which]);
	WRITE_ONCE(lru_nr[which], lru_nr[which] + 1);
}

static void lru_unlink(struct page *page)
{
	enum lru_list which = page_lru(page);

	BUG_ON(!spin_is_mine(&lru_lock) && !busted(BUSTED_LRU_NO_LOCK));
	list_del(&page->lru);
	WRITE_ONCE(lru_nr[which], lru_nr[which] - 1);
}

void lru_cache_add(struct page *page)
{
	spin_lock(&lru_lock);
	lru_add(page, 1U << PG_active);
	event("page goes on the LRU", page);
	spin_unlock(&lru_lock);
	if (likely(lru_page_used))
		lru_page_used();
}

void putback_lru_page(struct page *page)
{
	spin_lock(&lru_lock);
	lru_add(page, 0);
	spin_unlock(&lru_lock);
	put_anon_page(page);
}

/* ---- the last reference ---- */

/* Drop a reference unless it is the last one. */
static bool page_put_unless_last(struct page *page)
{
	s32 old;

	do {
		old = page_count(page);
		if (old <= 1)
			return false;
		/*
		 * full: pairs with the fetch_add() in page_ref_drop() and the acquire in
		 * page_only_ref(); what we did to the page before its end, or its having one user
		 * only; tests: litmus.MP+rel+acq, litmus.LB+mb+acq
		 */
	} while (cmpxchg(&page->refcount, old, old - 1) != old);
	return true;
}

/* Ours is the only reference, and nobody can come to the page? lru_lock is held. */
static bool page_take_last(struct page *page)
{
	BUG_ON(!spin_is_mine(&lru_lock));
	if (page_count(page) != 1)
		return false;
	if (page_test_clear_flag(page, PG_lru))
		lru_unlink(page);
	return true;
}

void put_anon_page(struct page *page)
{
	bool last = false;

	while (!last) {
		if (page_put_unless_last(page))
			return;
		sync_point_on("put.last", page);
		spin_lock(&lru_lock);
		last = page_take_last(page);
		spin_unlock(&lru_lock);
		BUG_IF(page_count(page) <= 0, "page %lx: count %d", page_to_pfn(page),
		       page_count(page));
	}
	sync_point_on("put.taken", page);
	put_page(page);
}

void put_anon_pages(struct page **pages, unsigned int n)
{
	unsigned int nr = 0, nr_last = 0;

	for (unsigned int i = 0; i < n; i++)
		if (!page_put_unless_last(pages[i]))
			pages[nr++] = pages[i];
	if (!nr)
		return;
	sync_point_on("put.last", pages[0]);
	spin_lock(&lru_lock);
	for (unsigned int i = 0; i < nr; i++) {
		struct page *page = pages[i];

		if (!page_take_last(page))
			continue;
		pages[i] = pages[nr_last];
		pages[nr_last++] = page;
	}
	spin_unlock(&lru_lock);
	sync_point_on("put.taken", pages[0]);
	put_pages(pages, nr_last);
	for (unsigned int i = nr_last; i < nr; i++)
		put_anon_page(pages[i]);
}

/* ---- isolation ---- */

static bool lru_isolate_one(struct page *page)
{
	/* Under the lock the flag says whether the page is on a list; so it must be set here. */
	if (unlikely(!page_test_clear_flag(page, PG_lru))) {
		BUG_IF(!busted(BUSTED_LRU_NO_LOCK), "page %lx is on no list", page_to_pfn(page));
		fetch_add_relaxed(&nr_collisions, 1);
		return false;
	}
	get_page(page);
	lru_unlink(page);
	return true;
}

unsigned int lru_isolate(enum lru_list which, unsigned int nr, struct list_head *out)
{
	bool locked = !busted(BUSTED_LRU_NO_LOCK);
	unsigned int n = 0;

	if (locked)
		spin_lock(&lru_lock);
	while (n < nr && !list_empty(&lru_lists[which])) {
		struct page *page = list_last_entry(&lru_lists[which], struct page, lru);

		sync_point("isolate.chosen");
		if (!lru_isolate_one(page))
			break;
		list_add_tail(&page->lru, out);
		n++;
	}
	if (locked)
		spin_unlock(&lru_lock);
	return n;
}

bool lru_isolate_page(struct page *page)
{
	bool found;

	spin_lock(&lru_lock);
	found = page_test_flag(page, PG_lru) && lru_isolate_one(page);
	spin_unlock(&lru_lock);
	return found;
}

struct page *lru_pick(unsigned long n)
{
	struct page *page, *found = NULL;

	spin_lock(&lru_lock);
	for (int which = 0; which < NR_LRU && !found; which++) {
		if (n >= lru_nr[which]) {
			n -= lru_nr[which];
			continue;
		}
		list_for_each_entry(page, &lru_lists[which], lru)
		{
			if (n--)
				continue;
			get_page(page);
			found = page;
			break;
		}
	}
	spin_unlock(&lru_lock);
	return found;
}

unsigned long lru_count(enum lru_list which)
{
	return READ_ONCE(lru_nr[which]);
}

unsigned long lru_collisions(void)
{
	return READ_ONCE(nr_collisions);
}
