/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sanitizers of SAN= see what they are there for: each mistake is made under a trap, and the
 * same access done rightly before it. Other builds skip: there is nothing to ask.
 */
#include <kernel/asan.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "detectors.h"

#define SIZE 40

#if defined(CONFIG_DEBUG) && (defined(CONFIG_ASAN) || defined(CONFIG_UBSAN))
static u8 global[13];

static void san_begin(void)
{
	san_in_traps = true;
	trap_begin();
}

static void san_end(struct test *t, enum detector d, const char *words)
{
	san_in_traps = false;
	trap_end(t, d, words);
}
#endif

#if defined(CONFIG_DEBUG) && defined(CONFIG_ASAN)

static u8 read_at(const u8 *p, size_t i)
{
	OPTIMIZER_HIDE_VAR(p);
	return READ_ONCE(p[i]);
}

/* Byte @good of what begins at @p can be read, byte @bad is found, and said to lie @where. */
static void expect_fence(struct test *t, const u8 *p, size_t good, size_t bad, const char *where)
{
	san_begin();
	read_at(p, good);
	EXPECT_MSG(t, !trap.count, "%s", trap.first.text);
	read_at(p, bad);
	san_end(t, DETECT_ADDRESS, where);
}

static void expect_gone(struct test *t, const u8 *p, const char *where)
{
	san_begin();
	read_at(p, 0);
	san_end(t, DETECT_ADDRESS, where);
}

static u8 *object_of(struct test *t, struct kmem_cache *s)
{
	u8 *o = s ? kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT) : NULL;

	EXPECT(t, o);
	return o;
}

static void test_object(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "sanitized", SIZE, 0, 0, NULL);
	u8 *o = object_of(t, s);

	if (o) {
		expect_fence(t, o, SIZE - 1, SIZE, "behind an object");
		kmem_cache_free(s, o);
		expect_gone(t, o, "in a free object");
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(san, address_object, TEST_ASSERT, test_object);

/* The last word of an object may be the object's in part. */
static void test_odd_object(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "sanitized_odd", SIZE + 3, 0, 0, NULL);
	u8 *o = object_of(t, s);

	if (o) {
		expect_fence(t, o, SIZE + 2, SIZE + 3, "behind the end of something");
		kmem_cache_free(s, o);
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(san, address_odd_object, TEST_ASSERT, test_odd_object);

/* Readers under RCU may look at a type-safe object that is free, and not behind it. */
static void test_typesafe(struct test *t)
{
	struct kmem_cache *s =
		test_cache_create(t, "sanitized_rcu", SIZE, 0, SLAB_DESTROY_BY_RCU, NULL);
	u8 *o = object_of(t, s);

	if (o) {
		kmem_cache_free(s, o);
		expect_fence(t, o, SIZE - 1, SIZE, "behind an object");
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(san, address_typesafe, TEST_ASSERT, test_typesafe);

static void test_page(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	u8 *p = page ? page_address(page) : NULL;

	if (!EXPECT(t, p))
		return;
	p[PAGE_SIZE - 1] = 1;
	put_page(page);
	expect_gone(t, p, "in a free page");
}
TEST(san, address_page, TEST_ASSERT, test_page);

/* What the compiler marks: behind a global variable, and beside one on the stack. */
static void test_variables(struct test *t)
{
	u8 local[11] = { 0 };

	expect_fence(t, global, sizeof(global) - 1, sizeof(global), "behind the end of something");
	expect_fence(t, global, 0, ALIGN_UP(sizeof(global), 8), "behind a global variable");
	expect_fence(t, local, sizeof(local) - 1, ALIGN_UP(sizeof(local), 8),
		     "beside a variable on the stack");
}
TEST(san, address_variables, TEST_ASSERT, test_variables);

/* An access of any size, over an end at any byte. */
static void test_ends(struct test *t)
{
	static u64 words[4];
	const u8 *p = (const u8 *)words;

	for (size_t end = 1; end <= 24; end++) {
		asan_poison(words, sizeof(words), ASAN_ZONE);
		asan_unpoison(words, end);
		for (size_t at = 0; at < 24; at++)
			for (size_t n = 1; at + n <= 24; n++)
				EXPECT_MSG(t, asan_permits(p + at, n) == (at + n <= end),
					   "%zu bytes at %zu of %zu", n, at, end);
	}
	asan_unpoison(words, sizeof(words));
}
TEST(san, address_ends, TEST_ASSERT, test_ends);

#else

static void test_no_address(struct test *t)
{
	test_skip(t, "not built with SAN=address, or without checks");
}
TEST(san, address_none, TEST_ASSERT, test_no_address);

#endif

#if defined(CONFIG_DEBUG) && defined(CONFIG_UBSAN)

static u32 shift_by(u32 n)
{
	OPTIMIZER_HIDE_VAR(n);
	return 1U << n;
}

static u8 index_by(size_t i)
{
	OPTIMIZER_HIDE_VAR(i);
	return global[i];
}

static void test_undefined(struct test *t)
{
	san_begin();
	EXPECT(t, shift_by(31) == 1U << 31 && !trap.count);
	shift_by(32);
	san_end(t, DETECT_UNDEFINED, "shift by more than the type has bits at tests/kernel/");
	san_begin();
	EXPECT(t, !index_by(sizeof(global) - 1) && !trap.count);
	index_by(sizeof(global));
	san_end(t, DETECT_UNDEFINED, "index out of bounds at tests/kernel/");
}
TEST(san, undefined, TEST_ASSERT, test_undefined);

#else

static void test_no_undefined(struct test *t)
{
	test_skip(t, "not built with SAN=undefined, or without checks");
}
TEST(san, undefined_none, TEST_ASSERT, test_no_undefined);

#endif
