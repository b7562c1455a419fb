/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wrong uses of pages, slab objects and addresses, each of which must end the run in a CRASH that
 * says what was wrong. They run only by name, one a boot.
 */
#include <kernel/rcu.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <test/test.h>

/* ---- caught in any build ---- */

static void self_page_double_free(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	__free_page(page);
}
TEST(self, page_double_free, TEST_ASSERT, self_page_double_free, .flags = TEST_MANUAL);

static void self_page_free_mapped(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	page->mapcount = 1;
	__free_page(page);
}
TEST(self, page_free_mapped, TEST_ASSERT, self_page_free_mapped, .flags = TEST_MANUAL);

static void self_page_wrong_order(struct test *t)
{
	free_pages(alloc_pages(GFP_KERNEL, 1), 2);
}
TEST(self, page_wrong_order, TEST_ASSERT, self_page_wrong_order, .flags = TEST_MANUAL);

static void self_page_get_free(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	__free_page(page);
	get_page(page);
}
TEST(self, page_get_free, TEST_ASSERT, self_page_get_free, .flags = TEST_MANUAL);

static void self_page_free_in_use(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	page_set_flag(page, PG_locked);
	__free_page(page);
}
TEST(self, page_free_in_use, TEST_ASSERT, self_page_free_in_use, .flags = TEST_MANUAL);

static void self_kfree_inside(struct test *t)
{
	kfree((char *)kmalloc(2 * KMALLOC_MAX_CACHE_SIZE, GFP_KERNEL) + 16);
}
TEST(self, kfree_inside, TEST_ASSERT, self_kfree_inside, .flags = TEST_MANUAL);

/* The entry of a page is removed twice. */
static void self_page_unmapped_twice(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	page_remove_rmap(page);
}
TEST(self, page_unmapped_twice, TEST_ASSERT, self_page_unmapped_twice, .flags = TEST_MANUAL);

#define JUMP_TO 0x40000000UL

/*
 * A jump into a user's area that permits execution: @touched, or with nothing there yet. Written
 * first and executable then, as a loader does it: the change flushes what the write left in the
 * TLB, which may permit too much (docs/harness-errata.md, E12).
 */
static void jump_to_user(struct test *t, bool touched)
{
	void (*fn)(void) = (void (*)(void))JUMP_TO;
	struct mm_struct *mm = mm_alloc();

	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	EXPECT(t, sys_mmap(JUMP_TO, PAGE_SIZE, VM_READ | VM_WRITE) == (long)JUMP_TO);
	EXPECT(t, !touched || user_write64(JUMP_TO, 0) == 0);
	EXPECT(t, sys_mprotect(JUMP_TO, PAGE_SIZE, VM_READ | VM_EXEC) == 0);
	/* What was expected once is not expected for ever. */
	EXPECT(t, probe_exec(fn) == -EFAULT);
	OPTIMIZER_HIDE_VAR(fn);
	fn();
}

static void self_exec_user(struct test *t)
{
	jump_to_user(t, true);
}
TEST(self, exec_user, TEST_ASSERT, self_exec_user, .flags = TEST_MANUAL);

static void self_exec_user_absent(struct test *t)
{
	jump_to_user(t, false);
}
TEST(self, exec_user_absent, TEST_ASSERT, self_exec_user_absent, .flags = TEST_MANUAL);

static int strays(void)
{
	int (*fn)(void) = (int (*)(void))JUMP_TO;

	OPTIMIZER_HIDE_VAR(fn);
	return fn() + 1; /* no tail call: it is to come back here */
}

/* A jump that is expected to fault may do so at its own address only. */
static void self_exec_astray(struct test *t)
{
	EXPECT(t, probe_exec(strays) == 0);
}
TEST(self, exec_astray, TEST_ASSERT, self_exec_astray, .flags = TEST_MANUAL);

#ifdef CONFIG_DEBUG
static void self_page_use_after_free(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	volatile u8 *p = page_address(page);

	__free_page(page);
	p[1234] ^= 1;
	alloc_page(GFP_KERNEL);
}
TEST(self, page_use_after_free, TEST_ASSERT, self_page_use_after_free, .flags = TEST_MANUAL);

/* ---- slab: what a debug build catches ---- */

static struct kmem_cache *cache_make(u32 flags)
{
	return kmem_cache_create("victims", 56, 0, flags, NULL);
}

static void self_slab_double_free(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	void *o = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, o);
	kmem_cache_free(s, o);
}
TEST(self, slab_double_free, TEST_ASSERT, self_slab_double_free, .flags = TEST_MANUAL);

