/* SPDX-License-Identifier: GPL-2.0-only */
/* Slab caches on one CPU: layout, constructors, the three ways to destroy, what comes back. */
#include <kernel/busted.h>
#include <kernel/fail.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>

#define OBJECTS 300

static void *objects[OBJECTS]; /* CPU 0's */

static void objects_shuffle(struct rng *rng, unsigned int n)
{
	for (; n > 1; n--) {
		unsigned int k = rng_below(rng, n);
		void *last = objects[n - 1];

		objects[n - 1] = objects[k];
		objects[k] = last;
	}
}

/* Fill each object with its own number, see that no two overlap, give them back. */
static void cache_exercise(struct test *t, struct kmem_cache *s, size_t size, size_t align)
{
	unsigned int n;

	for (n = 0; n < OBJECTS; n++) {
		objects[n] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
		if (!EXPECT(t, objects[n]))
			break;
		EXPECT_MSG(t, IS_ALIGNED((unsigned long)objects[n], align), "%p of %zu bytes",
			   objects[n], size);
		memset(objects[n], n, size);
	}
	for (unsigned int i = 0; i < n; i++) {
		const u8 *p = objects[i];

		EXPECT_MSG(t, p[0] == (u8)i && p[size - 1] == (u8)i, "object %u of %zu bytes", i,
			   size);
	}
	objects_shuffle(&t->rng, n);
	for (unsigned int i = 0; i < n; i++)
		kmem_cache_free(s, objects[i]);
	memset(objects, 0, sizeof(objects));
}

static void test_layout(struct test *t)
{
	static const u32 flags[] = { 0, SLAB_DESTROY_BY_RCU, SLAB_FREE_BY_RCU, SLAB_HWCACHE_ALIGN };
	static const struct {
		size_t size, align;
	} shape[] = { { 1, 0 },	   { 8, 8 },   { 24, 0 },     { 40, 16 },
		      { 100, 64 }, { 700, 0 }, { 3000, 128 }, { KMALLOC_MAX_CACHE_SIZE, 0 } };
	struct balance b;

	balance_take(&b);
	for (unsigned int i = 0; i < ARRAY_SIZE(shape) * ARRAY_SIZE(flags); i++) {
		size_t size = shape[i % ARRAY_SIZE(shape)].size;
		size_t align = shape[i % ARRAY_SIZE(shape)].align;
		u32 f = flags[i / ARRAY_SIZE(shape)];
		struct kmem_cache *s = test_cache_create(t, "test", size, align, f, NULL);

		if (!s)
			break;
		align = MAX(align, sizeof(void *));
		if (f & SLAB_HWCACHE_ALIGN)
			align = MAX(align, (size_t)ARCH_CACHE_LINE_MAX);
		cache_exercise(t, s, size, align);
		EXPECT(t, kmem_cache_destroy(s) == 0);
	}
	balance_expect(t, &b);
}
TEST(slab, layout, TEST_ASSERT, test_layout);

static void test_create_invalid(struct test *t)
{
	EXPECT(t, !kmem_cache_create("test", 0, 0, 0, NULL));
	EXPECT(t, !kmem_cache_create("test", KMALLOC_MAX_CACHE_SIZE + 1, 0, 0, NULL));
	EXPECT(t, !kmem_cache_create("test", 8, 24, 0, NULL));
	EXPECT(t, !kmem_cache_create("test", 8, 2 * PAGE_SIZE, 0, NULL));
	EXPECT(t, !kmem_cache_create("test", 8, 0, SLAB_DESTROY_BY_RCU | SLAB_FREE_BY_RCU, NULL));
	EXPECT(t, !kmem_cache_create(NULL, 8, 0, 0, NULL));
}
TEST(slab, create_invalid, TEST_ASSERT, test_create_invalid);

/* ---- constructors and type safety ---- */

struct built {
	u64 magic;
	u64 uses;
	struct spinlock lock;
};
#define BUILT_MAGIC 0xb0117000b0117000ULL

static unsigned long nr_built;

static void built_ctor(void *obj)
{
	struct built *o = obj;

	o->magic = BUILT_MAGIC;
	o->uses = 0;
	spin_lock_init(&o->lock, "built");
	nr_built++;
}

