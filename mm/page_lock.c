/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page lock: PG_locked, held by who moves a page between memory and swap, or between frames. It
 * is taken by a task, and sleeps; who waits does so on one of a few queues, by the page's address.
 */
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <mm/page.h>
#include <mm/page_lock.h>

#include "internal.h"

#define PAGE_WAIT_QUEUES 64

static struct wait_queue page_queues[PAGE_WAIT_QUEUES];

void page_lock_init(void)
{
	for (unsigned int i = 0; i < PAGE_WAIT_QUEUES; i++)
		wait_queue_init(&page_queues[i], "page_lock");
}

struct wait_queue *page_wait_queue(const struct page *page)
{
	return &page_queues[page_to_pfn(page) % PAGE_WAIT_QUEUES];
}

bool page_try(struct page *page)
{
	/* full: pairs with page_release(); tests: litmus.lock-MP */
	return !page_test_set_flag(page, PG_locked);
}

bool trylock_page(struct page *page)
{
	if (!page_try(page))
		return false;
	sleep_lock_taken(page, &page_wait_queue(page)->lock);
	return true;
}

void lock_page(struct page *page)
{
	might_sleep("lock_page()");
	if (!sleep_lock_check(page, &page_wait_queue(page)->lock))
		return;
	if (!page_try(page))
		wait_event(page_wait_queue(page), page_try(page));
	sleep_lock_taken(page, &page_wait_queue(page)->lock);
}

void wait_on_page_locked(struct page *page)
{
	might_sleep("wait_on_page_locked()");
	if (page_test_flag(page, PG_locked))
		wait_event(page_wait_queue(page), !page_test_flag(page, PG_locked));
}

/*
 *	page_release()				lock_page()
 *	clear PG_locked				onto the queue
 *	full barrier				full barrier: wait_prepare()
 *	anybody on the queue? wake		PG_locked still set? sleep
 */
void page_release(struct page *page)
{
	struct wait_queue *q = page_wait_queue(page);
	bool was;

	sync_point_quiet("page.unlock");
	/*
	 * full: pairs with page_try(), and, as in wake_up_all(), with set_current_state() in
	 * wait_prepare(): one of the two sees the other's store; tests: litmus.lock-MP,
	 * threads.order_page
	 */
	was = page_test_clear_flag(page, PG_locked);
	BUG_IF(!was, "page %lx is not locked", page_to_pfn(page));
	if (unlikely(!list_empty(&q->waiters)))
		wake_up_all(q);
}

void unlock_page(struct page *page)
{
	if (sleep_lock_released(page))
		page_release(page);
}
