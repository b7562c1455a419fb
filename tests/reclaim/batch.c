/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushes in batches (mm/tlb_batch.c): who must not get past one that is due, by two CPUs; the
 * busted twin, where munmap does; and how few there are.
 *
 *	CPU 0				CPU 1
 *					writes to the page: in its TLB
 *	reclaim: entry -> slot,
 *	stopped before the flush
 *					writes by the TLB: permitted
 *					munmap
 *					reads by the TLB: nothing, or munmap's mistake
 *	flush
 *
 * More such windows: window_batch.c.
 */
#include <arch/pgtable_user.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/sync_point.h>
#include <mm/lru.h>
#include <mm/mmap.h>
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <mm/reclaim.h>
#include <mm/rmap.h>
#include <mm/tlb_batch.h>
#include <test/window.h>

#define ROUNDS	 24
#define KNOWN	 8 /* rounds in which the TLB knew the page: enough */
#define PAGES	 64
#define CHILDREN (TLB_BATCH_PAGES + 1)
#define WAIT_US	 5000000 /* so long each waits for the other, at most */

/* What CPU 1 does while a flush is due. */
struct scene {
	void (*before)(struct test *t); /* optional */
	void (*act)(struct test *t);	/* in the space; optional */
	bool flushed;			/* then it waits until CPU 0 has flushed */
	bool write;			/* what is forbidden afterwards: a write, or any use */
	bool permitted;			/* nothing is: what is written is in the page */
	bool gone;			/* the page is there no more */
};

static struct due {
	const struct scene *scene;
	struct mm_struct *mm;
	unsigned long addr; /* of the page: another in each round, lest a TLB have no room there */
	bool moves;	    /* to another frame, and not to swap */
	bool known, used;   /* CPU 1 could use the page by its TLB: before; afterwards */
	struct mm_struct *child[CHILDREN];
	bool by_list; /* the page goes with what the LRU list has, and not by name */
	bool flushed; /* by CPU 0 */
	bool early;   /* CPU 1 has mapped the page before that */
} due;

static void due_run(struct test *t, const struct sync_rule *rules, unsigned int n,
		    void (*fn)(struct crew *c, unsigned int me))
{
	struct sync_stats s;

	sync_rules_arm(rules, n, 1);
	crew_run_fixed(t, 2, fn, &due);
	sync_stats_read(&s);
	sync_rules_disarm();
	EXPECT_MSG(t, s.met >= 2 && !s.timed_out, "met %lu, timed out %lu", s.met, s.timed_out);
}

/* ---- who asks, or does it anyway ---- */

static void act_munmap(struct test *t)
{
	EXPECT(t, !sys_munmap(due.addr, PAGE_SIZE));
}

/* With the page behind it, which is there, and is all that munmap itself has to flush. */
static void act_munmap_two(struct test *t)
{
	expect_write(t, due.addr + PAGE_SIZE, 1, "the page behind");
	EXPECT(t, !sys_munmap(due.addr, 2 * PAGE_SIZE));
}

static void act_mprotect(struct test *t)
{
	EXPECT(t, !sys_mprotect(due.addr, PAGE_SIZE, VM_READ));
}

static void act_fork(struct test *t)
{
	due.child[0] = dup_mm(due.mm);
	EXPECT(t, due.child[0] != NULL);
}

static void before_many(struct test *t)
{
	for (unsigned int i = 0; i < CHILDREN; i++) {
		due.child[i] = dup_mm(due.mm);
		EXPECT(t, due.child[i] != NULL);
	}
}

static void uses(struct test *t)
{
	u64 val;

	due.known = !(due.scene->before ? tlb_read(due.addr, &val) : tlb_write(due.addr, 2));
	if (due.scene->act)
		due.scene->act(t);
	if (due.scene->flushed)
		sync_point("due.flushed");
	due.used = !(due.scene->write ? tlb_write(due.addr, 3) : tlb_read(due.addr, &val));
}

/* So that this CPU counts as one that may know the children's entries. */
static void use_children(struct test *t)
{
	u64 val;

	for (unsigned int i = 0; i < CHILDREN && due.child[i]; i++) {
		use_mm(due.child[i]);
		EXPECT(t, !user_read64(due.addr, &val));
		unuse_mm();
	}
}

static void due_racer(struct crew *c, unsigned int me)
{
	u64 val;

	if (!me) {
		crew_meet(c, me);
		if (due.moves)
			page_migrate(due.mm, due.addr);
		else
			page_swap_out(due.mm, due.addr);
		return;
	}
	use_children(c->t);
	use_mm(due.mm);
	if (due.scene->before)
		EXPECT(c->t, !user_read64(due.addr, &val));
	else
		expect_write(c->t, due.addr, 1, "before");
	crew_meet(c, me);
	sync_point("due.go");
	uses(c->t);
	sync_point("due.done");
	unuse_mm();
}

