/* SPDX-License-Identifier: GPL-2.0-only */
/* Migration: pages move to other frames while they are used, and nobody sees it but by the time. */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/sync_point.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>
#include <test/reclaim.h>

#define PAGES 32

static void test_migrate(struct test *t)
{
	struct mm_struct *mm, *child;
	struct page *before, *after;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, PAGES, 0);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	for (unsigned long i = 0; i < PAGES; i++) {
		before = page_at(mm, TEST_ADDR + i * PAGE_SIZE);
		EXPECT(t, !page_migrate(mm, TEST_ADDR + i * PAGE_SIZE));
		after = page_at(mm, TEST_ADDR + i * PAGE_SIZE);
		EXPECT(t, after && after != before);
		EXPECT(t, after && page_mapcount(after) == 1 && page_count(after) == 1);
	}
	pages_check(t, 0, PAGES, 1, 1, "moved");
	pages_stamp(t, 0, PAGES, 1, 2);
	EXPECT_MSG(t, mm->anon_rss == PAGES && !mm->swap_rss, "%lu present, %lu not", mm->anon_rss,
		   mm->swap_rss);

	/* Shared: both spaces see the new frame, and write to copies. */
	child = dup_mm(mm);
	if (!EXPECT(t, child != NULL))
		goto out;
	for (unsigned long i = 0; i < PAGES; i++) {
		EXPECT(t, !page_migrate(mm, TEST_ADDR + i * PAGE_SIZE));
		after = page_at(mm, TEST_ADDR + i * PAGE_SIZE);
		EXPECT(t, after && after == page_at(child, TEST_ADDR + i * PAGE_SIZE));
		EXPECT(t, after && page_mapcount(after) == 2);
	}
	pages_stamp(t, 0, PAGES / 2, 1, 3);
	space_switch(child);
	pages_check(t, 0, PAGES, 1, 2, "child");
	pages_stamp(t, 0, PAGES, 2, 4);
	space_switch(mm);
	pages_check(t, 0, PAGES / 2, 1, 3, "parent, written");
	pages_check(t, PAGES / 2, PAGES - PAGES / 2, 1, 2, "parent");
	mmput(child);
out:
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate, TEST_ASSERT, test_migrate);

/* A page that is partly in swap: one space has it mapped, the other not. */
static void test_migrate_swapcache(struct test *t)
{
	struct mm_struct *mm, *child;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, 1, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		EXPECT(t, !page_swap_out(mm, TEST_ADDR));
		pages_check(t, 0, 1, 1, 1, "parent"); /* in the swap cache, as the child needs it */
		EXPECT(t, page_at(mm, TEST_ADDR) && !page_at(child, TEST_ADDR));
		EXPECT(t, !page_migrate(mm, TEST_ADDR));
		EXPECT(t, swap_slots_used() == 1);
		pages_check(t, 0, 1, 1, 1, "parent, moved");
		space_switch(child);
		pages_check(t, 0, 1, 1, 1, "child");
		EXPECT(t, page_at(mm, TEST_ADDR) == page_at(child, TEST_ADDR));
		EXPECT(t, !swap_slots_used());
		pages_stamp(t, 0, 1, 2, 2);
		space_switch(mm);
		pages_check(t, 0, 1, 1, 1, "parent, after the child wrote");
		mmput(child);
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate_swapcache, TEST_ASSERT, test_migrate_swapcache);

/* What is moved is as protected as it was: the new entry says what the area permits. */
static void test_migrate_protected(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;
	u64 val;

	mm = reclaim_begin(t, &b, 2, 0);
	if (!mm)
		return;
	pages_stamp(t, 0, 2, 1, 1);
	EXPECT(t, !sys_mprotect(TEST_ADDR, PAGE_SIZE, 0));
	EXPECT(t, !sys_mprotect(TEST_ADDR + PAGE_SIZE, PAGE_SIZE, VM_READ));
	EXPECT(t, !page_migrate(mm, TEST_ADDR) && !page_migrate(mm, TEST_ADDR + PAGE_SIZE));
	EXPECT(t, user_read64(TEST_ADDR, &val) == -EFAULT);
	EXPECT(t, user_write64(TEST_ADDR + PAGE_SIZE, 1) == -EFAULT);
	EXPECT(t, !sys_mprotect(TEST_ADDR, 2 * PAGE_SIZE, RW));
	pages_check(t, 0, 2, 1, 1, "moved while protected");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate_protected, TEST_ASSERT, test_migrate_protected);

/* Nobody maps the page any more: it is not moved, and nothing is lost. */
static void test_migrate_unmapped(struct test *t)
{
	struct page *page;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, 1, 0);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	page = page_get_at(mm, TEST_ADDR);
	EXPECT(t, !sys_munmap(TEST_ADDR, PAGE_SIZE));
	if (EXPECT(t, page)) {
		EXPECT(t, migrate_page(page) == -EAGAIN);
		EXPECT(t, page_test_flag(page, PG_lru) && page_count(page) == 1);
		put_anon_page(page);
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate_unmapped, TEST_ASSERT, test_migrate_unmapped);

