/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fork and copy on write: each space sees its own writes and nobody else's; and the busted twins of
 * the steps that make it so.
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/busted.h>
#include <kernel/printk.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/page.h>
#include <mm/tlb.h>
#include <test/mm.h>
#include <test/step.h>

/* ---- a family of address spaces, one thread ---- */

#define FAMILY 8
#define PAGES  40
#define BASE   (TEST_ADDR - PAGES / 2 * PAGE_SIZE)

struct family {
	struct mm_struct *mm[FAMILY]; /* NULL: not born, or dead */
	u64 val[FAMILY][PAGES];
	u64 last;
};
static struct family family;

static bool member_check(struct test *t, unsigned int who)
{
	bool ok = true;

	use_mm(family.mm[who]);
	for (unsigned int i = 0; i < PAGES && ok; i++) {
		u64 got = ~0ULL;
		int err = user_read64(BASE + i * PAGE_SIZE + 8 * (i % 500), &got);

		ok = EXPECT_MSG(t, !err && got == family.val[who][i],
				"space %u page %u: error %d, %llx instead of %llx", who, i, err,
				(unsigned long long)got, (unsigned long long)family.val[who][i]);
	}
	unuse_mm();
	return ok;
}

static void member_write(struct test *t, unsigned int who)
{
	unsigned int first = rng_below(&t->rng, PAGES);
	unsigned int nr = 1 + rng_below(&t->rng, PAGES - first);

	use_mm(family.mm[who]);
	for (unsigned int i = first; i < first + nr; i++) {
		family.val[who][i] = ++family.last;
		expect_write(t, BASE + i * PAGE_SIZE + 8 * (i % 500), family.last, "member");
	}
	unuse_mm();
}

static bool member_fork(struct test *t, unsigned int from, unsigned int to)
{
	family.mm[to] = dup_mm(family.mm[from]);
	if (!EXPECT(t, family.mm[to] != NULL))
		return false;
	memcpy(family.val[to], family.val[from], sizeof(family.val[to]));
	down_read(&family.mm[to]->mmap_sem);
	mm_check(family.mm[to]);
	up_read(&family.mm[to]->mmap_sem);
	return true;
}

static void member_die(unsigned int who)
{
	mmput(family.mm[who]);
	family.mm[who] = NULL;
}

static void test_fork_family(struct test *t)
{
	struct mm_balance b;

	balance_begin(t, &b);
	memset(&family, 0, sizeof(family));
	family.mm[0] = mm_alloc();
	if (!EXPECT(t, family.mm[0] != NULL))
		return;
	use_mm(family.mm[0]);
	sys_mmap(BASE, PAGES * PAGE_SIZE, RW);
	unuse_mm();
	for (unsigned int i = 0; i < 400; i++) {
		unsigned int a = rng_below(&t->rng, FAMILY), other = rng_below(&t->rng, FAMILY);
		unsigned int alive = 0;

		for (unsigned int n = 0; n < FAMILY; n++)
			alive += family.mm[n] != NULL;
		if (!family.mm[a])
			continue;
		switch (rng_below(&t->rng, 8)) {
		case 0:
		case 1:
			if (!family.mm[other] && !member_fork(t, a, other))
				goto out;
			break;
		case 2:
			if (alive > 1)
				member_die(a);
			break;
		case 3:
		case 4:
		case 5:
			member_write(t, a);
			break;
		default:
			if (!member_check(t, a))
				goto out;
		}
	}
out:
	for (unsigned int n = 0; n < FAMILY; n++) {
		if (family.mm[n]) {
			member_check(t, n);
			member_die(n);
		}
	}
	balance_end(t, &b);
}
TEST(mm, fork_family, TEST_ASSERT, test_fork_family);

/* Areas, protections and stacks are inherited; the child's changes stay its own. */
static void test_fork_areas(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm, *child;
	u64 val;

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(BASE, PAGES * PAGE_SIZE, RW);
	sys_mmap(BASE + (64UL << 20), PAGE_SIZE, RW | VM_GROWSDOWN);
	expect_write(t, BASE, 1, "parent");
	expect_write(t, BASE + PAGE_SIZE, 2, "parent");
	expect_write(t, BASE + (64UL << 20) - 5 * PAGE_SIZE, 3, "parent's stack");
	sys_mprotect(BASE + PAGE_SIZE, PAGE_SIZE, VM_READ);
	sys_mprotect(BASE + 2 * PAGE_SIZE, PAGE_SIZE, 0);
	child = dup_mm(mm);
	unuse_mm();
	if (!EXPECT(t, child != NULL))
		goto out;
	EXPECT(t, child->map_count == mm->map_count && child->total_vm == mm->total_vm);
	use_mm(child);
	expect_read(t, BASE, 1, "child");
	EXPECT(t, user_write64(BASE + PAGE_SIZE, 9) == -EFAULT);
	EXPECT(t, user_read64(BASE + 2 * PAGE_SIZE, &val) == -EFAULT);
	EXPECT(t, sys_munmap(BASE, PAGE_SIZE) == 0);
	EXPECT(t, user_read64(BASE, &val) == -EFAULT);
	expect_write(t, BASE + (64UL << 20) - 9 * PAGE_SIZE, 4, "child's stack");
	expect_read(t, BASE + (64UL << 20) - 5 * PAGE_SIZE, 3, "child's stack");
	unuse_mm();
	use_mm(mm);
	expect_read(t, BASE, 1, "parent");
	expect_read(t, BASE + (64UL << 20) - 5 * PAGE_SIZE, 3, "parent's stack");
	unuse_mm();
	mmput(child);
out:
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, fork_areas, TEST_ASSERT, test_fork_areas);

