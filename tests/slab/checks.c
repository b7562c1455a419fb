/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a debug build promises of slab objects, byte for byte, and how slabs are chosen: each of
 * these was found to be asked by no other test.
 */
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
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