/* Nobody maps it, but it is in the swap cache, for us: another frame is there then. */
static void test_migrate_cached(struct test *t)
{
	struct reclaim_stats before, after;
	struct page *page;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, 1, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	page = page_get_at(mm, TEST_ADDR);
	if (EXPECT(t, page)) {
		EXPECT(t, page_swap_out(mm, TEST_ADDR) == -EBUSY); /* of our reference */
		EXPECT(t, !page_mapped(page) && page_test_flag(page, PG_swapcache));
		reclaim_read_stats(&before);
		EXPECT(t, !migrate_page(page) && !page_test_flag(page, PG_swapcache));
		reclaim_read_stats(&after);
		EXPECT(t, page_count(page) == 1 && after.migrated == before.migrated + 1);
		expect_slots(t, 1);
		pages_check(t, 0, 1, 1, 1, "moved");
		EXPECT(t, page_at(mm, TEST_ADDR) != page);
		put_anon_page(page);
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate_cached, TEST_ASSERT, test_migrate_cached);

/* Without memory, or if the page is not on the LRU, nothing is moved, and nothing lost. */
static void test_migrate_fails(struct test *t)
{
	struct page *page;
	struct mm_struct *mm;
	struct mm_balance b;

	mm = reclaim_begin(t, &b, 1, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	fail_inject(FAIL_PAGE, 1, 1);
	EXPECT(t, page_migrate(mm, TEST_ADDR) == -ENOMEM);
	fail_inject(FAIL_PAGE, 0, 0);
	page = page_get_at(mm, TEST_ADDR);
	if (EXPECT(t, page && lru_isolate_page(page))) {
		EXPECT(t, migrate_page(page) == -EAGAIN);
		putback_lru_page(page);
		put_anon_page(page);
	}
	EXPECT(t, !page_swap_out(mm, TEST_ADDR)); /* it is on the LRU again, and nobody's else */
	pages_check(t, 0, 1, 1, 1, "afterwards");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, migrate_fails, TEST_ASSERT, test_migrate_fails);

/* ---- while it is used ---- */

/*
 * Thread 0 moves pages, or swaps them out, which the others increment, each its own word and all of
 * them a common one, by compare and exchange. No increment may get lost.
 */
struct moving {
	struct mm_struct *mm;
	bool swap;
	u64 own[CREW_MAX], common[CREW_MAX];
	u64 moved, tried;
};

#define COMMON_WORD   511
#define MOVING_ROUNDS 100

static void mover(struct crew *c, struct moving *m)
{
	while (!crew_done(c)) {
		unsigned long addr = TEST_ADDR + rng_below(&c->rng[0], 4) * PAGE_SIZE;
		int err = m->swap ? page_swap_out(m->mm, addr) : page_migrate(m->mm, addr);

		m->tried++;
		m->moved += !err;
		if (err == -ENOMEM)
			break;
		yield();
	}
}

static void incrementer(struct crew *c, unsigned int me, struct moving *m)
{
	u64 val = 0;

	while (!crew_done(c)) {
		unsigned long page = TEST_ADDR + rng_below(&c->rng[me], 4) * PAGE_SIZE;
		unsigned long own = TEST_ADDR + (me % 4) * PAGE_SIZE + me * 64;
		unsigned long common = page + COMMON_WORD * 8;
		u64 old, found;

		if (user_read64(own, &val) || val != m->own[me]) {
			test_fail(c->t, "thread %u finds %llu instead of its %llu", me,
				  (unsigned long long)val, (unsigned long long)m->own[me]);
			crew_stop(c);
		}
		if (!user_write64(own, val + 1))
			m->own[me]++;
		if (user_read64(common, &old) || user_cmpxchg64(common, old, old + 1, &found))
			test_fail(c->t, "thread %u: access failed", me);
		else if (old == found)
			m->common[me]++;
	}
	test_check(c->t);
}

static void moving_thread(struct crew *c, unsigned int me)
{
	struct moving *m = c->arg;

	use_mm(m->mm);
	if (me)
		incrementer(c, me, m);
	else
		mover(c, m);
	unuse_mm();
}

static void run_moving(struct test *t, bool swap)
{
	static struct moving m;
	struct mm_balance b;
	u64 sum = 0, expected = 0;

	balance_begin(t, &b);
	m = (struct moving){ .swap = swap };
	m.mm = space_begin(t, 4);
	if (!m.mm)
		return;
	/* Again where a busy host let nothing happen in the time given. */
	for (int i = 0; i < MOVING_ROUNDS && !m.moved && !t->failures; i++)
		crew_run(t, crew_racers() + 1, moving_thread, &m, t->budget_ns);
	for (unsigned int i = 0; i < 4; i++) {
		u64 val = 0;

		EXPECT(t, !user_read64(TEST_ADDR + i * PAGE_SIZE + COMMON_WORD * 8, &val));
		sum += val;
	}
	for (unsigned int i = 0; i < CREW_MAX; i++)
		expected += m.common[i];
	EXPECT_MSG(t, sum == expected, "%llu increments of %llu are there", (unsigned long long)sum,
		   (unsigned long long)expected);
	EXPECT_MSG(t, m.moved, "nothing was moved in %llu attempts", (unsigned long long)m.tried);
	test_record(t, "\"iterations\":%llu,\"moved\":%llu", (unsigned long long)expected,
		    (unsigned long long)m.moved);
	space_end(m.mm);
	balance_end(t, &b);
}

static void test_migrate_race(struct test *t)
{
	run_moving(t, false);
}
TEST(reclaim, migrate_race, TEST_RACE, test_migrate_race);

static void test_swap_race(struct test *t)
{
	if (!swap_missing(t, 1))
		run_moving(t, true);
}
TEST(reclaim, swap_race, TEST_RACE, test_swap_race);

/*
 * A write fault on a page whose other mapping has become a migration entry already. It finds itself
 * the only mapper, and must copy all the same.
 *
 *	CPU 0: migrate_page()			CPU 1: child writes
 *	parent's entry: mapcount 2 -> 1
 *	(waits)					write fault: copy
 *	child's entry: is none of the page's
 */
struct forced {
	struct mm_struct *parent, *child;
	int err;
};

static void forced_thread(struct crew *c, unsigned int me)
{
	struct forced *f = c->arg;
	struct stamp s = { 2, 2, TEST_ADDR };

	if (!me) {
		f->err = page_migrate(f->parent, TEST_ADDR);
		sync_point("forced.migrated");
		return;
	}
	use_mm(f->child);
	sync_point("forced.ready");
	if (stamp_write(&s))
		test_fail(c->t, "the child cannot write");
	sync_point("forced.written");
	unuse_mm();
}

/* With @fn on two CPUs in a family whose parent has one stamped page. */
static void forced_run(struct test *t, struct forced *f, const struct sync_rule *rules,
		       unsigned int nr, void (*fn)(struct crew *c, unsigned int me))
{
	struct sync_stats s;

	sync_rules_arm(rules, nr, rng_next(&t->rng));
	crew_run_fixed(t, 2, fn, f);
	sync_stats_read(&s);
	sync_rules_disarm();
	EXPECT_MSG(t, s.met && !s.timed_out, "met %lu, late %lu", s.met, s.timed_out);
	EXPECT_MSG(t, !f->err, "error %d", f->err);
}

static bool forced_family(struct test *t, struct forced *f)
{
	f->parent = space_begin(t, 1);
	if (!f->parent)
		return false;
	pages_stamp(t, 0, 1, 1, 1);
	f->child = dup_mm(f->parent);
	return EXPECT(t, f->child != NULL);
}

/* The parent's page has stamp 1, and the child's stamp 2. */
static void forced_end(struct test *t, struct forced *f)
{
	pages_check(t, 0, 1, 1, 1, "parent");
	space_switch(f->child);
	pages_check(t, 0, 1, 2, 2, "child");
	space_switch(f->parent);
	mmput(f->child);
	space_end(f->parent);
}

static void test_migrate_cow(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "forced.ready", 1, "unmap.done", 0, 2000000, 0 },
		{ "unmap.done", 0, "forced.written", 1, 2000000, 0 },
	};
	static struct forced f;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	balance_begin(t, &b);
	for (int i = 0; i < 20 && !t->failures; i++) {
		if (!forced_family(t, &f))
			return;
		forced_run(t, &f, rules, ARRAY_SIZE(rules), forced_thread);
		forced_end(t, &f);
	}
	balance_end(t, &b);
}
TEST(reclaim, migrate_cow_race, TEST_RACE, test_migrate_cow, .min_cpus = 2);

/* Parent and child have pages of their own at one address, and both move at once. */
static void both_move(struct crew *c, unsigned int me)
{
	struct forced *f = c->arg;

	if (!me) {
		f->err = page_migrate(f->parent, TEST_ADDR);
	} else {
		sync_point("forced.ready");
		EXPECT(c->t, !page_migrate(f->child, TEST_ADDR));
		sync_point("forced.migrated");
	}
}

static void test_migrate_two(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "forced.ready", 1, "migrate.copied", 0, 2000000, 0 },
		{ "migrate.copied", 0, "forced.migrated", 1, 2000000, 0 },
	};
	static struct forced f;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	balance_begin(t, &b);
	if (!forced_family(t, &f))
		return;
	space_switch(f.child);
	pages_stamp(t, 0, 1, 2, 2);
	space_switch(f.parent);
	forced_run(t, &f, rules, ARRAY_SIZE(rules), both_move);
	forced_end(t, &f);
	balance_end(t, &b);
}
TEST(reclaim, migrate_two, TEST_RACE, test_migrate_two, .min_cpus = 2);
