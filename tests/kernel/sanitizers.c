/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address sanitizer sees what it is there for: each mistake is made under a trap, and the same
 * access done rightly before it. Other builds skip: there is nothing to ask. That a finding which
 * nobody provokes is the end of the run: tests/host/hosted/rules.mk.
 */
#include <kernel/asan.h>
#include <kernel/rcu.h>
#include <lib/format.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "sanitizers.h"

#define SIZE 40

#if defined(CONFIG_DEBUG) && defined(CONFIG_ASAN)

static u8 global[13];

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

/* ---- objects ---- */

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
		expect_gone(t, o + SIZE - 1, "in a free object");
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

/* In front of an object lies the fence of another; what was never given out is free, too. */
static void test_neighbours(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "sanitized_two", SIZE, 0, 0, NULL);
	u8 *a = object_of(t, s), *b = object_of(t, s);
	u8 *low = MIN(a, b), *high = MAX(a, b);

	if (low) {
		expect_gone(t, high - 1, "behind an object");
		expect_gone(t, high + (high - low), "in a free object");
		expect_gone(t, high + (high - low) - 1, "behind an object");
	}
	if (a)
		kmem_cache_free(s, a);
	if (b)
		kmem_cache_free(s, b);
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(san, address_neighbours, TEST_ASSERT, test_neighbours);

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

/* An object that waits for readers is theirs until then, and nobody's behind it. */
static void test_by_rcu(struct test *t)
{
	struct kmem_cache *s =
		test_cache_create(t, "sanitized_by_rcu", SIZE, 0, SLAB_FREE_BY_RCU, NULL);
	u8 *o = object_of(t, s);

	if (o) {
		expect_fence(t, o, SIZE - 1, SIZE, "behind an object");
		san_begin();
		rcu_read_lock();
		kmem_cache_free(s, o);
		read_at(o, SIZE - 1);
		EXPECT_MSG(t, !trap.count, "%s", trap.first.text);
		read_at(o, SIZE);
		rcu_read_unlock();
		san_end(t, DETECT_ADDRESS, "behind an object");
		rcu_barrier();
		expect_gone(t, o, "in a free object");
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(san, address_by_rcu, TEST_ASSERT, test_by_rcu);

/* ---- pages ---- */

/* Each page of a block that is given back, from its first byte to its last. */
static void test_page(struct test *t)
{
	for (unsigned int order = 0; order < 3; order++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOINJECT, order);
		u8 *p = page ? page_address(page) : NULL;
		size_t size = PAGE_SIZE << order;

		if (!EXPECT(t, p))
			return;
		san_begin();
		for (size_t i = 0; i < size; i += PAGE_SIZE)
			p[i] = p[i + PAGE_SIZE - 1] = 1;
		EXPECT_MSG(t, !trap.count, "%s", trap.first.text);
		free_pages(page, order);
		for (size_t i = 0; i < size; i += PAGE_SIZE) {
			read_at(p, i);
			read_at(p, i + PAGE_SIZE - 1);
		}
		EXPECT_MSG(t, trap.count == 2U << order, "%u of %u wrong accesses were found",
			   trap.count, 2U << order);
		san_end(t, DETECT_ADDRESS, "in a free page");
	}
}
TEST(san, address_page, TEST_ASSERT, test_page);

/* ---- what the compiler marks ---- */

static void test_variables(struct test *t)
{
	u8 local[11] = { 0 };
	const u8 *left = local;

	OPTIMIZER_HIDE_VAR(left);
	expect_fence(t, global, sizeof(global) - 1, sizeof(global), "behind the end of something");
	expect_fence(t, global, 0, ALIGN_UP(sizeof(global), 8), "behind a global variable");
	expect_fence(t, local, sizeof(local) - 1, ALIGN_UP(sizeof(local), 8),
		     "beside a variable on the stack");
	expect_gone(t, left - 1, "beside a variable on the stack");
}
TEST(san, address_variables, TEST_ASSERT, test_variables);

static void test_block(struct test *t)
{
	unsigned long gone;

	{
		u8 small[24] = { 0 };

		gone = (unsigned long)small;
		OPTIMIZER_HIDE_VAR(gone);
		EXPECT(t, !read_at((const u8 *)gone, 0));
	}
	expect_gone(t, (const u8 *)gone, "in a variable of a block that has ended");
	/* Of a large one the compiler does not write the shadow itself. */
	{
		u8 large[400] = { 0 };

		gone = (unsigned long)large;
		OPTIMIZER_HIDE_VAR(gone);
		EXPECT(t, !read_at((const u8 *)gone, sizeof(large) - 1));
	}
	expect_gone(t, (const u8 *)gone + 399, "in a variable of a block that has ended");
}
TEST(san, address_block, TEST_ASSERT, test_block);

/* ---- accesses ---- */

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

struct wide {
	u8 byte[24];
};

#define ACCESS(type) \
	static void access_##type(void *p, bool write) \
	{ \
		type val = { 0 }; \
		OPTIMIZER_HIDE_VAR(p); \
		if (write) \
			*(volatile type *)p = val; \
		else \
			val = *(volatile type *)p; \
		__asm__ __volatile__("" : : "m"(val)); \
	}
typedef unsigned __int128 u128;
typedef struct wide wide;
ACCESS(u8)
ACCESS(u16)
ACCESS(u32)
ACCESS(u64)
ACCESS(u128)
ACCESS(wide)

static const struct {
	size_t bytes;
	void (*fn)(void *p, bool write);
} accesses[] = {
	{ 1, access_u8 },  { 2, access_u16 },	{ 4, access_u32 },
	{ 8, access_u64 }, { 16, access_u128 }, { 24, access_wide },
};

/* Loads and stores of each size that the compiler asks about: up to the end, and beyond it. */
static void test_accesses(struct test *t)
{
	static u64 words[8];
	char says[48];

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(accesses); i++) {
		size_t n = accesses[i / 2].bytes, at = sizeof(words) / 2 + 8 - n;

		asan_poison(words, sizeof(words), ASAN_ZONE);
		asan_unpoison(words, at + n);
		snprintf(says, sizeof(says), "%s of %zu bytes*behind an object",
			 i % 2 ? "write" : "read", n);
		san_begin();
		accesses[i / 2].fn((u8 *)words + at, i % 2);
		EXPECT_MSG(t, !trap.count, "%s", trap.first.text);
		accesses[i / 2].fn((u8 *)words + at + 1, i % 2);
		san_end(t, DETECT_ADDRESS, says);
		asan_unpoison(words, sizeof(words));
	}
}
TEST(san, address_accesses, TEST_ASSERT, test_accesses);

#else

static void test_no_address(struct test *t)
{
	test_skip(t, "not built with SAN=address, or without checks");
}
TEST(san, address_none, TEST_ASSERT, test_no_address);

#endif
