/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reverse map: it finds each entry that maps a page, through forks, splits and merges, and
 * copes with an anon_vma that dies under a walk.
 */
#include <arch/atomic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <mm/tlb_batch.h>
#include <test/reclaim.h>

#define PAGES	 16
#define CHILDREN 12

static int count_one(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	(*(unsigned int *)arg)++;
	return 0;
}

/* Areas that a walk for the page at @addr comes to. */
static unsigned int walk_count(struct test *t, struct mm_struct *mm, unsigned long addr)
{
	struct page *page = page_get_at(mm, addr);
	struct anon_vma *anon_vma;
	unsigned int n = 0;

	if (!EXPECT(t, page != NULL))
		return 0;
	anon_vma = page_lock_anon_vma(page);
	if (EXPECT(t, anon_vma != NULL)) {
		rmap_walk(anon_vma, page, count_one, &n);
		page_unlock_anon_vma(anon_vma);
	}
	put_anon_page(page);
	return n;
}

static void test_fork(struct test *t)
{
	static struct mm_struct *child[CHILDREN];
	struct mm_struct *mm;
	struct mm_balance b;
	struct page *page;

	balance_begin(t, &b);
	mm = space_begin(t, PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	EXPECT_MSG(t, anon_vma_count() == 1, "%lu anon_vmas", anon_vma_count());
	for (unsigned int i = 0; i < CHILDREN; i++) {
		child[i] = dup_mm(i ? child[i / 2] : mm);
		if (!EXPECT(t, child[i] != NULL))
			break;
		page = page_at(mm, TEST_ADDR);
		EXPECT(t, page_mapcount(page) == i + 2 && page_count(page) == i + 2);
		EXPECT(t, walk_count(t, mm, TEST_ADDR) == i + 2);
		EXPECT(t, anon_vma_count() == 1);
	}
	/* In any order, the parent first: the anon_vma lives as long as one of them does. */
	space_end(mm);
	for (unsigned int i = 0; i < CHILDREN && child[i]; i++) {
		if (i < CHILDREN - 1 && child[i + 1])
			EXPECT(t, walk_count(t, child[i + 1], TEST_ADDR) == CHILDREN - i);
		use_mm(child[i]);
		pages_check(t, 0, PAGES, 1, 1, "child");
		unuse_mm();
		mmput(child[i]);
	}
	EXPECT(t, anon_vma_count() == 0);
	balance_end(t, &b);
}
TEST(rmap, fork, TEST_ASSERT, test_fork);

/* Splits give every piece its place on the list; pieces that merge leave one. */
static void test_split_merge(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;

	balance_begin(t, &b);
	mm = space_begin(t, PAGES);
	if (!mm)
		return;
	pages_stamp(t, 0, PAGES, 1, 1);
	for (unsigned long i = 1; i < PAGES; i += 2)
		EXPECT(t, !sys_mprotect(TEST_ADDR + i * PAGE_SIZE, PAGE_SIZE, VM_READ));
	EXPECT_MSG(t, mm->map_count == PAGES, "%lu areas", mm->map_count);
	for (unsigned long i = 0; i < PAGES; i++)
		EXPECT(t, walk_count(t, mm, TEST_ADDR + i * PAGE_SIZE) == 1);
	EXPECT(t, anon_vma_count() == 1);
	EXPECT(t, !sys_munmap(TEST_ADDR + 3 * PAGE_SIZE, PAGE_SIZE));
	EXPECT(t, sys_mprotect(TEST_ADDR, PAGES * PAGE_SIZE, RW) == -ENOMEM); /* the hole */
	EXPECT(t, !sys_mprotect(TEST_ADDR + 4 * PAGE_SIZE, (PAGES - 4) * PAGE_SIZE, RW));
	EXPECT_MSG(t, mm->map_count == 2, "%lu areas", mm->map_count);
	for (unsigned long i = 0; i < PAGES; i++)
		if (i != 3)
			EXPECT(t, walk_count(t, mm, TEST_ADDR + i * PAGE_SIZE) == 1);
	/* What fills the hole shares its neighbours' anon_vma, so that all can be one again. */
	EXPECT(t, sys_mmap(TEST_ADDR + 3 * PAGE_SIZE, PAGE_SIZE, RW) > 0);
	pages_stamp(t, 3, 1, 1, 1);
	EXPECT_MSG(t, mm->map_count == 1, "%lu areas", mm->map_count);
	EXPECT(t, anon_vma_count() == 1);
	pages_check(t, 0, PAGES, 1, 1, "merged");
	space_end(mm);
	EXPECT(t, anon_vma_count() == 0);
	balance_end(t, &b);
}
TEST(rmap, split_merge, TEST_ASSERT, test_split_merge);

/* A new area beside one that has pages takes over its anon_vma; one that is apart does not. */
static void test_mergeable(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	EXPECT(t, sys_mmap(TEST_ADDR + PAGE_SIZE, PAGE_SIZE, RW | VM_EXEC) > 0);
	expect_write(t, TEST_ADDR + PAGE_SIZE, 1, "beside");
	EXPECT_MSG(t, mm->map_count == 2 && anon_vma_count() == 1, "%lu areas, %lu anon_vmas",
		   mm->map_count, anon_vma_count());
	EXPECT(t, sys_mmap(TEST_ADDR + 4 * PAGE_SIZE, PAGE_SIZE, RW) > 0);
	expect_write(t, TEST_ADDR + 4 * PAGE_SIZE, 1, "apart");
	EXPECT_MSG(t, mm->map_count == 3 && anon_vma_count() == 2, "%lu areas, %lu anon_vmas",
		   mm->map_count, anon_vma_count());
	space_end(mm);
	balance_end(t, &b);
}
TEST(rmap, mergeable, TEST_ASSERT, test_mergeable);

/* Forget what TLBs know of the space, so that the next use of a page is seen in its entry. */
static void forget(struct mm_struct *mm)
{
	tlb_flush_mm(mm);
}

static void test_referenced(struct test *t)
{
	struct mm_struct *mm, *child;
	struct mm_balance b;
	struct page *page;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	child = dup_mm(mm);
	page = page_get_at(mm, TEST_ADDR);
	if (EXPECT(t, child && page)) {
		page_referenced(page);
		forget(mm);
		EXPECT(t, page_referenced(page) == 0);
		pages_check(t, 0, 1, 1, 1, "parent");
		EXPECT(t, page_referenced(page) == 1);
		EXPECT(t, page_referenced(page) == 0);
		forget(mm);
		pages_check(t, 0, 1, 1, 1, "parent");
		space_switch(child);
		pages_check(t, 0, 1, 1, 1, "child");
		EXPECT(t, page_referenced(page) == 2);
		space_switch(mm);
	}
	if (page)
		put_anon_page(page);
	if (child)
		mmput(child);
	space_end(mm);
	balance_end(t, &b);
}
TEST(rmap, referenced, TEST_ASSERT, test_referenced);

/* A page keeps its mapping when the last entry goes, and while somebody has a reference. */
static void test_mapping_kept(struct test *t)
{
	struct mm_struct *mm;
	struct mm_balance b;
	struct page *page;
	void *mapping;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	page = page_get_at(mm, TEST_ADDR);
	if (EXPECT(t, page != NULL)) {
		mapping = page->mapping;
		EXPECT(t, !sys_munmap(TEST_ADDR, PAGE_SIZE));
		EXPECT(t, !page_mapped(page) && page->mapping == mapping && mapping);
		EXPECT(t, page_lock_anon_vma(page) == NULL);
		EXPECT(t, page_referenced(page) == 0);
		EXPECT(t, anon_vma_count() == 0);
		/* And when the anon_vma's memory is nobody's any more: it is not touched. */
		kmem_cache_shrink_all();
		rcu_barrier();
		EXPECT(t, page_lock_anon_vma(page) == NULL);
		put_anon_page(page);
	}
	space_end(mm);
	balance_end(t, &b);
}
TEST(rmap, mapping_kept, TEST_ASSERT, test_mapping_kept);

/*
 * An area covers its first and its last page and none besides: places of one anon_vma that are next
 * to it belong to its neighbours.
 */
static void test_address(struct test *t)
{
	struct vm_area_struct vma = {
		.vm_start = TEST_ADDR,
		.vm_end = TEST_ADDR + 3 * PAGE_SIZE,
		.vm_pgoff = 10,
	};
	struct page page = { .index = 10 };

	EXPECT(t, vma_address(&page, &vma) == TEST_ADDR);
	page.index = 12;
	EXPECT(t, vma_address(&page, &vma) == TEST_ADDR + 2 * PAGE_SIZE);
	page.index = 13;
	EXPECT(t, vma_address(&page, &vma) == 0);
	page.index = 9;
	EXPECT(t, vma_address(&page, &vma) == 0);
	page.index = 0;
	EXPECT(t, vma_address(&page, &vma) == 0);
}
TEST(rmap, address, TEST_ASSERT, test_address);

static int note_mm(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	struct mm_struct ***next = arg;

	*(*next)++ = vma->vm_mm;
	return 0;
}

/* A walk comes to a parent before its child: see try_to_unmap() for who relies on it. */
static void test_fork_order(struct test *t)
{
	struct mm_struct *seen[3] = { NULL }, **next = seen, *mm, *child, *grandchild;
	struct anon_vma *anon_vma;
	struct mm_balance b;
	struct page *page;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	child = dup_mm(mm);
	grandchild = child ? dup_mm(child) : NULL;
	page = page_get_at(mm, TEST_ADDR);
	anon_vma = page ? page_lock_anon_vma(page) : NULL;
	if (EXPECT(t, grandchild && anon_vma)) {
		rmap_walk(anon_vma, page, note_mm, &next);
		EXPECT(t, seen[0] == mm && seen[1] == child && seen[2] == grandchild);
	}
	if (anon_vma)
		page_unlock_anon_vma(anon_vma);
	if (page)
		put_anon_page(page);
	if (grandchild)
		mmput(grandchild);
	if (child)
		mmput(child);
	space_end(mm);
	balance_end(t, &b);
}
TEST(rmap, fork_order, TEST_ASSERT, test_fork_order);

/* What a child has written is another page: a walk for the parent's leaves the child's entry. */
static void test_other_page(struct test *t)
{
	struct mm_struct *mm, *child;
	struct mm_balance b;
	struct page *page;

	balance_begin(t, &b);
	mm = space_begin(t, 1);
	if (!mm)
		return;
	pages_stamp(t, 0, 1, 1, 1);
	child = dup_mm(mm);
	if (EXPECT(t, child != NULL)) {
		space_switch(child);
		pages_stamp(t, 0, 1, 2, 2);
		page = page_get_at(mm, TEST_ADDR);
		if (EXPECT(t, page && page != page_at(child, TEST_ADDR))) {
			page_referenced(page);
			page_referenced(page_at(child, TEST_ADDR));
			tlb_flush_mm(child);
			expect_write(t, TEST_ADDR, 7, "the child's own page");
			EXPECT_MSG(t, page_referenced(page) == 0, "the parent's page was used");
			EXPECT(t, page_referenced(page_at(child, TEST_ADDR)) == 1);
			put_anon_page(page);
		}
		mmput(child);
	}
	unuse_mm();
	mmput(mm);
	balance_end(t, &b);
}
TEST(rmap, other_page, TEST_ASSERT, test_other_page);

/* ---- races ---- */

/* Two threads fault first in one area: one anon_vma, and both pages are found. */
static void first_fault(struct crew *c, unsigned int me)
{
	struct mm_struct *mm = c->arg;

	use_mm(mm);
	if (user_write64(TEST_ADDR + me * PAGE_SIZE, me + 1))
		test_fail(c->t, "thread %u: write", me);
	unuse_mm();
}

static void test_prepare_race(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "prepare.found", 0, "prepare.found", 1, 3000000, 0 },
		{ "prepare.found", 1, "prepare.found", 0, 3000000, 0 },
	};
	struct mm_struct *mm;
	struct mm_balance b;
	unsigned long met, late;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	balance_begin(t, &b);
	for (int i = 0; i < 10 && !t->failures; i++) {
		mm = space_begin(t, 2);
		if (!mm)
			return;
		sync_rules_arm(rules, ARRAY_SIZE(rules), i);
		crew_run_fixed(t, 2, first_fault, mm);
		sync_rules_disarm();
		sync_rules_stats(&met, &late);
		EXPECT_MSG(t, met == 2, "the two met %lu times of 2", met);
		EXPECT_MSG(t, anon_vma_count() == 1, "%lu anon_vmas", anon_vma_count());
		for (unsigned int p = 0; p < 2; p++)
			EXPECT(t, walk_count(t, mm, TEST_ADDR + p * PAGE_SIZE) == 1);
		space_end(mm);
	}
	balance_end(t, &b);
}
TEST(rmap, prepare_race, TEST_RACE, test_prepare_race, .min_cpus = 2);