/* Called once for each object of each slab, however often the objects are used. */
static void test_ctor_once(struct test *t)
{
	static const u32 flags[] = { 0, SLAB_DESTROY_BY_RCU, SLAB_FREE_BY_RCU };
	struct balance b;

	balance_take(&b);
	for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++) {
		struct kmem_cache *s = test_cache_create(t, "test_ctor", sizeof(struct built), 0,
							 flags[f], built_ctor);
		struct kmem_cache_stats st;
		u64 uses = 0;

		if (!s)
			break;
		nr_built = 0;
		memset(objects, 0, sizeof(objects));
		for (unsigned int i = 0; i < 10 * OBJECTS; i++) {
			struct built **o = (struct built **)&objects[rng_below(&t->rng, OBJECTS)];

			if (i % 256 == 0)
				rcu_barrier();
			if (*o) {
				kmem_cache_free(s, *o);
				*o = NULL;
				continue;
			}
			*o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
			if (!EXPECT(t, *o))
				break;
			/* As the constructor, or whoever had it before, left it. */
			EXPECT(t, (*o)->magic == BUILT_MAGIC && !spin_is_locked(&(*o)->lock));
			uses += (*o)->uses++ != 0;
		}
		kmem_cache_read_stats(s, &st);
		EXPECT_MSG(t, nr_built == st.slabs_made * st.per_slab && uses > 0,
			   "%lu constructed, %llu slabs of %u, %llu reused", nr_built,
			   (unsigned long long)st.slabs_made, st.per_slab,
			   (unsigned long long)uses);
		for (unsigned int i = 0; i < OBJECTS; i++) {
			if (objects[i])
				kmem_cache_free(s, objects[i]);
			objects[i] = NULL;
		}
		EXPECT(t, kmem_cache_destroy(s) == 0);
	}
	balance_expect(t, &b);
}
TEST(slab, ctor_once, TEST_ASSERT, test_ctor_once);

/* Type-safe: given out again at once, inside a reader, and untouched by the allocator. */
static void test_reuse_at_once(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_typesafe", sizeof(struct built), 0,
						 SLAB_DESTROY_BY_RCU, built_ctor);
	struct built *a, *c;

	if (!s)
		return;
	a = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	if (EXPECT(t, a)) {
		rcu_read_lock();
		a->uses = 42;
		/* A reader holds the lock of an object that is freed and given out again. */
		spin_lock(&a->lock);
		kmem_cache_free(s, a);
		EXPECT(t, a->magic == BUILT_MAGIC && a->uses == 42);
		c = kmem_cache_alloc(s, GFP_ATOMIC | __GFP_NOINJECT);
		EXPECT_MSG(t, c == a, "freed %p, got %p", a, c);
		EXPECT(t, a->magic == BUILT_MAGIC && a->uses == 42 && spin_is_locked(&a->lock));
		spin_unlock(&a->lock);
		rcu_read_unlock();
		kmem_cache_free(s, c);
	}
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, reuse_at_once, TEST_ASSERT, test_reuse_at_once);

/* Objects by RCU: not given out again, nor changed, before a grace period has passed. */
static void test_object_by_rcu(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_by_rcu", 64, 0, SLAB_FREE_BY_RCU, NULL);
	struct kmem_cache_stats st;
	u8 *a, *c;

	if (!s)
		return;
	a = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	if (!EXPECT(t, a))
		return;
	memset(a, 0x31, 64);
	rcu_read_lock();
	kmem_cache_free(s, a);
	kmem_cache_read_stats(s, &st);
	EXPECT(t, st.active == 0 && st.waiting == 1);
	for (unsigned int i = 0; i < OBJECTS; i++) {
		c = kmem_cache_alloc(s, GFP_ATOMIC | __GFP_NOINJECT);
		EXPECT(t, c && c != a);
		objects[i] = c;
	}
	EXPECT(t, a[0] == 0x31 && a[63] == 0x31);
	rcu_read_unlock();
	rcu_barrier();
	kmem_cache_read_stats(s, &st);
	EXPECT(t, st.waiting == 0 && st.active == OBJECTS);
	for (unsigned int i = 0; i < OBJECTS; i++)
		if (objects[i])
			kmem_cache_free(s, objects[i]);
	memset(objects, 0, sizeof(objects));
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, object_by_rcu, TEST_ASSERT, test_object_by_rcu);

/* ---- what is given back, and when ---- */

/*
 * Free every object of a cache inside a reader and shrink it. Did the page of an object leave the
 * cache before the reader ended?
 */
