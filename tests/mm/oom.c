/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Out of memory in every path that allocates: the caller gets -ENOMEM (or NULL), nothing leaks, and
 * what was there before is still right. Failures are injected by the seed, at every rate from
 * nearly always to rarely, so that each allocation of a path is the one that fails in some round.
 */
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/reclaim.h>

#define PAGES 24

struct outcome {
	u64 failed, succeeded; /* calls */
};

static bool ended_well(struct test *t, struct outcome *o, long ret, const char *what)
{
	EXPECT_MSG(t, ret >= 0 || ret == -ENOMEM, "%s: %ld", what, ret);
	if (ret < 0)
		o->failed++;
	else
		o->succeeded++;
	return ret >= 0;
}

static void touch(struct test *t, struct outcome *o, unsigned long addr, unsigned int step)
{
	for (unsigned int i = 0; i < PAGES; i += step) {
		unsigned long a = addr + i * 64 * PAGE_SIZE; /* many tables */
		u64 val = 0;

		if (ended_well(t, o, user_write64(a, i + 1), "write") &&
		    ended_well(t, o, user_read64(a, &val), "read"))
			EXPECT_MSG(t, val == i + 1, "%llu at %u", (unsigned long long)val, i);
	}
}

/* One life of an address space. */
static void life(struct test *t, struct outcome *o)
{
	struct mm_struct *mm = mm_alloc(), *child;
	unsigned long len = PAGES * 64 * PAGE_SIZE, stack = TEST_ADDR + (256UL << 20);

	if (!ended_well(t, o, mm ? 0 : -ENOMEM, "mm_alloc"))
		return;
	use_mm(mm);
	if (ended_well(t, o, sys_mmap(TEST_ADDR, len, RW), "mmap")) {
		touch(t, o, TEST_ADDR, 1);
		child = dup_mm(mm);
		if (ended_well(t, o, child ? 0 : -ENOMEM, "fork")) {
			touch(t, o, TEST_ADDR, 2);
			unuse_mm();
			use_mm(child);
			mmput(child);
			touch(t, o, TEST_ADDR, 3);
			unuse_mm();
			use_mm(mm);
		}
		ended_well(t, o, sys_mprotect(TEST_ADDR + 5 * PAGE_SIZE, PAGE_SIZE, VM_READ),
			   "mprotect");
		ended_well(t, o, sys_munmap(TEST_ADDR + 9 * PAGE_SIZE, PAGE_SIZE), "munmap");
	}
	if (ended_well(t, o, sys_mmap(stack, PAGE_SIZE, RW | VM_GROWSDOWN), "mmap of a stack"))
		ended_well(t, o, user_write64(stack - 20 * PAGE_SIZE, 1), "stack growth");
	down_read(&mm->mmap_sem);
	mm_check(mm);
	up_read(&mm->mmap_sem);
	unuse_mm();
	mmput(mm);
}

/*
 * A fork that fails when it has come to a first table has made its entries read-only, and flushed
 * them like one that succeeds.
 */
static void test_fork_fails(struct test *t)
{
	unsigned long far = TEST_ADDR + (512UL << 20);
	struct mm_struct *mm = mm_alloc(), *child;
	unsigned int found = 0;

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(TEST_ADDR, PAGE_SIZE, RW) == TEST_ADDR);
	EXPECT(t, sys_mmap(far, PAGE_SIZE, RW) == (long)far);
	expect_write(t, far, 1, "in another table");
	for (u64 seed = 1; seed <= 200 && !found && !t->failures; seed++) {
		expect_write(t, TEST_ADDR, seed, "before");
		fail_inject(FAIL_PAGE, 3, seed);
		child = dup_mm(mm);
		fail_inject(FAIL_PAGE, 0, 0);
		if (child) {
			mmput(child);
			continue;
		}
		preempt_disable();
		found = !pte_write(pte_at(mm, TEST_ADDR));
		if (found)
			EXPECT(t, user_write64(TEST_ADDR, 0) == -EFAULT);
		preempt_enable();
	}
	EXPECT_MSG(t, found, "no fork failed half-way");
	unuse_mm();
	mmput(mm);
}
TEST(mm, fork_fails, TEST_ASSERT, test_fork_fails);