/* ---- parents and children on all CPUs at once ---- */

#define RACE_PAGES 16

/*
 * Each thread: its own words of the common space, then a child of its own that it writes to while
 * the others go on with the parent. The child must keep what it was born with but for its own.
 */
static void fork_racer(struct crew *c, unsigned int me)
{
	struct mm_struct *mm = c->arg, *child;
	u64 round = 0;

	while (!crew_done(c) && !c->t->failures) {
		round++;
		use_mm(mm);
		for (unsigned int i = 0; i < RACE_PAGES; i++)
			expect_write(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, round, "parent");
		child = dup_mm(mm);
		for (unsigned int i = 0; i < RACE_PAGES; i++)
			expect_write(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, round | 1ULL << 32,
				     "parent after fork");
		for (unsigned int i = 0; i < RACE_PAGES; i++)
			expect_read(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, round | 1ULL << 32,
				    "parent after fork");
		unuse_mm();
		if (!EXPECT(c->t, child != NULL))
			return;
		use_mm(child);
		mmput(child);
		for (unsigned int i = 0; i < RACE_PAGES; i++) {
			expect_read(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, round, "child");
			expect_write(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, ~round, "child");
		}
		for (unsigned int i = 0; i < RACE_PAGES; i++)
			expect_read(c->t, TEST_ADDR + i * PAGE_SIZE + 8 * me, ~round, "child");
		unuse_mm();
	}
}

static void test_fork_race(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm;

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, RACE_PAGES * PAGE_SIZE, RW);
	unuse_mm();
	crew_run(t, crew_racers() + 1, fork_racer, mm, t->budget_ns);
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, fork_race, TEST_RACE, test_fork_race);

/* ---- twins ---- */

#define TWIN_ROUNDS 20
#define TWIN_TRIES  20

/* A reader on one CPU remembers a page; a writer on another copies it. What does the reader see? */
struct stale {
	struct mm_struct *mm;
	u64 wrong; /* rounds in which an old translation was used */
	u64 child_changed;
	bool fork; /* look at fork's flush, not at that of the copy */
};

/* The writer forks, writes, and looks at the child; the other thread keeps the TLB warm. */
static void stale_racer(struct crew *c, unsigned int me)
{
	struct stale *s = c->arg;
	struct mm_struct *child = NULL;
	u64 val;

	use_mm(s->mm);
	for (u64 round = 1; round <= TWIN_ROUNDS; round++) {
		/* All entries writable, and in this CPU's TLB. */
		if (me == 0)
			user_write64(TEST_ADDR, 2 * round);
		crew_meet(c, me);
		if (me == 1) {
			user_write64(TEST_ADDR + 8, round);
			user_read64(TEST_ADDR, &val);
		}
		crew_meet(c, me);
		if (me == 0)
			child = dup_mm(s->mm);
		crew_meet(c, me);
		if (me == 1 && s->fork)
			user_write64(TEST_ADDR, 2 * round + 1); /* must not reach the child */
		else if (me == 1)
			user_read64(TEST_ADDR, &val); /* what is remembered is read-only */
		crew_meet(c, me);
		if (me == 0 && !s->fork)
			user_write64(TEST_ADDR, 2 * round + 1);
		crew_meet(c, me);
		if (me == 1) {
			user_read64(TEST_ADDR, &val);
			s->wrong += val != 2 * round + 1;
		}
		crew_meet(c, me);
		if (me == 0) {
			unuse_mm();
			if (!EXPECT(c->t, child != NULL)) {
				crew_stop(c);
				use_mm(s->mm);
				break;
			}
			use_mm(child);
			user_read64(TEST_ADDR, &val);
			s->child_changed += val != 2 * round;
			unuse_mm();
			mmput(child);
			use_mm(s->mm);
		}
	}
	unuse_mm();
}

/* Rounds in which somebody saw what was not for him. */
static u64 stale_hold(struct test *t, bool fork)
{
	struct stale s = { .mm = mm_alloc(), .fork = fork };

	if (!EXPECT(t, s.mm != NULL))
		return 0;
	use_mm(s.mm);
	sys_mmap(TEST_ADDR, PAGE_SIZE, RW);
	unuse_mm();
	crew_run(t, 2, stale_racer, &s, 0);
	mmput(s.mm);
	return s.wrong + s.child_changed;
}

