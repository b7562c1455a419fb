/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reclaim: pages that nobody has used lately go to swap, and become free.
 *
 * Two lists, as in Linux 2.6.27: a page is born active; old active pages that were not used since
 * the last look become inactive; old inactive pages that were not used become free. "Used" is what
 * page_referenced() collects from the entries that map the page.
 *
 * Who calls: the page allocator when a GFP_KERNEL allocation finds nothing (reclaim_pages(), on the
 * stack of whoever asked), and the background thread, woken when few pages are free. Nothing here
 * allocates memory, takes mmap_sem, or waits for a page lock.
 */
#include <arch/atomic.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <mm/reclaim.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/tlb_batch.h>
#include <mm/vmstat.h>

#include "internal.h"

#define RECLAIM_BATCH 32 /* pages isolated at once */
#define PRIORITIES    6	 /* the first pass looks at 1/2^5 of the lists, the last at all */

/* How many uses between two looks at how much memory is free. */
#define USES_PER_LOOK 32

static DEFINE_PER_CPU(unsigned int, page_uses); /* its CPU's, preemption disabled */

static unsigned long watermark_low, watermark_high; /* lockless; any value will do */
static struct wait_queue reclaim_queue;
static u32 nr_reclaimers;  /* threads in reclaim_pages(); atomic */
static u32 reclaim_wanted; /* the background thread shall run */

/* ---- one page ---- */

/*
 * A page goes in two steps, between which there is one flush for as many pages as have come so far:
 *
 *	shrink_begin()		locked; has a slot; its entries name that
 *	tlb_batch_flush()	nobody can use it any more
 *	shrink_end()		written out, and free; or not; unlocked
 *
 * Why all that may wait for the flush: mm/tlb_batch.c.
 */

/* @page is locked: take out its entries. 0, -EBUSY, -ENOMEM (no slot). */
static int swap_unmap(struct page *page, struct tlb_batch *batch)
{
	if (!page_test_flag(page, PG_swapcache)) {
		if (!page_mapped(page))
			return -EBUSY; /* on its way to being freed by who unmapped it */
		if (add_to_swap(page))
			return -ENOMEM;
		sync_point_on("swapout.added", page);
	}
	if (page_mapped(page) && try_to_unmap(page, TTU_SWAP, batch))
		return -EBUSY;
	return 0;
}

/* The flush is done: make @page free but for the caller's reference. 0 or -EBUSY. */
static int swap_out(struct page *page)
{
	sync_point_on("swapout.unmapped", page);
	if (page_test_flag(page, PG_dirty)) {
		swap_write(page);
		reclaim_count(RECLAIM_SWAPPED_OUT);
	}
	return swap_cache_drop(page) ? 0 : -EBUSY;
}

/* An isolated page. 0: shrink_end() is due, after the flush; else why not, and it is kept. */
static int shrink_begin(struct page *page, bool force, struct tlb_batch *batch)
{
	int err = -EBUSY;

	if (!trylock_page(page))
		return -EBUSY;
	if (!force && page_referenced(page)) {
		page_set_flag(page, PG_active);
		reclaim_count(RECLAIM_ACTIVATED);
		goto out;
	}
	err = swap_unmap(page, batch);
	if (!err)
		return 0;
	if (err == -ENOMEM)
		page_set_flag(page, PG_active);
	else
		tlb_batch_flush(batch); /* some of its entries may be gone */
out:
	unlock_page_trim(page);
	return err;
}

/* Free the page, and drop the reference; or say why not, and keep it. */
static int shrink_end(struct page *page)
{
	int err = swap_out(page);

	unlock_page_trim(page);
	if (!err) {
		put_page(page);
		reclaim_count(RECLAIM_FREED);
	}
	return err;
}

static int shrink_page(struct page *page)
{
	struct tlb_batch batch = { .nr = 0 };
	int err = shrink_begin(page, true, &batch);

	tlb_batch_flush(&batch);
	return err ? err : shrink_end(page);
}

int reclaim_page(struct page *page)
{
	int err;

	bool isolated = lru_isolate_page(page);

	/* The caller's reference would keep the page in the swap cache. */
	put_anon_page(page);
	if (!isolated)
		return -EBUSY;
	err = shrink_page(page);
	if (err)
		putback_lru_page(page);
	return err;
}

/* ---- lists ---- */

/*
 * Isolated pages: free what can be freed, with one flush for all of them. Until then they are
 * locked; none of the locks was waited for.
 */
static unsigned long shrink_pages(struct list_head *pages)
{
	struct tlb_batch batch = { .nr = 0 };
	unsigned long freed = 0;
	struct page *page, *n;
	LIST_HEAD(unmapped);

	list_for_each_entry_safe(page, n, pages, lru)
	{
		list_del(&page->lru);
		reclaim_count(RECLAIM_SCANNED);
		if (shrink_begin(page, false, &batch))
			putback_lru_page(page);
		else
			list_add_tail(&page->lru, &unmapped);
	}
	tlb_batch_flush(&batch);
	list_for_each_entry_safe(page, n, &unmapped, lru)
	{
		list_del(&page->lru);
		if (shrink_end(page))
			putback_lru_page(page);
		else
			freed++;
	}
	return freed;
}