/*
 * The anon_vma dies, and is taken into use again by another address space, between the look at
 * page_mapped() and the lock:
 *
 *	CPU 1: page_lock_anon_vma()		CPU 0
 *	mapped: yes
 *						munmap: mapcount 0, anon_vma freed
 *						a new space faults: gets the same anon_vma
 *	lock it: works
 *	mapped: no -> NULL
 */
struct stale {
	struct page *page;
	struct mm_struct *mm, *other;
	struct anon_vma *found;
	bool reused;
};

static void stale_thread(struct crew *c, unsigned int me)
{
	struct stale *s = c->arg;
	struct anon_vma *old;

	if (me) {
		s->found = page_lock_anon_vma(s->page);
		if (s->found)
			page_unlock_anon_vma(s->found);
		return;
	}
	sync_point("stale.ready");
	old = (struct anon_vma *)((unsigned long)s->page->mapping - PAGE_MAPPING_ANON);
	use_mm(s->mm);
	sys_munmap(TEST_ADDR, PAGE_SIZE);
	unuse_mm();
	use_mm(s->other);
	if (user_write64(TEST_ADDR, 7))
		test_fail(c->t, "write");
	down_read(&s->other->mmap_sem);
	s->reused = find_vma(s->other, TEST_ADDR)->anon_vma == old;
	up_read(&s->other->mmap_sem);
	unuse_mm();
	sync_point("stale.reused");
}