static bool page_left_early(struct test *t, u32 flags)
{
	struct kmem_cache *s =
		test_cache_create(t, "test_page", sizeof(struct built), 0, flags, built_ctor);
	struct page *page;
	struct built *o;
	bool early;

	if (!s)
		return false;
	o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	if (!EXPECT(t, o))
		return false;
	page = virt_to_page(o);
	rcu_read_lock();
	kmem_cache_free(s, o);
	EXPECT(t, kmem_cache_shrink(s) >= 1);
	early = !page_test_flag(page, PG_slab) || page_count(page) == 0;
	if (!early)
		EXPECT(t, o->magic == BUILT_MAGIC);
	rcu_read_unlock();
	rcu_barrier();
	EXPECT(t, !page_test_flag(page, PG_slab) && page_count(page) == 0);
	EXPECT(t, kmem_cache_destroy(s) == 0);
	return early;
}

static void test_page_grace(struct test *t)
{
	EXPECT(t, !page_left_early(t, SLAB_DESTROY_BY_RCU));
}
TEST(slab, page_grace, TEST_ASSERT, test_page_grace);

/* The busted twin: the slab's page does not wait. (And with no flag it need not.) */
static void test_page_grace_twin(struct test *t)
{
	EXPECT(t, page_left_early(t, 0));
	if (switches_missing(t))
		return;
	busted_set(BUSTED_SLAB_NO_GRACE);
	EXPECT(t, page_left_early(t, SLAB_DESTROY_BY_RCU));
	busted_clear(BUSTED_SLAB_NO_GRACE);
}
TEST(slab, page_grace_twin, TEST_ASSERT, test_page_grace_twin);

static void test_shrink(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_shrink", 512, 0, 0, NULL);
	struct kmem_cache_stats st;
	unsigned long free;
	struct balance b;

	if (!s)
		return;
	balance_take(&b);
	cache_exercise(t, s, 512, 8);
	kmem_cache_read_stats(s, &st);
	EXPECT(t, st.active == 0 && st.slabs > 0);
	drain_pages();
	free = nr_free_pages();
	EXPECT(t, kmem_cache_shrink(s) == st.slabs << st.order);
	EXPECT(t, nr_free_pages() == free + (st.slabs << st.order));
	kmem_cache_read_stats(s, &st);
	EXPECT(t, st.slabs == 0 && st.slabs_made == st.slabs_freed);
	balance_expect(t, &b);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, shrink, TEST_ASSERT, test_shrink);

/* A cache whose objects are in use is not destroyed, and works on. */
static void test_destroy_busy(struct test *t)
{
	static const u32 flags[] = { 0, SLAB_DESTROY_BY_RCU, SLAB_FREE_BY_RCU };
	struct balance b;

	balance_take(&b);
	for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++) {
		struct kmem_cache *s = test_cache_create(t, "test_busy", 64, 0, flags[f], NULL);
		void *o, *p;

		if (!s)
			break;
		o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
		EXPECT(t, o && kmem_cache_destroy(s) == -EBUSY);
		p = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
		EXPECT(t, p && p != o);
		kmem_cache_free(s, o);
		kmem_cache_free(s, p);
		EXPECT(t, kmem_cache_destroy(s) == 0);
	}
	balance_expect(t, &b);
}
TEST(slab, destroy_busy, TEST_ASSERT, test_destroy_busy);

static void test_stats(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "test_stats", 48, 0, 0, NULL);
	struct kmem_cache_stats st;

	if (!s)
		return;
	for (unsigned int i = 0; i < OBJECTS; i++)
		objects[i] = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	kmem_cache_read_stats(s, &st);
	EXPECT(t, !strcmp(st.name, "test_stats") && st.object_size == 48 && st.size >= 48);
	EXPECT(t, st.active == OBJECTS && st.allocs == OBJECTS && st.frees == 0);
	EXPECT(t, st.waiting == 0 && st.failures == 0 && st.slabs_rcu == 0);
	EXPECT(t, st.slabs == st.slabs_made && st.slabs >= OBJECTS / st.per_slab);
	EXPECT(t, st.refills > 0);
	for (unsigned int i = 0; i < OBJECTS; i++)
		if (objects[i])
			kmem_cache_free(s, objects[i]);
	memset(objects, 0, sizeof(objects));
	fail_inject(FAIL_SLAB, 1, 1);
	EXPECT(t, !kmem_cache_alloc(s, GFP_ATOMIC));
	fail_inject(FAIL_SLAB, 0, 0);
	kmem_cache_read_stats(s, &st);
	EXPECT(t, st.active == 0 && st.frees == OBJECTS && st.failures == 1);
	EXPECT(t, st.flushes > 0 && st.slabs == st.slabs_made - st.slabs_freed);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(slab, stats, TEST_ASSERT, test_stats);

