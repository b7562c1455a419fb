/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a debug build promises of slab objects, byte for byte, and how slabs are chosen: each of
 * these was found to be asked by no other test.
 */
#include <kernel/asan.h>
#include <kernel/detect.h>
#include <kernel/fail.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>

#define SIZE 48

#ifdef CONFIG_DEBUG

static bool bytes_are(const u8 *p, size_t n, u8 v)
{
	while (n--)
		if (*p++ != v)
			return false;
	return true;
}

/* Free: 0x6b and at the end 0xa5; given out: 0x5a. A stranger who looks at a dump relies on it. */
static void test_poison_bytes(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "poison_bytes", SIZE, 0, 0, NULL);
	u8 *o = s ? kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT) : NULL;

	if (EXPECT(t, o != NULL)) {
		EXPECT(t, bytes_are(o, SIZE, 0x5a));
		kmem_cache_free(s, o);
		asan_unpoison(o, SIZE); /* it is looked at on purpose */
		EXPECT(t, bytes_are(o, SIZE - 1, 0x6b) && o[SIZE - 1] == 0xa5);
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(slab, poison_bytes, TEST_ASSERT, test_poison_bytes);

/* Each byte of a free object is looked at, the first and the last too. */
static void test_poison_each(struct test *t)
{
	static struct detect_trap trap;
	struct kmem_cache *s = test_cache_create(t, "poison_each", SIZE, 0, 0, NULL);

	for (unsigned int i = 0; s && i < SIZE; i++) {
		u8 *o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);

		if (!EXPECT(t, o != NULL))
			break;
		kmem_cache_free(s, o);
		detect_trap_set(&trap);
		WRITE_ONCE(o[i], o[i] ^ 1);
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT));
		detect_trap_clear();
		EXPECT_MSG(t, trap.first.detector == DETECT_POISON, "byte %u was not looked at", i);
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(slab, poison_each, TEST_ASSERT, test_poison_each);

#endif

/* A type-safe object without a constructor keeps what was in it, and may be locked while free. */
static void test_typesafe_kept(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "typesafe_kept", sizeof(struct spinlock), 0,
						 SLAB_DESTROY_BY_RCU, NULL);
	struct spinlock *l = s ? kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT) : NULL;

	if (EXPECT(t, l != NULL)) {
		spin_lock_init(l, "typesafe_kept");
		spin_lock(l);
		kmem_cache_free(s, l);
		EXPECT(t, spin_is_locked(l));
		spin_unlock(l);
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(slab, typesafe_kept, TEST_ASSERT, test_typesafe_kept);

/*
 * A slab that was full and gets an object back is used before a new one is made: with every slab
 * full, half a magazine's worth that comes back is enough for as much again.
 */
#define MANY 600

static void test_partial_first(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "partial_first", 512, 0, 0, NULL);
	static void *o[MANY];
	struct kmem_cache_stats before, after;

	if (!s)
		return;
	for (unsigned int i = 0; i < MANY; i++)
		o[i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	kmem_cache_read_stats(s, &before);
	for (int turn = 0; turn < 10; turn++) {
		for (unsigned int i = turn % 3; i < MANY; i += 3) {
			if (o[i])
				kmem_cache_free(s, o[i]);
		}
		for (unsigned int i = turn % 3; i < MANY; i += 3)
			o[i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	}
	kmem_cache_read_stats(s, &after);
	EXPECT_MSG(t, after.slabs_made == before.slabs_made, "%llu slabs, then %llu",
		   (unsigned long long)before.slabs_made, (unsigned long long)after.slabs_made);
	for (unsigned int i = 0; i < MANY; i++)
		if (o[i])
			kmem_cache_free(s, o[i]);
	EXPECT(t, !kmem_cache_destroy(s));
}
TEST(slab, partial_first, TEST_ASSERT, test_partial_first);

/* What reclaim is told to be free is free: not the slabs that wait for RCU, which are counted. */
static void test_shrink_all(struct test *t)
{
	struct kmem_cache *s =
		test_cache_create(t, "shrink_all", 512, 0, SLAB_DESTROY_BY_RCU, NULL);
	struct kmem_cache_stats st;
	unsigned long nr, waiting;

	if (!s)
		return;
	rcu_barrier();
	kmem_cache_shrink_all();
	rcu_barrier();
	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT));
	rcu_read_lock();
	kmem_cache_read_stats(s, &st);
	nr = kmem_cache_shrink_all();
	waiting = kmem_cache_pages_waiting();
	rcu_read_unlock();
	EXPECT_MSG(t, nr == 0, "%lu pages are said to be free", nr);
	EXPECT_MSG(t, st.slabs == 1 && waiting >= 1UL << st.order, "%lu slabs, %lu pages wait",
		   st.slabs, waiting);
	rcu_barrier();
	EXPECT(t, kmem_cache_pages_waiting() == 0);
	EXPECT(t, !kmem_cache_destroy(s));
}
TEST(slab, shrink_all, TEST_ASSERT, test_shrink_all);

/* So large that a magazine holds few: mm/slab.c bounds its bytes. */
#define LARGE	  KMALLOC_MAX_CACHE_SIZE
#define LARGE_MAX 4

/* Flushes after @n objects were freed on this CPU. */
static u64 flushes_after(struct kmem_cache *s, void **o, unsigned int n)
{
	struct kmem_cache_stats st;

	while (n--)
		kmem_cache_free(s, o[n]);
	kmem_cache_read_stats(s, &st);
	return st.flushes;
}

/* A magazine takes what it has room for, and not one more. Not preemptible: it is one CPU's. */
static void test_magazine_limit(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "magazine_limit", LARGE, 0, 0, NULL);
	struct kmem_cache_stats st;
	unsigned int limit, n = 0;
	void *o[LARGE_MAX + 1];
	u64 full, over;

	if (!s)
		return;
	kmem_cache_read_stats(s, &st);
	limit = MIN(32768 / st.size, (size_t)LARGE_MAX);
	preempt_disable();
	while (n <= limit && (o[n] = kmem_cache_alloc(s, GFP_NOWAIT | __GFP_NOINJECT)))
		n++;
	kmem_cache_shrink(s); /* what is left in it goes */
	kmem_cache_read_stats(s, &st);
	if (EXPECT(t, n == limit + 1)) {
		full = flushes_after(s, o, limit) - st.flushes;
		over = flushes_after(s, o + limit, 1) - st.flushes;
		EXPECT_MSG(t, full == 0 && over == 1, "%llu and %llu flushes",
			   (unsigned long long)full, (unsigned long long)over);
	} else {
		flushes_after(s, o, n);
	}
	preempt_enable();
	EXPECT(t, !kmem_cache_destroy(s));
}
TEST(slab, magazine_limit, TEST_ASSERT, test_magazine_limit);

/* The harness's own memory fails for want of memory only. */
static void test_no_inject(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "no_inject", 64, 0, 0, NULL);
	unsigned int failed = 0;

	fail_inject(FAIL_SLAB, 1, 1);
	for (int i = 0; s && i < 100; i++) {
		void *o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);

		if (o)
			kmem_cache_free(s, o);
		failed += !o;
	}
	fail_inject(FAIL_SLAB, 0, 0);
	EXPECT_MSG(t, !failed, "%u of 100 failed", failed);
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(slab, no_inject, TEST_ASSERT, test_no_inject);