/* Sound, nobody sees such a thing; with the mistake @s somebody must. */
static void stale_twin(struct test *t, bool fork, enum busted_switch s)
{
	struct mm_balance b;
	unsigned int tries = 0;
	u64 caught;

	balance_begin(t, &b);
	EXPECT(t, stale_hold(t, fork) == 0);
	balance_end(t, &b);
	if (switches_missing(t))
		return;
	busted_set(s);
	/* A thread that the host puts aside sleeps in crew_meet(), and its TLB may forget. */
	for (caught = 0; !caught && tries < TWIN_TRIES; tries++)
		caught = stale_hold(t, fork);
	busted_clear(s);
	EXPECT_MSG(t, caught != 0, "a %s without flush was not seen in %u times %u rounds",
		   fork ? "fork" : "copy", tries, TWIN_ROUNDS);
	test_record(t, "\"caught\":%llu,\"rounds\":%u", (unsigned long long)caught,
		    tries * TWIN_ROUNDS);
	balance_end(t, &b);
}

static void test_cow_flush(struct test *t)
{
	stale_twin(t, false, BUSTED_COW_NO_FLUSH);
}
TEST(mm, cow_flush_twin, TEST_RACE, test_cow_flush, .min_cpus = 2);

static void test_fork_flush(struct test *t)
{
	stale_twin(t, true, BUSTED_FORK_NO_FLUSH);
}
TEST(mm, fork_flush_twin, TEST_RACE, test_fork_flush, .min_cpus = 2);

/* So long each waits for the other, at most, in its own time: a hang detector. */
#define EARLY_NS 10000000000ULL

/*
 * The references are dropped before the entry is changed: see cow_put_old() in mm/memory_fault.c.
 * The parent's fault is stopped under its lock, with the old entry still in place; meanwhile the
 * child writes, and then the parent's page is read by the old entry. (A mapcount alone that drops
 * early does no harm: who may write in place is decided by the references, and all who look at
 * mapcounts take page_table_lock before they come to the entry.)
 */
struct early {
	struct mm_struct *parent, *child;
	u64 parent_saw;
};

static void early_racer(struct crew *c, unsigned int me)
{
	struct early *e = c->arg;
	struct patience patience;

	if (me == 1) {
		use_mm(e->parent);
		sync_point("test.parent_ready"); /* so that the last one is of this round */
		crew_meet(c, me);
		expect_write(c->t, TEST_ADDR + 8, 5, "parent");
		unuse_mm();
		return;
	}
	crew_meet(c, me);
	patience_begin(&patience, EARLY_NS, 0);
	spin_until_awake_or("the parent's copy", cpu_is_at(1, "cow.locked"),
			    patience_is_over(&patience));
	use_mm(e->child);
	expect_write(c->t, TEST_ADDR, 2, "child");
	unuse_mm();
	use_mm(e->parent);
	preempt_disable();
	expect_read(c->t, TEST_ADDR + PAGE_SIZE, 7, "other page of the parent");
	if (user_read64(TEST_ADDR, &e->parent_saw))
		e->parent_saw = ~0ULL;
	preempt_enable();
	unuse_mm();
	sync_point("test.child_wrote");
}

/* What the parent reads after the child has written 2 over 1. */
static u64 early_hold(struct test *t, bool twin)
{
	static const struct sync_rule stop = {
		.at = "cow.locked",
		.cpu = 1,
		.until = "test.child_wrote",
		.until_cpu = 0,
		.timeout_us = EARLY_NS / 1000,
	};
	struct early e = { .parent = mm_alloc() };

	if (!EXPECT(t, e.parent != NULL))
		return 0;
	use_mm(e.parent);
	sys_mmap(TEST_ADDR, 2 * PAGE_SIZE, RW);
	expect_write(t, TEST_ADDR, 1, "before");
	expect_write(t, TEST_ADDR + PAGE_SIZE, 7, "before");
	unuse_mm();
	e.child = dup_mm(e.parent);
	if (EXPECT(t, e.child != NULL)) {
		unsigned long met, timed_out;

		if (twin)
			busted_set(BUSTED_COW_PUT_EARLY);
		sync_rules_arm(&stop, 1, 1);
		crew_run_fixed(t, 2, early_racer, &e);
		sync_rules_stats(&met, &timed_out);
		sync_rules_disarm();
		busted_clear(BUSTED_COW_PUT_EARLY);
		EXPECT_MSG(t, met == 1 && timed_out == 0, "met %lu, timed out %lu", met, timed_out);
		use_mm(e.child);
		expect_read(t, TEST_ADDR, 2, "child afterwards");
		unuse_mm();
		mmput(e.child);
	}
	mmput(e.parent);
	return e.parent_saw;
}

static void test_cow_put(struct test *t)
{
	struct mm_balance b;
	u64 saw;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	balance_begin(t, &b);
	saw = early_hold(t, false);
	EXPECT_MSG(t, saw == 1, "the parent saw %llu", (unsigned long long)saw);
	saw = early_hold(t, true);
	EXPECT_MSG(t, saw == 2, "the parent saw %llu, the twin was not caught",
		   (unsigned long long)saw);
	balance_end(t, &b);
}
TEST(mm, cow_put_twin, TEST_RACE, test_cow_put, .min_cpus = 2);
