/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Swap: pages go out and come back with what they held, shared ones too; slots and pages balance;
 * and the busted twins, of the LRU without its lock and of a slot given back too early.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/memory.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/swapops.h>
#include <mm/vmstat.h>
#include <test/reclaim.h>

#define PAGES 64

static void test_round_trip(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, mm->id, 1);
	for (u32 round = 1; round <= 3; round++) {
		pages_swap_out(t, mm, 0, PAGES);
		EXPECT_MSG(t, mm->swap_rss == PAGES && !mm->anon_rss, "%lu in swap, %lu present",
			   mm->swap_rss, mm->anon_rss);
		expect_slots(t, PAGES);
		EXPECT(t, !page_at(mm, TEST_ADDR));
		pages_check(t, 0, PAGES, mm->id, round, "back from swap");
		/* Out again, unchanged: to other slots, which hold something else. */
		pages_swap_out(t, mm, 0, PAGES);
		pages_check(t, 0, PAGES, mm->id, round, "back from another slot");
		EXPECT_MSG(t, mm->anon_rss == PAGES && !mm->swap_rss, "%lu in swap, %lu present",
			   mm->swap_rss, mm->anon_rss);
		expect_slots(t, 0);
		pages_stamp(t, 0, PAGES, mm->id, round + 1);
	}
	/* A write is what brings these back; the others end in swap. */
	pages_swap_out(t, mm, 0, PAGES);
	pages_stamp(t, 0, PAGES / 2, mm->id, 9);
	pages_check(t, 0, PAGES / 2, mm->id, 9, "written");
	expect_slots(t, PAGES - PAGES / 2);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, swap_round_trip, TEST_ASSERT, test_round_trip);

/* A parent and its child share pages in swap; each sees its own writes only. */
static void test_shared(struct test *t)
{
	struct mm_struct *mm, *child;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	pages_swap_out(t, mm, 0, PAGES / 2); /* fork copies swap entries */
	child = dup_mm(mm);
	if (!EXPECT(t, child != NULL))
		goto out;
	pages_swap_out(t, mm, PAGES / 2, PAGES / 2); /* swap takes both entries */
	EXPECT(t, mm->swap_rss == PAGES && child->swap_rss == PAGES);
	expect_slots(t, PAGES);
	EXPECT(t, swap_slot_count(swp_value(pte_at(mm, TEST_ADDR))) == 2);
	pages_check(t, 0, PAGES / 2, 1, 1, "parent"); /* what brings the others back is a write */
	expect_slots(t, PAGES);			      /* the child's entries */
	pages_stamp(t, 0, PAGES, 1, 2);
	space_switch(child);
	pages_check(t, 0, PAGES, 1, 1, "child, after the parent wrote");
	pages_stamp(t, 0, PAGES, 2, 3);
	space_switch(mm);
	pages_check(t, 0, PAGES, 1, 2, "parent, after the child wrote");
	expect_slots(t, 0);
	mmput(child);
out:
	reclaim_end(t, &b, mm);
}
TEST(reclaim, swap_shared, TEST_ASSERT, test_shared);

/* What came back to be read, while others name the slot, is there still: it goes unwritten. */
static void test_clean(struct test *t)
{
	struct reclaim_stats before, after;
	struct mm_struct *mm, *child;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		pages_swap_out(t, mm, 0, PAGES);
		pages_check(t, 0, PAGES, 1, 1, "back from swap");
		reclaim_read_stats(&before);
		pages_swap_out(t, mm, 0, PAGES);
		reclaim_read_stats(&after);
		EXPECT_MSG(t, after.swapped_out == before.swapped_out, "%lu of %u were written",
			   after.swapped_out - before.swapped_out, PAGES);
		mmput(child);
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, swap_clean, TEST_ASSERT, test_clean);

