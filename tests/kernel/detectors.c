/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The detectors: each mistake is made on purpose, under a trap, and must be reported by its own
 * detector and no other, with the kernel standing afterwards. That right code is not reported is
 * what every other test shows, which runs without a trap. Those of the reverse map:
 * detectors_mm.c; waits, events and names: detectors_sync.c.
 */
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/held_locks.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/step.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

struct detect_trap trap;

void trap_begin(void)
{
	trap.finish = NULL;
	detect_trap_set(&trap);
}

void trap_end(struct test *t, enum detector d, const char *words)
{
	char glob[96];

	detect_trap_clear();
	snprintf(glob, sizeof(glob), "*%s*", words);
	EXPECT_MSG(t, trap.count && trap.first.detector == d, "%s reported instead of %s: %s",
		   trap.count ? detector_name(trap.first.detector) : "nothing", detector_name(d),
		   trap.first.text);
	EXPECT_MSG(t, glob_match(glob, trap.first.text), "'%s' does not say %s", trap.first.text,
		   words);
	EXPECT_MSG(t, !spin_locks_held(), "%u locks are held", spin_locks_held());
	EXPECT_MSG(t, preemptible(), "preemption is off");
}

/* ---- locks ---- */

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

static void test_self_deadlock(struct test *t)
{
	trap_begin();
	spin_lock(&lock_a);
	spin_lock(&lock_a);
	EXPECT(t, spin_locks_held() == 2);
	spin_unlock(&lock_a);
	EXPECT(t, spin_is_locked(&lock_a) && spin_is_mine(&lock_a));
	spin_unlock(&lock_a);
	EXPECT(t, !spin_is_locked(&lock_a));
	trap_end(t, DETECT_SELF_DEADLOCK, "lock_a");
	EXPECT(t, trap.count == 1);
}
TEST(detect, self_deadlock, TEST_ASSERT, test_self_deadlock);

static void test_lock_order(struct test *t)
{
	for (int i = 0; i < 3; i++) {
		trap_begin();
		spin_lock(&lock_a);
		spin_lock(&lock_b);
		spin_unlock(&lock_b);
		spin_unlock(&lock_a);
		EXPECT(t, !detect_trapped());
		spin_lock(&lock_b);
		spin_lock(&lock_a);
		spin_unlock(&lock_a);
		spin_unlock(&lock_b);
		trap_end(t, DETECT_LOCK_ORDER, "lock_a is taken under lock_b");
	}
}
TEST(detect, lock_order, TEST_ASSERT, test_lock_order);

static void test_lock_leaked(struct test *t)
{
	trap_begin();
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	EXPECT(t, !spin_check_leaked(2, "test"));
	EXPECT(t, spin_check_leaked(0, "test"));
	EXPECT(t, !spin_is_locked(&lock_a) && !spin_is_locked(&lock_b));
	trap_end(t, DETECT_LOCK_LEAKED, "2 more spinlocks held, the last lock_b");
	spin_lock(&lock_a);
	EXPECT(t, spin_force_release(&lock_a) && !spin_is_locked(&lock_a));
	EXPECT(t, !spin_force_release(&lock_a));
}
TEST(detect, lock_leaked, TEST_ASSERT, test_lock_leaked);

static void test_unlock_foreign(struct test *t)
{
	trap_begin();
	spin_unlock(&lock_a);
	trap_end(t, DETECT_LOCK_STOLEN, "lock_a is released by cpu");
	EXPECT(t, !spin_is_locked(&lock_a));
}
TEST(detect, unlock_foreign, TEST_ASSERT, test_unlock_foreign);

/* CPU 1 has a lock until it is told to release it. */
static struct spinlock *other_lock;
static u32 other_state; /* 1: has it; 2: shall release it */

static void other_holds(void *arg)
{
	spin_lock(other_lock);
	step_to(&other_state, 1);
	step_wait("other_end()", &other_state, 2);
	spin_unlock(other_lock);
}

void other_begin(struct spinlock *l)
{
	other_lock = l;
	WRITE_ONCE(other_state, 0);
	cpu_work_start(1, other_holds, NULL);
	step_wait("CPU 1 to have the lock", &other_state, 1);
}

void other_end(void)
{
	step_to(&other_state, 2);
	cpu_work_wait(1);
}

