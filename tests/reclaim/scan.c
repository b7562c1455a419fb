/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far reclaim looks, and when: its passes over the lists, swap that is full, others who are at
 * it, the background thread's two marks, and what the page allocator is told.
 */
#include <arch/atomic.h>
#include <kernel/sync_point.h>
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <mm/swapops.h>
#include <mm/vmstat.h>
#include <test/reclaim.h>

#define BATCH 32 /* pages that are isolated at once */

/* The current space's @nr pages are on the lists, old, and nobody else's are; or skip. */
static struct mm_struct *scan_begin(struct test *t, struct mm_balance *b, unsigned long pages,
				    unsigned long old)
{
	struct mm_struct *mm = reclaim_begin(t, b, pages, pages);

	if (!mm)
		return NULL;
	if (b->lru || nr_free_pages() < page_alloc_reserve() + 4 * pages) {
		test_skip(t, "%lu pages of others are on the lists, %lu free", b->lru,
			  nr_free_pages());
		reclaim_end(t, b, mm);
		return NULL;
	}
	pages_stamp(t, 0, old, 1, 1);
	for (unsigned long i = 0; i < old; i++)
		page_grows_old(t, mm, i);
	return mm;
}

static unsigned long scanned(void)
{
	struct reclaim_stats s;

	reclaim_read_stats(&s);
	return s.scanned;
}

/* ---- how far ---- */

#define MANY 1024

/*
 * Each page but the youngest is locked. The passes before the last look at 32, 64, ..., 512 of the
 * 1024 pages: at 992 in all. If much is asked for, the last one looks at as many.
 */
static void test_scan_all(struct test *t)
{
	unsigned long last = TEST_ADDR + (MANY - 1) * PAGE_SIZE, freed;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = scan_begin(t, &b, MANY, MANY);
	if (!mm)
		return;
	for (unsigned long i = 0; i < MANY - 1; i++)
		EXPECT(t, page_try(page_at(mm, TEST_ADDR + i * PAGE_SIZE)));
	freed = reclaim_pages(MANY / 4);
	EXPECT_MSG(t, freed == 1 && pte_is_swap(pte_at(mm, last)), "%lu pages were freed", freed);
	for (unsigned long i = 0; i < MANY - 1; i++)
		page_release(page_at(mm, TEST_ADDR + i * PAGE_SIZE));
	/* If little is asked for, and can be had, the first pass is enough. */
	freed = reclaim_pages(1);
	EXPECT_MSG(t, freed == BATCH, "%lu pages were freed", freed);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, scan_all, TEST_ASSERT, test_scan_all);

#define PAGES 64

/* Active pages are looked at if they are more than the others; those that were used stay active. */
static void test_scan_active(struct test *t)
{
	unsigned long before, freed;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = scan_begin(t, &b, 2 * PAGES, PAGES);
	if (!mm)
		return;
	pages_stamp(t, PAGES, PAGES, 1, 1);
	before = scanned();
	freed = reclaim_pages(1);
	EXPECT_MSG(t, freed == BATCH && scanned() == before + BATCH, "%lu freed, %lu looked at",
		   freed, scanned() - before);
	pages_swap_out(t, mm, BATCH, PAGES - BATCH); /* what was inactive yet */
	before = scanned();
	freed = reclaim_pages(1);
	/* Two passes come to each of them once, the third to the oldest, unused since, twice. */
	EXPECT_MSG(t, freed == BATCH && scanned() == before + 4 * BATCH,
		   "%lu freed, %lu looked at, all of them used", freed, scanned() - before);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, scan_active, TEST_ASSERT, test_scan_active);

/* Without a slot a page becomes an active one, and more looking will not help. */
static void test_scan_full(struct test *t)
{
	unsigned long before, nr;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = scan_begin(t, &b, PAGES, PAGES);
	if (!mm)
		return;
	EXPECT(t, !page_swap_out(mm, TEST_ADDR + (PAGES - 1) * PAGE_SIZE));
	swap_limit(1);
	before = scanned();
	EXPECT(t, !reclaim_pages(PAGES) || swap_slots_used() == 1);
	nr = scanned() - before;
	EXPECT_MSG(t, nr == BATCH, "%lu pages were looked at", nr);
	for (unsigned long i = 0; i < PAGES - 1; i++) {
		struct page *page = page_at(mm, TEST_ADDR + i * PAGE_SIZE);

		EXPECT_MSG(t, page_test_flag(page, PG_active) == (i < BATCH), "page %lu is %s", i,
			   i < BATCH ? "inactive" : "active");
	}
	EXPECT_MSG(t, lru_count(LRU_ACTIVE) == BATCH, "%lu active", lru_count(LRU_ACTIVE));
	swap_limit(0);
	reclaim_end(t, &b, mm);
}
TEST(reclaim, scan_full, TEST_ASSERT, test_scan_full);

/* Each page of the lists by its number, with a reference. */
static void test_lru_pick(struct test *t)
{
	static const unsigned long order[] = { 0, 3, 2, 1 }; /* the first is inactive */
	struct mm_struct *mm;
	struct mm_balance b;

	mm = scan_begin(t, &b, ARRAY_SIZE(order), 1);
	if (!mm)
		return;
	pages_stamp(t, 1, ARRAY_SIZE(order) - 1, 1, 1);
	for (unsigned long i = 0; i < ARRAY_SIZE(order); i++) {
		struct page *page = lru_pick(i);

		if (!EXPECT(t, page == page_at(mm, TEST_ADDR + order[i] * PAGE_SIZE)) || !page)
			continue;
		EXPECT_MSG(t, page_count(page) == 2, "%d references", page_count(page));
		put_anon_page(page);
	}
	EXPECT(t, !lru_pick(ARRAY_SIZE(order)));
	reclaim_end(t, &b, mm);
}
TEST(reclaim, lru_pick, TEST_ASSERT, test_lru_pick);