static unsigned long shrink_inactive_list(unsigned long scan)
{
	unsigned long freed = 0;
	LIST_HEAD(pages);

	while (scan) {
		unsigned int got = lru_isolate(LRU_INACTIVE, MIN(scan, RECLAIM_BATCH), &pages);

		if (!got)
			break;
		freed += shrink_pages(&pages);
		scan -= got;
	}
	return freed;
}

/* Old active pages that nobody used become inactive; with @all, the used ones too. */
static void shrink_active_list(unsigned long scan, bool all)
{
	struct page *page, *n;
	LIST_HEAD(pages);

	while (scan) {
		unsigned int got = lru_isolate(LRU_ACTIVE, MIN(scan, RECLAIM_BATCH), &pages);

		if (!got)
			break;
		list_for_each_entry_safe(page, n, &pages, lru)
		{
			list_del(&page->lru);
			reclaim_count(RECLAIM_SCANNED);
			if (!page_referenced(page) || all)
				page_clear_flag(page, PG_active);
			putback_lru_page(page);
		}
		scan -= got;
	}
}

/* One look at the lists, from a part of them to all. */
static unsigned long shrink_lists(unsigned long nr)
{
	unsigned long freed = 0;

	for (int priority = PRIORITIES - 1; priority >= 0 && freed < nr; priority--) {
		unsigned long active = lru_count(LRU_ACTIVE), inactive;

		if (active > lru_count(LRU_INACTIVE))
			shrink_active_list(MAX(active >> priority, RECLAIM_BATCH), !priority);
		inactive = lru_count(LRU_INACTIVE);
		freed += shrink_inactive_list(
			MIN(MAX(inactive >> priority, RECLAIM_BATCH), MAX(4 * nr, RECLAIM_BATCH)));
		if (swap_slots_used() >= swap_slots())
			break; /* no room: more looking will not help */
	}
	return freed;
}

/*
 * Empty slabs. Those of type-safe caches, given to RCU by us or by others, are free only after a
 * grace period: when there is nothing else, they are worth the wait. It does not wait for us:
 * neither readers nor callbacks may sleep, and so come here. What others gave may be freed just
 * after we wake up; a caller who tries too early comes back and waits once more.
 */
static unsigned long shrink_slabs(void)
{
	unsigned long nr = kmem_cache_shrink_all();

	if (nr)
		return nr;
	nr = kmem_cache_pages_waiting();
	if (nr)
		synchronize_rcu();
	return nr;
}

unsigned long reclaim_pages(unsigned long nr)
{
	unsigned long freed = 0;
	u32 others;

	if (!might_sleep("reclaim_pages()"))
		return 0;
	others = fetch_add_relaxed(&nr_reclaimers, 1);
	BUG_IF(others > threads_alive(), "%u of %u threads reclaim", others, threads_alive());
	for (int i = 0; i < 4; i++) {
		freed = shrink_lists(nr);
		if (freed || READ_ONCE(nr_reclaimers) == 1)
			break;
		/* The others have isolated what we could have freed: let them finish. */
		sync_point("reclaim.others");
		sleep_ns(1000 * 1000);
		if (nr_free_pages() > page_alloc_reserve() + nr) {
			freed = nr;
			break;
		}
	}
	fetch_add_relaxed(&nr_reclaimers, -1);
	return freed ? freed : shrink_slabs();
}

bool reclaim_busy(void)
{
	return READ_ONCE(nr_reclaimers);
}

static int reclaim_for_alloc(unsigned long nr)
{
	unsigned long freed = reclaim_pages(nr);

	/* What others freed may lie on their CPUs' lists: the allocator shall drain them again. */
	if (!freed && nr_free_pages() > page_alloc_reserve())
		freed = 1;
	return MIN(freed, 1UL << 30);
}

/* ---- the background thread ---- */

void reclaim_set_watermarks(unsigned long low, unsigned long high)
{
	BUG_IF(low > high, "low %lu high %lu", low, high);
	WRITE_ONCE(watermark_low, low);
	WRITE_ONCE(watermark_high, high);
}

/* A page was taken into use: wake the background thread if memory runs low. */
static void reclaim_page_used(void)
{
	bool look;

	preempt_disable();
	look = ++this_cpu(page_uses) % USES_PER_LOOK == 0;
	preempt_enable();
	if (likely(!look) || READ_ONCE(reclaim_wanted) || nr_free_pages() >= watermark_low)
		return;
	WRITE_ONCE(reclaim_wanted, 1);
	wake_up_all(&reclaim_queue);
}

static void reclaim_thread(void *unused)
{
	for (;;) {
		wait_event(&reclaim_queue, READ_ONCE(reclaim_wanted));
		reclaim_count(RECLAIM_WAKEUPS);
		while (nr_free_pages() < READ_ONCE(watermark_high))
			if (!reclaim_pages(RECLAIM_BATCH))
				break;
		/* Nothing to be had: whoever allocates finds out by himself. */
		sleep_ns(10 * 1000 * 1000);
		WRITE_ONCE(reclaim_wanted, 0);
	}
}

int reclaim_init(void)
{
	wait_queue_init(&reclaim_queue, "reclaim");
	reclaim_set_watermarks(2 * page_alloc_reserve(), 3 * page_alloc_reserve());
	page_alloc_reclaim = reclaim_for_alloc;
	lru_page_used = reclaim_page_used;
	return thread_create("reclaim", ~0ULL, reclaim_thread, NULL) ? 0 : -ENOMEM;
}