static void test_kmalloc(struct test *t)
{
	static const size_t sizes[] = { 0,    1,    16,	  17,	96,    97,    1000,
					4096, 8191, 8192, 8193, 20000, 65536, 100000 };
	struct balance b;

	balance_take(&b);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *p = kzalloc(sizes[i], GFP_KERNEL | __GFP_NOINJECT);
		u8 *q = kmalloc(sizes[i], GFP_KERNEL | __GFP_NOINJECT);

		if (EXPECT(t, p && q && p != q)) {
			EXPECT(t, IS_ALIGNED((unsigned long)p, 16));
			for (size_t k = 0; k < sizes[i]; k++)
				if (p[k]) {
					test_fail(t, "byte %zu of %zu is %x", k, sizes[i], p[k]);
					break;
				}
			memset(p, 1, sizes[i]);
			memset(q, 2, sizes[i]);
			EXPECT(t, !sizes[i] || (p[0] == 1 && p[sizes[i] - 1] == 1));
		}
		kfree(q);
		kfree(p);
	}
	kfree(NULL);
	EXPECT(t, !kmalloc(PAGE_SIZE << (MAX_PAGE_ORDER + 1), GFP_KERNEL));
	balance_expect(t, &b);
}
TEST(slab, kmalloc, TEST_ASSERT, test_kmalloc);

/* What fits exactly takes no more than it needs. */
static void test_kmalloc_fit(struct test *t)
{
	static const size_t sizes[] = {
		16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192
	};
	struct kmem_cache_stats st;
	void *p;

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = kmalloc(sizes[i], GFP_KERNEL | __GFP_NOINJECT);
		if (!EXPECT(t, p))
			return;
		kmem_cache_read_stats(virt_to_page(p)->slab_head->slab_cache, &st);
		EXPECT_MSG(t, st.object_size == sizes[i], "%zu of %s", sizes[i], st.name);
		kfree(p);
	}
	p = kmalloc(4 * PAGE_SIZE, GFP_KERNEL | __GFP_NOINJECT);
	EXPECT_MSG(t, p && virt_to_page(p)->order == 2, "order %u", p ? virt_to_page(p)->order : 0);
	kfree(p);
}
TEST(slab, kmalloc_fit, TEST_ASSERT, test_kmalloc_fit);

/* ---- no memory ---- */

/* With failures at both sites, for all three kinds: an error to the caller, and nothing leaks. */
static void test_inject(struct test *t)
{
	static const u32 flags[] = { 0, SLAB_DESTROY_BY_RCU, SLAB_FREE_BY_RCU };
	u64 seed = rng_next(&t->rng);
	unsigned int failed = 0;
	struct balance b;

	balance_take(&b);
	for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++) {
		struct kmem_cache *s;
		struct kmem_cache_stats st;
		unsigned int n = 0;

		fail_inject(FAIL_PAGE, 2, seed + f);
		fail_inject(FAIL_SLAB, 5, seed + f);
		/* Making the cache may fail too. */
		for (int i = 0; i < 100; i++) {
			s = kmem_cache_create("test_inject", 200, 0, flags[f], NULL);
			if (s)
				break;
			failed++;
		}
		if (!EXPECT(t, s))
			break;
		for (unsigned int i = 0; i < OBJECTS; i++) {
			void *o = kmem_cache_alloc(s, i % 2 ? GFP_KERNEL : GFP_ATOMIC);

			if (o)
				objects[n++] = o;
			else
				failed++;
			/* Now and then what is not yet held by the cache must come from pages. */
			if (i % 16 == 0)
				kmem_cache_shrink(s);
		}
		kmem_cache_read_stats(s, &st);
		EXPECT_MSG(t, st.failures == OBJECTS - n && n > 0 && n < OBJECTS,
			   "%u of %u allocated, %llu failures", n, OBJECTS,
			   (unsigned long long)st.failures);
		while (n)
			kmem_cache_free(s, objects[--n]);
		fail_inject(FAIL_PAGE, 0, 0);
		fail_inject(FAIL_SLAB, 0, 0);
		EXPECT(t, kmem_cache_destroy(s) == 0);
	}
	memset(objects, 0, sizeof(objects));
	EXPECT(t, failed > 0);
	balance_expect(t, &b);
}
TEST(slab, inject, TEST_ASSERT, test_inject);