/* A held lock is initialised: left alone, or taken over, as W2 does. */
static void test_lock_stolen(struct test *t)
{
	static struct spinlock l;

	spin_lock_init(&l, "stolen");
	trap_begin();
	other_begin(&l);
	spin_lock_init(&l, "stolen");
	EXPECT(t, spin_holder(&l) == 1);
	other_end();
	EXPECT(t, !spin_is_locked(&l));
	trap_end(t, DETECT_LOCK_STOLEN, "is initialised while cpu 1 holds it");
	EXPECT(t, trap.count == 1);

	trap_begin();
	other_begin(&l);
	spin_lock_init_locked(&l, "stolen");
	EXPECT(t, trap.count == 1 && spin_is_mine(&l));
	other_end();
	EXPECT(t, trap.count == 2 && spin_is_locked(&l));
	spin_unlock(&l);
	EXPECT(t, !spin_is_locked(&l));
	trap_end(t, DETECT_LOCK_STOLEN, "is initialised as ours");

	spin_lock_init_locked(&l, "new");
	EXPECT(t, spin_is_mine(&l) && spin_is_locked(&l));
	spin_unlock(&l);
	spin_lock(&l);
	spin_unlock(&l);
}
TEST(detect, lock_stolen, TEST_ASSERT, test_lock_stolen, .min_cpus = 2);