/* The pages that have been on the list longest are looked at first, in that order. */
static void test_lru_order(struct test *t)
{
	struct mm_struct *mm;
	struct page *page;
	struct mm_balance b;
	LIST_HEAD(pages);

	mm = reclaim_begin(t, &b, PAGES, 0);
	if (!mm)
		return;
	if (lru_count(LRU_ACTIVE)) {
		test_skip(t, "others have pages on the list");
	} else {
		pages_stamp(t, 0, PAGES, 1, 1);
		EXPECT(t, lru_isolate(LRU_ACTIVE, 3, &pages) == 3);
		for (unsigned long i = 0; i < 3; i++) {
			page = list_first_entry(&pages, struct page, lru);
			EXPECT(t, page == page_at(mm, TEST_ADDR + i * PAGE_SIZE));
			list_del(&page->lru);
			putback_lru_page(page);
		}
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, lru_order, TEST_ASSERT, test_lru_order);

/* A slot that was given back is there again, and comes next. */
static void test_slot_again(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;
	u64 slot[3];

	mm = reclaim_begin(t, &b, 2, 2);
	if (!mm)
		return;
	pages_stamp(t, 0, 2, 1, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(slot); i++) {
		pages_swap_out(t, mm, 0, 1);
		slot[i] = swp_value(pte_at(mm, TEST_ADDR));
		pages_check(t, 0, 1, 1, 1, "back");
	}
	EXPECT_MSG(t, slot[0] == slot[1] && slot[1] == slot[2], "slots %llu, %llu, %llu",
		   (unsigned long long)slot[0], (unsigned long long)slot[1],
		   (unsigned long long)slot[2]);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, slot_again, TEST_ASSERT, test_slot_again);

/* With no slot left a page stays where it is. */
static void test_full(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;
	unsigned long out = 0, slots;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, mm->id, 1);
	swap_limit(PAGES / 4);
	for (unsigned long i = 0; i < PAGES; i++) {
		int err = page_swap_out(mm, TEST_ADDR + i * PAGE_SIZE);

		EXPECT_MSG(t, !err || err == -ENOMEM, "page %lu: error %d", i, err);
		out += !err;
	}
	EXPECT_MSG(t, out == PAGES / 4, "%lu pages went to %u slots", out, PAGES / 4);
	pages_check(t, 0, PAGES, mm->id, 1, "swap full");
	swap_limit(0);
	/* No more than there are. */
	slots = swap_slots();
	swap_limit(slots + 1);
	EXPECT_MSG(t, swap_slots() == slots, "%lu slots of %lu", swap_slots(), slots);
	swap_limit(0);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, swap_full, TEST_ASSERT, test_full);

/* Pages that are used survive those that are not. */
static void test_second_chance(struct test *t)
{
	unsigned long used = 0, unused = 0;
	struct reclaim_stats before, after;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, mm->id, 1);
	reclaim_read_stats(&before);
	for (int round = 0; round < 64 && unused < PAGES / 4; round++) {
		/* What is young is in the entries: a use must not hide in a TLB. */
		down_read(&mm->mmap_sem);
		change_protection(find_vma(mm, TEST_ADDR), TEST_ADDR,
				  TEST_ADDR + PAGES * PAGE_SIZE);
		up_read(&mm->mmap_sem);
		pages_check(t, 0, PAGES / 2, mm->id, 1, "used");
		reclaim_pages(4);
		used = unused = 0;
		for (unsigned long i = 0; i < PAGES; i++) {
			bool gone = pte_is_swap(pte_at(mm, TEST_ADDR + i * PAGE_SIZE));

			used += i < PAGES / 2 && gone;
			unused += i >= PAGES / 2 && gone;
		}
	}
	reclaim_read_stats(&after);
	EXPECT_MSG(t, unused >= PAGES / 4 && unused > 2 * used,
		   "%lu unused pages went out, and %lu used ones", unused, used);
	EXPECT(t, after.scanned > before.scanned && after.freed > before.freed);
	EXPECT_MSG(t, lru_count(LRU_ACTIVE) + lru_count(LRU_INACTIVE) == b.lru + mm->anon_rss,
		   "%lu active and %lu inactive of %lu pages", lru_count(LRU_ACTIVE),
		   lru_count(LRU_INACTIVE), mm->anon_rss);
	pages_check(t, 0, PAGES, mm->id, 1, "at the end");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, second_chance, TEST_ASSERT, test_second_chance);

