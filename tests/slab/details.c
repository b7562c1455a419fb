/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What slab caches promise in detail: a slab that was full is used again, a few empty ones are kept
 * and no more, what waits for RCU is not free, failures that are asked for, how many lie in a slab.
 */
#include <kernel/fail.h>
#include <kernel/rcu.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>

#define OBJECTS	  400
#define EMPTY_MAX 4 /* slabs without an object in use that a cache keeps, at most */

static void *objects[OBJECTS]; /* CPU 0's */

static unsigned int fill_at(struct test *t, struct kmem_cache *s, unsigned int at, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		objects[at + i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
		if (!EXPECT(t, objects[at + i]))
			return i;
	}
	return n;
}

static unsigned int fill(struct test *t, struct kmem_cache *s, unsigned int n)
{
	return fill_at(t, s, 0, n);
}

static void empty(struct kmem_cache *s, unsigned int first, unsigned int n)
{
	for (unsigned int i = first; i < n; i++)
		kmem_cache_free(s, objects[i]);
}

/* Every slab is full; of each one object is freed: that is where the next ones come from. */
static void test_full_again(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_full", 400, 0, 0, NULL);
	struct kmem_cache_stats st;
	unsigned int n;
	u64 made;

	if (!s)
		return;
	n = fill(t, s, 1);
	kmem_cache_read_stats(s, &st);
	empty(s, 0, n);
	n = fill(t, s, 4 * st.per_slab);
	kmem_cache_read_stats(s, &st);
	EXPECT_MSG(t, st.slabs == 4, "%lu slabs", st.slabs);
	for (unsigned int i = 0; i < n; i += st.per_slab)
		kmem_cache_free(s, objects[i]);
	kmem_cache_shrink(s);
	made = st.slabs_made;
	for (unsigned int i = 0; i < n; i += st.per_slab)
		objects[i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	kmem_cache_read_stats(s, &st);
	EXPECT_MSG(t, st.slabs_made == made, "%llu more slabs were made",
		   (unsigned long long)(st.slabs_made - made));
	empty(s, 0, n);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, full_again, TEST_ASSERT, test_full_again);

static void test_empty_kept(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_kept", 1000, 0, 0, NULL);
	struct kmem_cache_stats st;

	if (!s)
		return;
	empty(s, 0, fill(t, s, OBJECTS));
	kmem_cache_read_stats(s, &st);
	EXPECT_MSG(t, st.slabs_empty > 0 && st.slabs_empty <= EMPTY_MAX, "%lu empty slabs",
		   st.slabs_empty);
	EXPECT_MSG(t, st.per_slab >= 8, "%u objects of 1000 bytes in a slab", st.per_slab);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, empty_kept, TEST_ASSERT, test_empty_kept);

/* How often a magazine was filled and emptied, so far. */
static u64 moves(struct kmem_cache *s, bool flushes)
{
	struct kmem_cache_stats st;

	kmem_cache_read_stats(s, &st);
	return flushes ? st.flushes : st.refills;
}

#define FEW 20 /* objects, fewer than half a magazine has */

/* Objects move half a magazine at a time: a few that go to and fro behind that meet no slab. */
static void test_half_magazine(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_half", 64, 0, 0, NULL);
	unsigned int n;
	u64 before;

	if (!s)
		return;
	n = fill(t, s, OBJECTS);
	before = moves(s, true);
	while (n && moves(s, true) == before)
		kmem_cache_free(s, objects[--n]);
	before = moves(s, false);
	n += fill_at(t, s, n, FEW);
	EXPECT_MSG(t, moves(s, false) == before, "emptied beyond the half");
	/* Every other one is free, and in a slab. */
	for (unsigned int i = 0; i < n; i += 2)
		kmem_cache_free(s, objects[i]);
	kmem_cache_shrink(s);
	before = moves(s, false);
	for (unsigned int i = 0; i < n; i += 2)
		objects[i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	EXPECT_MSG(t, (moves(s, false) - before) * FEW <= n / 2, "%llu refills for %u objects",
		   (unsigned long long)(moves(s, false) - before), n / 2);
	empty(s, 0, n);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, half_magazine, TEST_ASSERT, test_half_magazine);

/* What waits for a grace period is counted as that, and not as given back. */
static void test_pages_waiting(struct test *t)
{
	struct kmem_cache_stats st;
	struct kmem_cache *s;
	unsigned long nr;
	struct balance b;

	balance_take(&b);
	s = test_cache_create(t, "test_waiting", 1000, 0, SLAB_DESTROY_BY_RCU, NULL);
	if (!s)
		return;
	EXPECT(t, kmem_cache_pages_waiting() == 0);
	empty(s, 0, fill(t, s, 1));
	kmem_cache_read_stats(s, &st);
	rcu_read_lock();
	nr = kmem_cache_shrink_all();
	EXPECT_MSG(t, nr == 0, "%lu pages were given back", nr);
	nr = kmem_cache_pages_waiting();
	EXPECT_MSG(t, nr == st.slabs << st.order, "%lu pages wait, of %lu slabs of order %u", nr,
		   st.slabs, st.order);
	rcu_read_unlock();
	rcu_barrier();
	EXPECT(t, kmem_cache_pages_waiting() == 0);
	EXPECT(t, kmem_cache_destroy(s) == 0);
	balance_expect(t, &b);
}
TEST(slab, pages_waiting, TEST_ASSERT, test_pages_waiting);

/* Only slabs are asked to fail: every one does, but for those who may not. */
static void test_inject_slab(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_inject", 100, 0, 0, NULL);
	void *o;

	if (!s)
		return;
	fail_inject(FAIL_SLAB, 1, 3);
	EXPECT(t, !kmem_cache_alloc(s, GFP_KERNEL) && !kmem_cache_alloc(s, GFP_ATOMIC));
	o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	EXPECT(t, fail_count(FAIL_SLAB) == 2);
	fail_inject(FAIL_SLAB, 0, 0);
	if (EXPECT(t, o))
		kmem_cache_free(s, o);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, inject_slab, TEST_ASSERT, test_inject_slab);