/* What is locked is no lock (any more), or not yet; and stops to be one under its holder. */
static void test_lock_type(struct test *t)
{
	static struct spinlock l;
	struct kmem_cache *s;
	struct spinlock *fresh;

	trap_begin();
	memset(&l, 0x6b, sizeof(l));
	spin_lock(&l);
	EXPECT(t, spin_is_mine(&l));
	/* It was not had. */
	EXPECT(t, !spin_check_freed(&l, sizeof(l)) && !cpu_holds(smp_processor_id(), &l));
	spin_unlock(&l);
	trap_end(t, DETECT_LOCK_TYPE, "taken in memory that is none, but free");
	EXPECT(t, trap.count == 1);
	for (size_t i = 0; i < sizeof(l); i++)
		EXPECT(t, ((u8 *)&l)[i] == 0x6b);

	trap_begin();
	EXPECT(t, !spin_trylock(&l));
	trap_end(t, DETECT_LOCK_TYPE, "tried in memory that is none, but free");

	trap_begin();
	spin_lock_init(&l, "short_lived");
	spin_lock(&l);
	memset(&l, 0, sizeof(l));
	spin_unlock(&l);
	trap_end(t, DETECT_LOCK_TYPE, "released in memory that is none");

	s = test_cache_create(t, "fresh", sizeof(struct spinlock), 0, SLAB_DESTROY_BY_RCU, NULL);
	fresh = s ? kmem_cache_alloc(s, GFP_KERNEL) : NULL;
	if (EXPECT(t, fresh != NULL)) {
		trap_begin();
		spin_lock(fresh);
		spin_unlock(fresh);
		trap_end(t, DETECT_UNINIT, "taken that was not initialised yet");
		kmem_cache_free(s, fresh);
	}
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(detect, lock_type, TEST_ASSERT, test_lock_type);

static void test_lock_freed(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct spinlock *l;

	if (!EXPECT(t, page != NULL))
		return;
	l = page_address(page);
	spin_lock_init(l + 3, "in_page");
	trap_begin();
	spin_lock(l + 3);
	__free_page(page);
	EXPECT(t, trap.count == 1);
	spin_unlock(l + 3);
	trap_end(t, DETECT_LOCK_FREED, "lock in_page, held by cpu 0 since");

	l = kmalloc(sizeof(*l), GFP_KERNEL);
	if (!EXPECT(t, l != NULL))
		return;
	spin_lock_init(l, "in_object");
	/* What lies beside it, on either side, is not it. */
	spin_lock(l);
	EXPECT(t, !spin_check_freed(l + 1, 64) && !spin_check_freed((char *)l - 64, 64));
	spin_unlock(l);
	EXPECT(t, !spin_check_freed(l, sizeof(*l)));
	trap_begin();
	spin_lock(l);
	kfree(l);
	EXPECT(t, trap.count == 1);
	spin_unlock(l);
	trap_end(t, DETECT_LOCK_FREED, "lock in_object, held by cpu 0 since");
}
TEST(detect, lock_freed, TEST_ASSERT, test_lock_freed);

static void test_lock_freed_other(struct test *t)
{
	trap_begin();
	other_begin(&lock_a);
	EXPECT(t, spin_check_freed(&lock_a, sizeof(lock_a)) && trap.count == 1);
	other_end();
	EXPECT(t, !spin_check_freed(&lock_a, sizeof(lock_a)) && trap.count == 1);
	trap_end(t, DETECT_LOCK_FREED, "lock lock_a, held by cpu 1 since other_holds");
}
TEST(detect, lock_freed_other, TEST_ASSERT, test_lock_freed_other, .min_cpus = 2);

/* ---- lists, pages, contents ---- */

static void test_list(struct test *t)
{
	struct list_head a, b, stray;
	LIST_HEAD(head);

	trap_begin();
	list_add(&a, &head);
	list_add(&a, &head);
	EXPECT(t, trap.count == 1 && head.next == &a && head.prev == &a);
	list_del(&a);
	list_del(&a);
	EXPECT(t, trap.count == 2);
	trap_end(t, DETECT_LIST_CORRUPT, "added to a list that it is on");

	/* One of two has been lost; both can be removed. */
	trap_begin();
	list_add(&a, &head);
	list_add(&b, &head);
	head.next = &a;
	a.prev = &head;
	list_add(&stray, &b);
	EXPECT(t, trap.count == 1);
	list_del(&b);
	EXPECT(t, trap.count == 2 && head.next == &a && head.prev == &a);
	list_del(&a);
	EXPECT(t, trap.count == 2 && list_empty(&head));
	trap_end(t, DETECT_LIST_CORRUPT, "list broken");
}
TEST(detect, list_corrupt, TEST_ASSERT, test_list);

/* Each link that can be wrong alone, with the other three around the place as they should be. */
static void test_list_links(struct test *t)
{
	struct list_head a, b;
	LIST_HEAD(head);

	trap_begin();
	list_add(&a, &head);
	list_add(&b, &head);
	head.next = &a; /* that of the one before */
	list_del(&b);
	trap_end(t, DETECT_LIST_CORRUPT, "->next is");
	EXPECT(t, trap.count == 1 && head.next == &a && a.prev == &head);

	trap_begin();
	list_add(&b, &head);
	a.prev = &head; /* that of the one behind */
	list_del(&b);
	trap_end(t, DETECT_LIST_CORRUPT, "->prev is");
	EXPECT(t, trap.count == 1 && head.next == &a && a.prev == &head);

	trap_begin();
	a.next = &b;
	list_add_tail(&b, &head);
	trap_end(t, DETECT_LIST_CORRUPT, "->next is");
	EXPECT(t, trap.count == 1 && list_empty(&b));

	trap_begin();
	head.next = &b;
	b = (struct list_head){ .next = LIST_POISON, .prev = &head };
	list_del(&b);
	trap_end(t, DETECT_LIST_CORRUPT, "was removed before");

	trap_begin();
	b = (struct list_head){ .next = &head, .prev = LIST_POISON };
	list_del(&b);
	trap_end(t, DETECT_LIST_CORRUPT, "was removed before");

	trap_begin();
	b = (struct list_head){ NULL };
	list_del(&b);
	trap_end(t, DETECT_LIST_CORRUPT, "was never on a list");
}
TEST(detect, list_links, TEST_ASSERT, test_list_links);

static void test_page_mapped(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!EXPECT(t, page != NULL))
		return;
	trap_begin();
	WRITE_ONCE(page->mapcount, 2);
	__free_page(page);
	trap_end(t, DETECT_PAGE_MAPPED, "page freed while it is mapped");
	EXPECT(t, page_count(page) == 2); /* as many as it has entries */
	WRITE_ONCE(page->mapcount, 0);
	__free_page(page);
	__free_page(page);
}
TEST(detect, page_mapped, TEST_ASSERT, test_page_mapped);

static void test_poison(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "poisoned", 64, 0, 0, NULL);
	u8 *obj = s ? kmem_cache_alloc(s, GFP_KERNEL) : NULL;
	struct page *page = alloc_page(GFP_KERNEL);

	if (EXPECT(t, obj && page)) {
		kmem_cache_free(s, obj);
		trap_begin();
		WRITE_ONCE(obj[20], 1);
		kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL));
		trap_end(t, DETECT_POISON, "of cache poisoned was written to");
		obj = page_address(page);
		__free_page(page);
		trap_begin();
		WRITE_ONCE(obj[1234], 1);
		page = alloc_page(GFP_KERNEL);
		trap_end(t, DETECT_POISON, "free page was written to");
	}
	if (page)
		__free_page(page);
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(detect, poison, TEST_ASSERT, test_poison);

#endif