/* Of two old pages the one goes that was not used since. */
static void test_used_again(struct test *t)
{
	struct reclaim_stats before, after;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, 2, 2);
	if (!mm)
		return;
	pages_stamp(t, 0, 2, mm->id, 1);
	page_grows_old(t, mm, 0);
	page_grows_old(t, mm, 1);
	down_write(&mm->mmap_sem);
	change_protection(find_vma(mm, TEST_ADDR), TEST_ADDR, TEST_ADDR + 2 * PAGE_SIZE);
	up_write(&mm->mmap_sem);
	pages_check(t, 0, 1, mm->id, 1, "used again");
	reclaim_read_stats(&before);
	reclaim_pages(1);
	reclaim_read_stats(&after);
	EXPECT_MSG(t, after.activated == before.activated + 1, "%lu became active",
		   after.activated - before.activated);
	EXPECT(t, pte_present(pte_at(mm, TEST_ADDR)));
	EXPECT(t, pte_is_swap(pte_at(mm, TEST_ADDR + PAGE_SIZE)));
	EXPECT(t, lru_count(LRU_ACTIVE) + lru_count(LRU_INACTIVE) == b.lru + 1);
	pages_check(t, 0, 2, mm->id, 1, "at the end");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, used_again, TEST_ASSERT, test_used_again);

/* ---- the background thread ---- */

#define BACKGROUND_TRIES 200 /* of a few milliseconds; one or two will do */

/* Where few pages are free, who takes new ones wakes it, and it frees old ones. */
static void test_background(struct test *t)
{
	struct reclaim_stats before, now;
	unsigned long mark;
	struct mm_struct *mm;
	struct mm_balance b;
	int tries = 0;

	mm = reclaim_begin(t, &b, PAGES, 2 * PAGES);
	if (!mm)
		return;
	mark = nr_free_pages() + 16;
	reclaim_read_stats(&before);
	reclaim_set_watermarks(mark, mark);
	do {
		EXPECT(t, !sys_munmap(TEST_ADDR, PAGES * PAGE_SIZE));
		EXPECT(t, sys_mmap(TEST_ADDR, PAGES * PAGE_SIZE, RW) == (long)TEST_ADDR);
		pages_stamp(t, 0, PAGES, mm->id, 1);
		sleep_ns(5 * 1000 * 1000);
		reclaim_read_stats(&now);
	} while ((now.wakeups == before.wakeups || now.freed == before.freed) &&
		 ++tries < BACKGROUND_TRIES);
	reclaim_set_watermarks(2 * page_alloc_reserve(), 3 * page_alloc_reserve());
	EXPECT_MSG(t, tries < BACKGROUND_TRIES, "%lu times awake, %lu pages freed",
		   now.wakeups - before.wakeups, now.freed - before.freed);
	pages_check(t, 0, PAGES, mm->id, 1, "at the end");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, background, TEST_ASSERT, test_background);

/* ---- the page lock ---- */

#define WAITERS 3

struct page_wait {
	struct page *page;
	u32 unlocked; /* set before the lock is given up */
	u32 waits;    /* so many are about to wait; atomic */
};