/* ---- others ---- */

static unsigned int nr_waits; /* of CPU 0 */

static void count_wait(const void *obj)
{
	nr_waits++;
}

static void two_reclaim(struct crew *c, unsigned int me)
{
	if (me) {
		reclaim_pages(1);
		return;
	}
	sync_point("scan.go");
	EXPECT(c->t, reclaim_busy());
	/* As much as this is never free: it asks again, but not for ever. */
	reclaim_pages(nr_managed_pages());
	EXPECT_MSG(c->t, nr_waits == 4, "%u times given time", nr_waits);
	sync_point("scan.tried");
	EXPECT(c->t, reclaim_pages(1) == 1);
	sync_point("scan.done");
}

/* CPU 1 has what there is: CPU 0 gives it time, and has part in what comes of it. */
static void test_others(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "scan.go", 0, "batch.flush", 1, 5000000 },
		{ "batch.flush", 1, "scan.tried", 0, 5000000 },
		{ "batch.flushed", 1, "scan.done", 0, 5000000 },
		{ .at = "reclaim.others", .cpu = 0, .call = count_wait },
	};
	struct sync_stats s;
	struct mm_struct *mm;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = scan_begin(t, &b, 1, 1);
	if (!mm)
		return;
	nr_waits = 0;
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	crew_run_fixed(t, 2, two_reclaim, NULL);
	sync_stats_read(&s);
	sync_rules_disarm();
	EXPECT_MSG(t, s.met == 3 && !s.timed_out, "met %lu, timed out %lu", s.met, s.timed_out);
	EXPECT(t, !reclaim_busy());
	reclaim_end(t, &b, mm);
}
TEST(reclaim, others, TEST_RACE, test_others, .min_cpus = 2);

/* ---- the background thread ---- */

#define OLD   256
#define FRESH 64 /* pages: two looks at how much is free */

static unsigned long wakeups(void)
{
	struct reclaim_stats s;

	reclaim_read_stats(&s);
	return s.wakeups;
}

static void background_asleep(struct test *t)
{
	unsigned long before;

	sleep_ns(30 * 1000 * 1000); /* it may be about to look once more */
	before = wakeups();
	sleep_ns(50 * 1000 * 1000);
	EXPECT_MSG(t, wakeups() == before, "%lu times awake, and nobody asked for it",
		   wakeups() - before);
}

/* Until @high pages are free; it gives up when for long none has become free. */
static void wait_for_free(unsigned long high)
{
	unsigned long free = nr_free_pages();

	for (int idle = 0; idle < 400 && nr_free_pages() < high; idle++) {
		sleep_ns(5 * 1000 * 1000);
		if (nr_free_pages() > free)
			idle = 0;
		free = nr_free_pages();
	}
}

/* It is woken below the lower mark, works up to the higher one, and sleeps then. */
static void test_watermarks(struct test *t)
{
	unsigned long high, before;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = scan_begin(t, &b, OLD + 2 * FRESH, OLD);
	if (!mm)
		return;
	reclaim_set_watermarks(0, nr_managed_pages());
	background_asleep(t);
	before = wakeups();
	pages_stamp(t, OLD, FRESH, 1, 1);
	sleep_ns(5 * 1000 * 1000);
	EXPECT_MSG(t, wakeups() == before, "awake above the lower mark");
	before = wakeups();
	high = nr_free_pages() + OLD / 2;
	reclaim_set_watermarks(nr_free_pages() + 8, high);
	pages_stamp(t, OLD + FRESH, FRESH, 1, 1);
	wait_for_free(high);
	EXPECT_MSG(t, nr_free_pages() >= high, "%lu pages are free, not %lu", nr_free_pages(),
		   high);
	reclaim_set_watermarks(0, high);
	background_asleep(t);
	EXPECT_MSG(t, wakeups() > before && wakeups() - before < OLD / 8, "%lu times awake",
		   wakeups() - before);
	reclaim_set_watermarks(2 * page_alloc_reserve(), 3 * page_alloc_reserve());
	pages_check(t, 0, OLD + 2 * FRESH, 1, 1, "at the end");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, watermarks, TEST_ASSERT, test_watermarks);

/* ---- what the page allocator is told ---- */

/* Until there is nothing to be had, not even an empty slab. */
static void reclaim_all(struct test *t)
{
	int tries = 0;

	while (reclaim_pages(1) && ++tries < 100)
		;
	EXPECT_MSG(t, tries < 100, "there is something to be freed each time");
}

/* Nothing freed, and yet something free: the lists of others have it. Then it shall look again. */
static void test_alloc_told(struct test *t)
{
	struct mm_balance b;
	LIST_HEAD(hog);

	balance_begin(t, &b);
	if (b.lru) {
		test_skip(t, "%lu pages of others are on the lists", b.lru);
		return;
	}
	reclaim_all(t);
	EXPECT(t, page_alloc_reclaim(1) == 1);
	hog_take(&hog, page_alloc_reserve());
	reclaim_all(t);
	EXPECT(t, !page_alloc_reclaim(1));
	hog_release_all(&hog);
	balance_end(t, &b);
}
TEST(reclaim, alloc_told, TEST_ASSERT, test_alloc_told);