static void test_stale(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "stale.ready", 0, "lock.mapped", 1, 0, 0 },
		{ "lock.mapped", 1, "stale.reused", 0, 0, 0 },
	};
	static struct stale s;
	unsigned long met, late, reused = 0;
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	if (anon_vma_get_ops() != &anon_vma_ops_modern) {
		test_skip(t, "other variants may give out an anon_vma that is reused");
		return;
	}
	balance_begin(t, &b);
	for (int i = 0; i < 10 && !t->failures; i++) {
		s = (struct stale){ .mm = space_begin(t, 1) };
		if (!s.mm)
			return;
		pages_stamp(t, 0, 1, 1, 1);
		s.page = page_get_at(s.mm, TEST_ADDR);
		unuse_mm();
		s.other = space_begin(t, 1);
		unuse_mm();
		if (!EXPECT(t, s.page && s.other))
			return;
		sync_rules_arm(rules, ARRAY_SIZE(rules), i);
		crew_run_fixed(t, 2, stale_thread, &s);
		sync_rules_disarm();
		sync_rules_stats(&met, &late);
		EXPECT_MSG(t, met == 2 && !late, "met %lu, late %lu", met, late);
		EXPECT_MSG(t, !s.found, "a dead page's anon_vma was given out");
		reused += s.reused;
		put_anon_page(s.page);
		mmput(s.other);
		mmput(s.mm);
	}
	EXPECT_MSG(t, reused, "the anon_vma was never taken into use again");
	test_record(t, "\"reused\":%lu", reused);
	balance_end(t, &b);
}
TEST(rmap, stale_anon_vma, TEST_RACE, test_stale, .min_cpus = 2);