/* Thread 0 holds the page; the others wait for it: none goes on before, and all do then. */
static void page_waiter(struct crew *c, unsigned int me)
{
	struct page_wait *w = c->arg;

	if (!me)
		lock_page(w->page);
	crew_meet(c, me);
	if (me) {
		fetch_add_relaxed(&w->waits, 1);
		wait_on_page_locked(w->page);
		EXPECT(c->t, READ_ONCE(w->unlocked));
	} else {
		for (int i = 0; i < 1000 && READ_ONCE(w->waits) < WAITERS; i++)
			sleep_ns(1000 * 1000);
		sleep_ns(2 * 1000 * 1000);
		WRITE_ONCE(w->unlocked, 1);
		unlock_page(w->page);
	}
	crew_meet(c, me);
}

static void test_page_wait(struct test *t)
{
	struct page_wait w = { .page = alloc_page(GFP_KERNEL) };

	if (!EXPECT(t, w.page))
		return;
	crew_run(t, 1 + WAITERS, page_waiter, &w, 0);
	__free_page(w.page);
}
TEST(reclaim, page_wait, TEST_ASSERT, test_page_wait);

/* ---- less memory than is needed ---- */

/* A mapping larger than the memory that is left, within what swap can hold. */
static void test_pressure(struct test *t)
{
	unsigned long pages = MIN(swap_slots() / 2, 128UL);
	struct reclaim_stats before, after;
	struct mm_struct *mm;
	struct mm_balance b;
	LIST_HEAD(hog);

	mm = reclaim_begin(t, &b, pages, 2 * PAGES);
	if (!mm)
		return;
	hog_take(&hog, page_alloc_reserve() + pages / 2);
	reclaim_read_stats(&before);
	pages_stamp(t, 0, pages, mm->id, 1);
	pages_check(t, 0, pages, mm->id, 1, "under pressure");
	pages_stamp(t, 0, pages, mm->id, 2);
	pages_check(t, 0, pages, mm->id, 2, "under pressure, again");
	reclaim_read_stats(&after);
	hog_release_all(&hog);
	EXPECT_MSG(t, after.swapped_out > before.swapped_out, "nothing was swapped out");
	test_record(t, "\"pages\":%lu,\"swapped_out\":%lu,\"swapped_in\":%lu,\"scanned\":%lu",
		    pages, after.swapped_out - before.swapped_out,
		    after.swapped_in - before.swapped_in, after.scanned - before.scanned);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, pressure, TEST_ASSERT, test_pressure);

/* Neither memory nor swap: an error, and nothing is lost. */
static void test_oom(struct test *t)
{
	unsigned long pages = 256, done = 0;
	struct mm_struct *mm;
	struct mm_balance b;
	LIST_HEAD(hog);
	int err = 0;

	mm = reclaim_begin(t, &b, pages, 2 * PAGES);
	if (!mm)
		return;
	swap_limit(PAGES);
	hog_take(&hog, page_alloc_reserve() + PAGES);
	while (done < pages && !err) {
		err = user_write64(TEST_ADDR + done * PAGE_SIZE, done + 1);
		done += !err;
	}
	EXPECT_MSG(t, err == -ENOMEM && done >= PAGES, "error %d after %lu pages", err, done);
	for (unsigned long i = 0; i < done && !t->failures; i++) {
		u64 val = 0;

		err = user_read64(TEST_ADDR + i * PAGE_SIZE, &val);
		EXPECT_MSG(t, err == -ENOMEM || (!err && val == i + 1), "page %lu: %d, %llu", i,
			   err, (unsigned long long)val);
	}
	hog_release_all(&hog);
	swap_limit(0);
	for (unsigned long i = 0; i < done && !t->failures; i++)
		expect_read(t, TEST_ADDR + i * PAGE_SIZE, i + 1, "afterwards");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, out_of_memory, TEST_ASSERT, test_oom);

/* ---- twins ---- */

/*
 * The slot of a page in swap that a fork shares is given back with the parent's entry, since the
 * child's was not counted; the next page that goes out gets it.
 */