/* The second free while the object waits for its grace period. */
static void self_slab_double_free_rcu(struct test *t)
{
	struct kmem_cache *s = cache_make(SLAB_FREE_BY_RCU);
	void *o = kmem_cache_alloc(s, GFP_KERNEL);

	rcu_read_lock();
	kmem_cache_free(s, o);
	kmem_cache_free(s, o);
	rcu_read_unlock();
}
TEST(self, slab_double_free_rcu, TEST_ASSERT, self_slab_double_free_rcu, .flags = TEST_MANUAL);

static void self_kfree_twice(struct test *t)
{
	void *p = kmalloc(100, GFP_KERNEL);

	kfree(p);
	kfree(p);
}
TEST(self, kfree_twice, TEST_ASSERT, self_kfree_twice, .flags = TEST_MANUAL);

/* One byte too many; found when the object is freed. */
static void self_slab_redzone(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	volatile u8 *o = kmem_cache_alloc(s, GFP_KERNEL);

	o[56] = 1;
	kmem_cache_free(s, (void *)o);
}
TEST(self, slab_redzone, TEST_ASSERT, self_slab_redzone, .flags = TEST_MANUAL);

/* The same beside a free object of a type-safe cache; found when it is given out. */
static void self_slab_redzone_typesafe(struct test *t)
{
	struct kmem_cache *s = cache_make(SLAB_DESTROY_BY_RCU);
	volatile u8 *o = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, (void *)o);
	o[56] = 1;
	kmem_cache_alloc(s, GFP_KERNEL);
}
TEST(self, slab_redzone_typesafe, TEST_ASSERT, self_slab_redzone_typesafe, .flags = TEST_MANUAL);

static void self_slab_use_after_free(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	volatile u8 *o = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, (void *)o);
	o[20] = 1;
	kmem_cache_alloc(s, GFP_KERNEL);
}
TEST(self, slab_use_after_free, TEST_ASSERT, self_slab_use_after_free, .flags = TEST_MANUAL);

/* The last byte, which is not like the others. */
static void self_slab_use_after_free_end(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	volatile u8 *o = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, (void *)o);
	o[55] = o[0];
	kmem_cache_alloc(s, GFP_KERNEL);
}
TEST(self, slab_use_after_free_end, TEST_ASSERT, self_slab_use_after_free_end,
     .flags = TEST_MANUAL);

/* Nobody asks for the object again: found when its slab is given back. */
static void self_slab_use_after_free_late(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	volatile u8 *o = kmem_cache_alloc(s, GFP_KERNEL);

	kmem_cache_free(s, (void *)o);
	o[20] = 1;
	kmem_cache_shrink(s);
}
TEST(self, slab_use_after_free_late, TEST_ASSERT, self_slab_use_after_free_late,
     .flags = TEST_MANUAL);

/* The records of free objects are damaged: as if one lay in a magazine twice. */
static void self_slab_given_twice(struct test *t)
{
	struct kmem_cache *s = cache_make(0);
	void *o = kmem_cache_alloc(s, GFP_KERNEL);
	struct page *slab = virt_to_page(o)->slab_head;
	u32 *word = page_address(slab), *end = word + (PAGE_SIZE << slab->order) / sizeof(*word);

	kmem_cache_free(s, o);
	for (; word < end; word++)
		if (*word == 0xf5ee)	/* free */
			*word = 0xa110; /* in use */
	kmem_cache_alloc(s, GFP_KERNEL);
}
TEST(self, slab_given_twice, TEST_ASSERT, self_slab_given_twice, .flags = TEST_MANUAL);

/* A cache is given up with an object in use, which is named; and that is no end of the run. */
static void self_slab_destroy_busy(struct test *t)
{
	struct kmem_cache *s = cache_make(0);

	EXPECT(t, kmem_cache_alloc(s, GFP_KERNEL) && kmem_cache_destroy(s));
}
TEST(self, slab_destroy_busy, TEST_ASSERT, self_slab_destroy_busy, .flags = TEST_MANUAL);

static void self_slab_wrong_cache(struct test *t)
{
	struct kmem_cache *a = cache_make(0);
	struct kmem_cache *b = kmem_cache_create("others", 56, 0, 0, NULL);

	kmem_cache_free(b, kmem_cache_alloc(a, GFP_KERNEL));
}
TEST(self, slab_wrong_cache, TEST_ASSERT, self_slab_wrong_cache, .flags = TEST_MANUAL);

static void self_slab_bad_pointer(struct test *t)
{
	struct kmem_cache *s = cache_make(0);

	kmem_cache_free(s, (char *)kmem_cache_alloc(s, GFP_KERNEL) + 8);
}
TEST(self, slab_bad_pointer, TEST_ASSERT, self_slab_bad_pointer, .flags = TEST_MANUAL);

static void self_slab_not_slab(struct test *t)
{
	kmem_cache_free(cache_make(0), page_address(alloc_page(GFP_KERNEL)));
}
TEST(self, slab_not_slab, TEST_ASSERT, self_slab_not_slab, .flags = TEST_MANUAL);
#endif
