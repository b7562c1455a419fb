/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * munmap of a page that a child shares: see the head of mm/memory.c. Three CPUs, by sync points:
 *
 *	CPU 0, the child	CPU 1, a parent			CPU 2, a parent
 *								reads the page: in its TLB
 *				munmap: entry cleared, and
 *				stopped under page_table_lock
 *	writes: a copy, since
 *	it has two references;
 *	or in place
 *								reads: old contents, or nothing
 *				flush
 *								reads: nothing
 *
 * The mistake is a write in place, and that is seen for certain. Whether CPU 2 then reads what is
 * not for it is up to its TLB, which may forget the page at any time.
 */
#include <arch/atomic.h>
#include <arch/mmu.h>
#include <kernel/busted.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <test/mm.h>

#define ZAP_ROUNDS 4
#define WAIT_US	   5000000 /* so long each waits for the others, at most */

enum { CPU_CHILD, CPU_UNMAP, CPU_READ, NR_CPUS_ZAP };

struct zap_race {
	struct mm_struct *parent, *child;
	struct page *page;	     /* that both map */
	bool in_place;		     /* the child wrote to it */
	unsigned int by_tlb, leaked; /* rounds: CPU 2 could read on; it read what the child wrote */
};

static void child_thread(struct crew *c, struct zap_race *z)
{
	sync_point("test.child_go");
	use_mm(z->child);
	expect_write(c->t, TEST_ADDR, 2, "child");
	z->in_place = page_at(z->child, TEST_ADDR) == z->page;
	unuse_mm();
	sync_point("test.child_wrote");
}

static void unmap_thread(struct crew *c, struct zap_race *z)
{
	use_mm(z->parent);
	sync_point("test.unmap_go");
	EXPECT(c->t, sys_munmap(TEST_ADDR, PAGE_SIZE) == 0);
	unuse_mm();
}

/* Not preemptible: a read that the TLB does not answer fails, and does not wait for mmap_sem. */
static void read_thread(struct crew *c, struct zap_race *z)
{
	u64 val = 0;

	use_mm(z->parent);
	expect_read(c->t, TEST_ADDR, 1, "parent before");
	preempt_disable();
	expect_read(c->t, TEST_ADDR, 1, "parent before");
	sync_point("test.read_go");
	if (!user_read64(TEST_ADDR, &val)) {
		z->by_tlb++;
		z->leaked += val != 1;
	}
	sync_point("test.read");
	preempt_enable();
}

static void zap_racer(struct crew *c, unsigned int me)
{
	struct zap_race *z = c->arg;
	u64 val;

	if (me == CPU_CHILD)
		child_thread(c, z);
	else if (me == CPU_UNMAP)
		unmap_thread(c, z);
	else
		read_thread(c, z);
	crew_meet(c, me);
	if (me != CPU_READ)
		return;
	EXPECT(c->t, user_read64(TEST_ADDR, &val) == -EFAULT);
	unuse_mm();
}

static void zap_run(struct test *t, struct zap_race *z, bool twin)
{
	static const struct sync_rule order[] = {
		{ "test.unmap_go", CPU_UNMAP, "test.read_go", CPU_READ, WAIT_US },
		{ "test.child_go", CPU_CHILD, "zap.cleared", CPU_UNMAP, WAIT_US },
		{ "test.read_go", CPU_READ, "test.child_wrote", CPU_CHILD, WAIT_US },
		{ "zap.cleared", CPU_UNMAP, "test.read", CPU_READ, WAIT_US },
	};
	struct sync_stats s;

	if (twin)
		busted_set(BUSTED_ZAP_PUT_EARLY);
	sync_rules_arm(order, ARRAY_SIZE(order), 1);
	crew_run_fixed(t, NR_CPUS_ZAP, zap_racer, z);
	sync_stats_read(&s);
	sync_rules_disarm();
	busted_clear(BUSTED_ZAP_PUT_EARLY);
	EXPECT_MSG(t, s.met == ARRAY_SIZE(order), "met %lu, timed out %lu, excluded %lu", s.met,
		   s.timed_out, s.excluded);
}