static bool early_free_seen(struct test *t, bool twin)
{
	struct mm_struct *mm = space_begin(t, 2), *child;
	struct stamp s = { 1, 1, TEST_ADDR };
	struct stamp_found f;
	bool wrong = false;

	if (!mm)
		return false;
	pages_stamp(t, 0, 2, 1, 1);
	EXPECT(t, !page_swap_out(mm, TEST_ADDR));
	if (twin)
		busted_set(BUSTED_SWAP_FREE_EARLY);
	child = dup_mm(mm);
	busted_clear(BUSTED_SWAP_FREE_EARLY);
	if (!EXPECT(t, child != NULL))
		goto out;
	pages_stamp(t, 0, 1, 1, 2); /* the parent has its page back */
	EXPECT(t, !page_swap_out(mm, TEST_ADDR + PAGE_SIZE));
	/* The count is mended, so that only the data are wrong. */
	if (twin)
		swap_slot_get(swp_value(pte_at(child, TEST_ADDR)));
	space_switch(child);
	wrong = stamp_check(&s, &f) == STAMP_WRONG;
	space_switch(mm);
	mmput(child);
	pages_check(t, 0, 1, 1, 2, "parent");
	pages_check(t, 1, 1, 1, 1, "the other page");
out:
	space_end(mm);
	return wrong;
}

static void test_twin_slot(struct test *t)
{
	struct mm_balance b;

	if (swap_missing(t, 2))
		return;
	balance_begin(t, &b);
	EXPECT_MSG(t, !early_free_seen(t, false), "wrong data with nothing broken");
	if (switches_missing(t))
		return;
	EXPECT_MSG(t, early_free_seen(t, true), "a swap slot freed early was not caught");
	expect_slots(t, 0);
	balance_end(t, &b);
}
TEST(reclaim, twin_slot_freed_early, TEST_RACE, test_twin_slot);

static u32 isolated; /* pages; atomic */

static void isolate_one(struct crew *c, unsigned int me)
{
	struct page *page, *n;
	LIST_HEAD(pages);

	fetch_add(&isolated, lru_isolate(LRU_ACTIVE, 1, &pages));
	sync_point("twin.isolated");
	list_for_each_entry_safe(page, n, &pages, lru)
	{
		list_del(&page->lru);
		putback_lru_page(page);
	}
}

/* Two CPUs choose the last page of the list at the same time. Were they both given it? */
static unsigned long collisions(struct test *t, bool twin)
{
	/* Each waits at the point until the other has passed it: both have chosen. */
	static const struct sync_rule rules[] = {
		{ "isolate.chosen", 0, "isolate.chosen", 1, 3000000, 0 },
		{ "isolate.chosen", 1, "isolate.chosen", 0, 3000000, 0 },
		/* Nobody puts a page back before both had their turn. */
		{ "twin.isolated", 0, "twin.isolated", 1, 3000000, 0 },
		{ "twin.isolated", 1, "twin.isolated", 0, 3000000, 0 },
	};
	unsigned long before = lru_collisions();

	isolated = 0;
	if (twin)
		busted_set(BUSTED_LRU_NO_LOCK);
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	crew_run_fixed(t, 2, isolate_one, NULL);
	sync_rules_disarm();
	busted_clear(BUSTED_LRU_NO_LOCK);
	return lru_collisions() - before;
}

static void test_twin_lru(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;
	unsigned long n;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = reclaim_begin(t, &b, PAGES, 0);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, mm->id, 1);
	/* Under the lock the two cannot meet: this waits in vain. */
	n = collisions(t, false);
	EXPECT_MSG(t, !n && isolated == 2, "%lu collisions under the lock, %u isolated", n,
		   isolated);
	n = collisions(t, true);
	EXPECT_MSG(t, n == 1, "isolation without lru_lock was not caught: %lu collisions", n);
	pages_check(t, 0, PAGES, mm->id, 1, "afterwards");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, twin_lru_no_lock, TEST_RACE, test_twin_lru, .min_cpus = 2);