static void test_oom_injected(struct test *t)
{
	struct outcome o = { 0, 0 };
	struct mm_balance b;

	balance_begin(t, &b);
	for (unsigned int one_in = 2; one_in <= 256 && !t->failures; one_in *= 2) {
		for (unsigned int i = 0; i < 12 && !t->failures; i++) {
			fail_inject(FAIL_PAGE, one_in, rng_next(&t->rng));
			fail_inject(FAIL_SLAB, one_in, rng_next(&t->rng));
			life(t, &o);
			fail_inject(FAIL_PAGE, 0, 0);
			fail_inject(FAIL_SLAB, 0, 0);
		}
	}
	EXPECT_MSG(t, o.failed > 100 && o.succeeded > 100, "%llu calls failed, %llu succeeded",
		   (unsigned long long)o.failed, (unsigned long long)o.succeeded);
	test_record(t, "\"failed\":%llu,\"succeeded\":%llu", (unsigned long long)o.failed,
		    (unsigned long long)o.succeeded);
	life(t, &o);
	balance_end(t, &b);
}
TEST(mm, oom_injected, TEST_ASSERT, test_oom_injected);

/* ---- no memory, truly ---- */

#define LEFT_PAGES   600
#define WANTED_PAGES 4000

static void test_oom_real(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm;
	unsigned long pages;
	unsigned int swapped = 0;
	LIST_HEAD(hog);
	int err = 0;

	balance_begin(t, &b);
	mm = mm_alloc();
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, WANTED_PAGES * PAGE_SIZE, RW);
	swap_limit(1); /* 0 would mean all */
	hog_take(&hog, page_alloc_reserve() + LEFT_PAGES);
	for (pages = 0; pages < WANTED_PAGES && !err; pages++)
		err = user_write64(TEST_ADDR + pages * PAGE_SIZE, pages);
	pages--;
	EXPECT_MSG(t, err == -ENOMEM && pages >= LEFT_PAGES / 2,
		   "error %d after %lu pages, of %u that were free", err, pages, LEFT_PAGES);
	/* Everything that allocates says so; what is there, but for what was swapped, is right. */
	EXPECT(t, user_write64(TEST_ADDR + pages * PAGE_SIZE, 1) == -ENOMEM);
	for (unsigned long i = 0; i < pages; i++) {
		u64 val = i;
		int e = user_read64(TEST_ADDR + i * PAGE_SIZE, &val);

		swapped += e == -ENOMEM;
		EXPECT_MSG(t, e ? e == -ENOMEM : val == i, "page %lu: error %d, %llu", i, e,
			   (unsigned long long)val);
	}
	EXPECT_MSG(t, swapped <= 1, "%u pages cannot be read", swapped);
	EXPECT(t, dup_mm(mm) == NULL);
	expect_write(t, TEST_ADDR + (pages - 1) * PAGE_SIZE, 1, "after the fork that failed");
	/* Memory that is given back can be had again. */
	EXPECT(t, sys_munmap(TEST_ADDR, 100 * PAGE_SIZE) == 0);
	expect_write(t, TEST_ADDR + pages * PAGE_SIZE, 2, "after munmap");
	hog_release_all(&hog);
	swap_limit(0);
	expect_write(t, TEST_ADDR + (pages + 1) * PAGE_SIZE, 3, "memory again");
	unuse_mm();
	mmput(mm);
	balance_end(t, &b);
}
TEST(mm, oom_real, TEST_ASSERT, test_oom_real);

/* All there is to be had are slabs that wait for a grace period: an allocation waits too. */
static void test_oom_rcu_slabs(struct test *t)
{
	static void *objects[256];
	struct kmem_cache *s;
	struct page *page;
	struct mm_balance b;
	unsigned int nr = 0;
	LIST_HEAD(hog);

	balance_begin(t, &b);
	s = kmem_cache_create("oom_rcu", 2048, 0, SLAB_DESTROY_BY_RCU, NULL);
	if (!EXPECT(t, s != NULL))
		return;
	while (nr < ARRAY_SIZE(objects) &&
	       (objects[nr] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT)))
		nr++;
	EXPECT(t, nr == ARRAY_SIZE(objects));
	hog_take(&hog, 0);
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, page == NULL);
	while (nr)
		kmem_cache_free(s, objects[--nr]);
	if (!page)
		page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	EXPECT_MSG(t, page != NULL, "%lu pages are free, %lu wait for a grace period",
		   nr_free_pages(), kmem_cache_pages_waiting());
	if (page)
		__free_page(page);
	hog_release_all(&hog);
	EXPECT(t, kmem_cache_destroy(s) == 0);
	balance_end(t, &b);
}
TEST(mm, oom_rcu_slabs, TEST_ASSERT, test_oom_rcu_slabs);