static void expect_value(struct test *t, struct mm_struct *mm)
{
	use_mm(mm);
	expect_read(t, due.addr, due.known && !due.scene->before ? 2 : 1, "afterwards");
	unuse_mm();
}

static void due_end(struct test *t)
{
	bool whole = !due.used || due.scene->permitted;

	if (!due.scene->gone && whole)
		expect_value(t, due.mm);
	for (unsigned int i = 0; i < CHILDREN && due.child[i]; i++) {
		if (whole)
			expect_value(t, due.child[i]);
		mmput(due.child[i]);
	}
	mmput(due.mm);
}

static bool due_begin(struct test *t, const struct scene *scene, unsigned int round)
{
	due = (struct due){ .scene = scene,
			    .mm = space_begin(t, PAGES),
			    .addr = TEST_ADDR + round * 5 % (PAGES - 1) * PAGE_SIZE,
			    .moves = round & 1 };
	if (!due.mm)
		return false;
	expect_write(t, due.addr, 1, "at first");
	if (scene && scene->before)
		scene->before(t);
	unuse_mm();
	return true;
}

static void due_round(struct test *t, bool twin)
{
	const struct sync_rule rules[] = {
		{ "due.go", 1, "batch.flush", 0, WAIT_US },
		{ "batch.flush", 0, due.scene->flushed ? "due.flushed" : "due.done", 1, WAIT_US },
		{ "due.flushed", 1, "batch.flushed", 0, WAIT_US },
		{ "batch.flushed", 0, "due.done", 1, WAIT_US },
	};

	if (twin)
		busted_set(BUSTED_FLUSH_NOT_DUE);
	due_run(t, rules, ARRAY_SIZE(rules), due_racer);
	busted_clear(BUSTED_FLUSH_NOT_DUE);
}

/* A TLB may forget the page at any time: then the round shows nothing. */
static void due_hold(struct test *t, bool twin)
{
	const struct scene *scene = t->tc->data;
	unsigned int round, known = 0, used = 0;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (swap_missing(t, 2))
		return;
	balance_begin(t, &b);
	for (round = 0; round < ROUNDS && (twin ? !used : known < KNOWN) && !t->failures; round++) {
		if (!due_begin(t, scene, round))
			break;
		due_round(t, twin);
		known += due.known;
		used += due.used;
		due_end(t);
	}
	EXPECT_MSG(t, known, "a TLB knew the page in none of %u rounds", round);
	if (!scene->permitted)
		EXPECT_MSG(t, !used == !twin, "a TLB knew it afterwards in %u of %u rounds", used,
			   round);
	test_record(t, "\"rounds\":%u,\"known\":%u,\"used\":%u", round, known, used);
	balance_end(t, &b);
}

static void test_due(struct test *t)
{
	due_hold(t, false);
}

static const struct scene scene_munmap = { .act = act_munmap, .gone = true };
TEST(reclaim, batch_munmap, TEST_RACE, test_due, .data = &scene_munmap, .min_cpus = 2);
static const struct scene scene_two = { .act = act_munmap_two, .gone = true };
TEST(reclaim, batch_munmap_two, TEST_RACE, test_due, .data = &scene_two, .min_cpus = 2);
static const struct scene scene_mprotect = { .act = act_mprotect, .write = true };
TEST(reclaim, batch_mprotect, TEST_RACE, test_due, .data = &scene_mprotect, .min_cpus = 2);
static const struct scene scene_fork = { .act = act_fork, .write = true };
TEST(reclaim, batch_fork, TEST_RACE, test_due, .data = &scene_fork, .min_cpus = 2);
/* Nobody else: what is written goes out, or moves, with the page. */
static const struct scene scene_write = { .permitted = true };
TEST(reclaim, batch_write, TEST_RACE, test_due, .data = &scene_write, .min_cpus = 2);
/* After the flush, of one page and of more entries than are flushed one by one. */
static const struct scene scene_flushed = { .flushed = true };
TEST(reclaim, batch_flushed, TEST_RACE, test_due, .data = &scene_flushed, .min_cpus = 2);
static const struct scene scene_many = { .before = before_many, .flushed = true };
TEST(reclaim, batch_many, TEST_RACE, test_due, .data = &scene_many, .min_cpus = 2);

/* The busted twin: munmap does not ask whether a flush is due. */
static void test_batch_munmap_twin(struct test *t)
{
	if (!switches_missing(t))
		due_hold(t, true);
}
TEST(reclaim, batch_munmap_twin, TEST_RACE, test_batch_munmap_twin, .data = &scene_munmap,
     .min_cpus = 2);

/* ---- a fault ---- */

/* CPU 1 is about to wait for the page lock: would it get it, it would be through by then. */
static void tarry(const void *obj)
{
	clock_delay_ns(2 * 1000 * 1000);
}

/* What reclaim could not have after all is where it came from; or it has found it there again. */
static void expect_on_list(struct test *t)
{
	struct page *page = page_get_at(due.mm, TEST_ADDR);

	EXPECT(t, !page || page_test_flag(page, PG_lru));
	if (page)
		put_anon_page(page);
}