/* One round with a family of its own. Did the child write in place? */
static bool zap_round(struct test *t, struct zap_race *z, bool twin)
{
	z->in_place = false;
	z->parent = mm_alloc();
	if (!EXPECT(t, z->parent != NULL))
		return false;
	use_mm(z->parent);
	sys_mmap(TEST_ADDR, PAGE_SIZE, RW);
	expect_write(t, TEST_ADDR, 1, "before");
	unuse_mm();
	z->page = page_at(z->parent, TEST_ADDR);
	z->child = dup_mm(z->parent);
	if (EXPECT(t, z->child != NULL)) {
		zap_run(t, z, twin);
		use_mm(z->child);
		expect_read(t, TEST_ADDR, 2, "child afterwards");
		unuse_mm();
		mmput(z->child);
	}
	mmput(z->parent);
	return z->in_place;
}

static void zap_hold(struct test *t, bool twin)
{
	struct zap_race z = { .by_tlb = 0 };
	unsigned int in_place = 0;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	balance_begin(t, &b);
	for (int i = 0; i < ZAP_ROUNDS; i++)
		in_place += zap_round(t, &z, twin);
	balance_end(t, &b);
	EXPECT_MSG(t, in_place == (twin ? ZAP_ROUNDS : 0),
		   "the child wrote in place in %u of %u rounds", in_place, ZAP_ROUNDS);
	if (!twin)
		EXPECT_MSG(t, !z.leaked, "a parent read what the child wrote in %u rounds",
			   z.leaked);
	test_record(t, "\"rounds\":%u,\"in_place\":%u,\"by_tlb\":%u,\"leaked\":%u", ZAP_ROUNDS,
		    in_place, z.by_tlb, z.leaked);
}

static void test_zap_put(struct test *t)
{
	zap_hold(t, false);
}
TEST(mm, zap_put, TEST_RACE, test_zap_put, .min_cpus = NR_CPUS_ZAP);

/* The busted twin: the reference is dropped when the entry is cleared. */
static void test_zap_put_twin(struct test *t)
{
	zap_hold(t, true);
}
TEST(mm, zap_put_twin, TEST_RACE, test_zap_put_twin, .min_cpus = NR_CPUS_ZAP);

/* ---- how many flushes ---- */

#define SPARSE_TABLES 24 /* leaf tables, one page in each; eight are looked at under one lock */

static unsigned int nr_flushes; /* by the one thread that unmaps */

static void count_flush(const void *mm)
{
	nr_flushes++;
}

/* One flush for several tables, where few pages are mapped. */
static void test_zap_sparse(struct test *t)
{
	unsigned long span = pgtable_entries(0) * PAGE_SIZE;
	struct sync_rule count = { .at = "zap.cleared", .cpu = -1, .call = count_flush };
	struct mm_struct *mm;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, SPARSE_TABLES * span, RW) == (long)TEST_ADDR);
	for (unsigned int i = 0; i < SPARSE_TABLES; i++)
		expect_write(t, TEST_ADDR + i * span, i, "sparse");
	nr_flushes = 0;
	count.task = current->name;
	sync_rules_arm(&count, 1, 1);
	EXPECT(t, sys_munmap(TEST_ADDR, SPARSE_TABLES * span) == 0);
	sync_rules_disarm();
	EXPECT_MSG(t, nr_flushes == SPARSE_TABLES / 8, "%u flushes for %u tables", nr_flushes,
		   SPARSE_TABLES);
	unuse_mm();
	mmput(mm);
}
TEST(mm, zap_sparse, TEST_ASSERT, test_zap_sparse);

/* A space that ends is loaded nowhere: its pages and tables go without a flush. */
static void test_exit_unflushed(struct test *t)
{
	struct sync_rule rule = {
		.at = "tlb.flush", .cpu = -1, .call = count_flush, .task = current->name
	};
	struct mm_struct *mm;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW) == (long)TEST_ADDR);
	expect_write(t, TEST_ADDR, 1, "to be dropped");
	unuse_mm();
	nr_flushes = 0;
	sync_rules_arm(&rule, 1, 1);
	mmput(mm);
	sync_rules_disarm();
	EXPECT_MSG(t, !nr_flushes, "%u flushes", nr_flushes);
}
TEST(mm, exit_unflushed, TEST_ASSERT, test_exit_unflushed);