/* ---- how the time grows ---- */

#define BENCH_SPACES 64

/* try_to_unmap() of a page that @nr spaces map, and the flush: nanoseconds, the best of some. */
static u64 bench_unmap(struct test *t, struct mm_struct **mm, unsigned int nr)
{
	u64 best = ~0ULL;

	for (int round = 0; round < 5; round++) {
		struct page *page = page_get_at(mm[0], TEST_ADDR);
		struct tlb_batch batch = { .nr = 0 };
		u64 start;
		int err;

		if (!EXPECT(t, page && page_mapcount(page) == nr))
			break;
		lock_page(page);
		err = page_test_flag(page, PG_swapcache) ? 0 : add_to_swap(page);
		start = clock_ns();
		if (!err)
			err = try_to_unmap(page, TTU_SWAP, &batch);
		tlb_batch_flush(&batch);
		best = MIN(best, clock_ns() - start);
		unlock_page_trim(page);
		put_anon_page(page);
		EXPECT_MSG(t, !err, "error %d", err);
		for (unsigned int i = 0; i < nr; i++) {
			use_mm(mm[i]);
			pages_check(t, 0, 1, 1, 1, "bench");
			unuse_mm();
		}
	}
	return best;
}

static void bench_try_to_unmap(struct test *t)
{
	static struct mm_struct *mm[BENCH_SPACES];
	char what[40];
	unsigned int nr = 1;
	u64 one = 0, ns;

	if (!swap_slots()) {
		test_skip(t, "there is no swap");
		return;
	}
	mm[0] = space_begin(t, 1);
	if (!mm[0])
		return;
	pages_stamp(t, 0, 1, 1, 1);
	unuse_mm();
	for (unsigned int want = 1; want <= BENCH_SPACES; want *= 4) {
		for (; nr < want; nr++) {
			mm[nr] = dup_mm(mm[0]);
			if (!EXPECT(t, mm[nr] != NULL))
				goto out;
		}
		ns = bench_unmap(t, mm, want);
		test_record(t, "\"ns_%u\":%llu", want, (unsigned long long)ns);
		if (want == 1) {
			one = ns;
			continue;
		}
		snprintf(what, sizeof(what), "time_%u_mappings_to_1", want);
		test_record_ratio(t, what, ns, one);
	}
out:
	while (nr)
		mmput(mm[--nr]);
}
TEST(bench, try_to_unmap, TEST_BENCH, bench_try_to_unmap);