static void note_flushed(const void *obj)
{
	WRITE_ONCE(due.flushed, true);
}

static void note_mapped(const void *obj)
{
	due.early = !READ_ONCE(due.flushed);
}

/* CPU 1's TLB has nothing of the page. */
static void fault_racer(struct crew *c, unsigned int me)
{
	if (!me && due.by_list)
		reclaim_pages(1);
	else if (!me)
		page_swap_out(due.mm, TEST_ADDR);
	if (!me)
		return;
	use_mm(due.mm);
	sync_point("due.go");
	expect_read(c->t, due.addr, 1, "back from swap");
	unuse_mm();
}

/* The page comes back only after the flush, whatever its entry says before. */
static void fault_hold(struct test *t, bool by_list)
{
	static const struct sync_rule rules[] = {
		{ "due.go", 1, "batch.flush", 0, WAIT_US },
		{ "batch.flush", 0, "swapin.found", 1, WAIT_US },
		{ .at = "batch.flush", .cpu = 0, .call = tarry },
		{ .at = "batch.flushed", .cpu = 0, .call = note_flushed },
		{ .at = "swapin.mapped", .cpu = 1, .call = note_mapped },
	};
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (swap_missing(t, 2))
		return;
	balance_begin(t, &b);
	if (due_begin(t, NULL, 0)) {
		due.by_list = by_list;
		if (by_list)
			page_grows_old(t, due.mm, 0);
		due_run(t, rules, ARRAY_SIZE(rules), fault_racer);
		EXPECT_MSG(t, due.flushed && !due.early, "flushed %d, mapped before that %d",
			   due.flushed, due.early);
		if (by_list)
			expect_on_list(t);
		mmput(due.mm);
	}
	balance_end(t, &b);
}

static void test_batch_fault(struct test *t)
{
	fault_hold(t, false);
}
TEST(reclaim, batch_fault, TEST_RACE, test_batch_fault, .min_cpus = 2);

static void test_batch_fault_list(struct test *t)
{
	fault_hold(t, true);
}
TEST(reclaim, batch_fault_list, TEST_RACE, test_batch_fault_list, .min_cpus = 2);

/* ---- how many flushes ---- */

#define OLD 16 /* pages */

static unsigned int nr_batches, nr_single; /* by the test's thread */

static void count_batch(const void *obj)
{
	nr_batches++;
}

static void count_single(const void *obj)
{
	nr_single++;
}

static void count_begin(void)
{
	struct sync_rule rules[] = {
		{ .at = "batch.flush", .cpu = -1, .call = count_batch, .task = current->name },
		{ .at = "tlb.flush", .cpu = -1, .call = count_single, .task = current->name },
	};

	nr_batches = nr_single = 0;
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
}

/* One flush for all entries of a page, in however many spaces, in each of which it was due. */
static void test_batch_mappings(struct test *t)
{
	struct mm_struct *mm, *child[CHILDREN] = { NULL };
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = reclaim_begin(t, &b, 1, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	for (unsigned int i = 0; i < CHILDREN; i++) {
		child[i] = dup_mm(mm);
		EXPECT(t, child[i] != NULL);
	}
	count_begin();
	EXPECT(t, !page_swap_out(mm, TEST_ADDR));
	sync_rules_disarm();
	EXPECT_MSG(t, nr_batches == 1 && !nr_single, "%u and %u flushes", nr_batches, nr_single);
	for (unsigned int i = 0; i < CHILDREN && child[i]; i++) {
		EXPECT(t, child[i]->flush_due && child[i]->swap_rss == 1);
		mmput(child[i]);
	}
	reclaim_end(t, &b, mm);
}
TEST(reclaim, batch_mappings, TEST_ASSERT, test_batch_mappings);

/* One flush for all pages that reclaim takes off the list at once; then munmap's, for its sake. */
static void test_batch_pages(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = reclaim_begin(t, &b, OLD, OLD);
	if (!mm)
		return;
	pages_stamp(t, 0, OLD, 1, 1);
	for (unsigned long i = 0; i < OLD; i++)
		page_grows_old(t, mm, i);
	count_begin();
	reclaim_pages(OLD);
	EXPECT_MSG(t, mm->swap_rss >= OLD / 2, "%lu pages went", mm->swap_rss);
	EXPECT_MSG(t, nr_batches == 1 && !nr_single, "%u and %u flushes", nr_batches, nr_single);
	EXPECT(t, mm->flush_due);
	EXPECT(t, !sys_munmap(TEST_ADDR, PAGE_SIZE));
	sync_rules_disarm();
	EXPECT_MSG(t, nr_single == 1 && !mm->flush_due, "%u flushes", nr_single);
	pages_check(t, 1, OLD - 1, 1, 1, "afterwards");
	reclaim_end(t, &b, mm);
}
TEST(reclaim, batch_pages, TEST_ASSERT, test_batch_pages);
