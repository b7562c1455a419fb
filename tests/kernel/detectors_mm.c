/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The detectors of the reverse map and of page contents, and what a report looks like: see
 * detectors.c.
 */
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/tlb_batch.h>
#include <test/reclaim.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

static void test_stamp(struct test *t)
{
	struct stamp right = { 1, 1, TEST_ADDR }, wrong = { 1, 2, TEST_ADDR };
	struct stamp_found found;
	struct mm_struct *mm = space_begin(t, 1);

	if (!mm)
		return;
	EXPECT(t, !stamp_write(&wrong));
	trap_begin();
	if (EXPECT(t, stamp_check(&right, &found) == STAMP_WRONG))
		stamp_report(&right, &found);
	trap_end(t, DETECT_STAMP, "turn 2 page 40000) instead of owner 1 turn 1");
	space_end(mm);
}
TEST(detect, stamp, TEST_ASSERT, test_stamp);

/* At the beginning, in the middle and at the end of a page, and not the same word there. */
static void test_stamp_places(struct test *t)
{
	static const unsigned long at[] = { 0, PAGE_SIZE / 2, PAGE_SIZE - sizeof(u64) };
	struct stamp s = { 1, 1, TEST_ADDR };
	struct mm_struct *mm = space_begin(t, 1);
	struct stamp_found found;
	u64 first = 0, val = 0;

	if (!mm)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT(t, !stamp_write(&s) && !stamp_check(&s, &found));
		EXPECT(t, !user_read64(TEST_ADDR, &first));
		EXPECT(t, !user_read64(TEST_ADDR + at[i], &val));
		EXPECT(t, !user_write64(TEST_ADDR + at[i], val ^ 1));
		EXPECT(t,
		       stamp_check(&s, &found) == STAMP_WRONG && found.addr == TEST_ADDR + at[i]);
		EXPECT(t, !user_write64(TEST_ADDR + at[i], first));
		EXPECT(t, stamp_check(&s, &found) == (i ? STAMP_WRONG : 0));
	}
	space_end(mm);
}
TEST(detect, stamp_places, TEST_ASSERT, test_stamp_places);

/* ---- the reverse map ---- */

static int count_areas(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	return 0;
}

bool mapped_begin(struct test *t, struct mapped *m)
{
	m->mm = space_begin(t, 1);
	if (!m->mm)
		return false;
	pages_stamp(t, 0, 1, 1, 1);
	m->page = page_get_at(m->mm, TEST_ADDR);
	down_read(&m->mm->mmap_sem);
	m->vma = find_vma(m->mm, TEST_ADDR);
	up_read(&m->mm->mmap_sem);
	m->anon_vma = m->vma ? m->vma->anon_vma : NULL;
	if (EXPECT(t, m->page && m->anon_vma))
		return true;
	if (m->page)
		put_anon_page(m->page);
	space_end(m->mm);
	return false;
}

void mapped_end(struct mapped *m)
{
	put_anon_page(m->page);
	space_end(m->mm);
}

/* The area is taken off the list of its anon_vma, and put back, without the lock. */
static void test_list_unlocked(struct test *t)
{
	struct mapped m;

	if (!mapped_begin(t, &m))
		return;
	trap_begin();
	anon_vma_list_del(m.anon_vma, m.vma);
	trap_end(t, DETECT_LIST_UNLOCKED, "removed without the lock");
	trap_begin();
	anon_vma_list_add(m.anon_vma, m.vma);
	trap_end(t, DETECT_LIST_UNLOCKED, "though the anon_vma is published");
	trap_begin();
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	trap_end(t, DETECT_LIST_UNLOCKED, "walked without the lock");

	/* Not published yet, and nobody has the lock: that is right. */
	anon_vma_lock(m.vma);
	anon_vma_list_del(m.anon_vma, m.vma);
	anon_vma_unlock(m.vma);
	m.vma->anon_vma = NULL;
	anon_vma_list_add(m.anon_vma, m.vma);
	m.vma->anon_vma = m.anon_vma;
	mapped_end(&m);
}
TEST(detect, list_unlocked, TEST_ASSERT, test_list_unlocked);

/* Somebody has the lock of what was another's anon_vma a moment ago. */
static void test_list_held(struct test *t)
{
	struct mapped m;

	if (!mapped_begin(t, &m))
		return;
	anon_vma_lock(m.vma);
	anon_vma_list_del(m.anon_vma, m.vma);
	anon_vma_unlock(m.vma);
	m.vma->anon_vma = NULL;
	trap_begin();
	other_begin(&m.anon_vma->lock);
	anon_vma_list_add(m.anon_vma, m.vma);
	other_end();
	trap_end(t, DETECT_LIST_UNLOCKED, "without the lock, which cpu 1 has");
	m.vma->anon_vma = m.anon_vma;
	mapped_end(&m);
}
TEST(detect, list_held, TEST_ASSERT, test_list_held, .min_cpus = 2);

/* Walks find links that contradict one another, and areas that are missing. */
static void test_walk(struct test *t)
{
	struct mapped m;
	struct list_head *node, *head;

	if (!mapped_begin(t, &m))
		return;
	node = &m.vma->anon_vma_node;
	head = &m.anon_vma->head;
	trap_begin();
	anon_vma_lock(m.vma);
	node->prev = node;
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	node->prev = head;
	anon_vma_unlock(m.vma);
	trap_end(t, DETECT_LIST_CORRUPT, "list broken");

	trap_begin();
	anon_vma_lock(m.vma);
	head->next = head;
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	head->next = node;
	anon_vma_unlock(m.vma);
	trap_end(t, DETECT_LIST_CORRUPT, "0 areas on the list, 1 were entered");

	trap_begin();
	anon_vma_lock(m.vma);
	head->next = (struct list_head *)16;
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	head->next = node;
	anon_vma_unlock(m.vma);
	trap_end(t, DETECT_LIST_CORRUPT, "link 1 of the list leads to");

	trap_begin();
	anon_vma_lock(m.vma);
	m.anon_vma->nr--;
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	m.anon_vma->nr++;
	anon_vma_unlock(m.vma);
	trap_end(t, DETECT_LIST_CORRUPT, "the list has more than its 0 areas");
	mapped_end(&m);
}
TEST(detect, walk, TEST_ASSERT, test_walk);

static void test_canary(struct test *t)
{
	struct mapped m;

	if (!mapped_begin(t, &m))
		return;
	trap_begin();
	anon_vma_lock(m.vma);
	m.anon_vma->magic = 0x6b6b6b6b;
	rmap_walk(m.anon_vma, m.page, count_areas, NULL);
	m.anon_vma->magic = ANON_VMA_MAGIC;
	anon_vma_unlock(m.vma);
	trap_end(t, DETECT_LOCK_TYPE, "is no anon_vma any more");
	trap_begin();
	m.anon_vma->magic = 0x5a5a5a5a;
	EXPECT(t, !anon_vma_check(m.anon_vma, "tested"));
	m.anon_vma->magic = ANON_VMA_MAGIC;
	trap_end(t, DETECT_UNINIT, "before its constructor was seen");
	mapped_end(&m);
}
TEST(detect, anon_vma_canary, TEST_ASSERT, test_canary);

/* A walk that misses an entry: once since the area is not on the list, once without a list. */
static void test_rmap_incomplete(struct test *t)
{
	struct tlb_batch batch = { .nr = 0 };
	struct mapped m;
	void *mapping;
	int err;

	if (!mapped_begin(t, &m))
		return;
	lock_page(m.page);
	anon_vma_lock(m.vma);
	anon_vma_list_del(m.anon_vma, m.vma);
	anon_vma_unlock(m.vma);
	trap_begin();
	err = try_to_unmap(m.page, TTU_MIGRATE, &batch);
	trap_end(t, DETECT_RMAP_INCOMPLETE, "0 of 1 entries found, under the lock");
	EXPECT(t, err == -EBUSY && trap.count == 1);
	anon_vma_lock(m.vma);
	anon_vma_list_add(m.anon_vma, m.vma);
	anon_vma_unlock(m.vma);
	mapping = m.page->mapping;
	m.page->mapping = NULL;
	trap_begin();
	err = try_to_unmap(m.page, TTU_MIGRATE, &batch);
	trap_end(t, DETECT_RMAP_INCOMPLETE, "0 of 1 entries found, as no anon_vma");
	EXPECT(t, err == -EBUSY && !batch.nr);
	m.page->mapping = mapping;
	unlock_page(m.page);
	mapped_end(&m);
}
TEST(detect, rmap_incomplete, TEST_ASSERT, test_rmap_incomplete);

/* Forms of the reverse map that keep a lock, or an RCU reader. */
static struct anon_vma *lock_leaks(struct page *page)
{
	struct anon_vma *anon_vma = anon_vma_ops_modern.lock(page);

	if (anon_vma && page->private == 1)
		rcu_read_unlock(); /* and keeps the lock */
	else if (anon_vma)
		spin_unlock(&anon_vma->lock); /* and keeps the reader */
	return NULL;
}

static int prepare_leaks(struct vm_area_struct *vma)
{
	int err = anon_vma_ops_modern.prepare(vma);

	if (!err)
		spin_lock(&vma->anon_vma->lock);
	return err;
}

static void test_rmap_leaks(struct test *t)
{
	static struct anon_vma_ops leaky = {
		.name = "leaky",
		.prepare = prepare_leaks,
		.lock = lock_leaks,
		.cache_flags = SLAB_DESTROY_BY_RCU,
	};
	const struct anon_vma_ops *old = anon_vma_get_ops();
	struct mapped m;

	leaky.unlock = anon_vma_ops_modern.unlock;
	if (!EXPECT(t, !anon_vma_set_ops(&leaky)))
		return;
	trap_begin();
	if (mapped_begin(t, &m)) {
		trap_end(t, DETECT_LOCK_LEAKED, "anon_vma_prepare() has left 1 more spinlock held");
		trap_begin();
		EXPECT(t, !page_lock_anon_vma(m.page));
		trap_end(t, DETECT_LOCK_LEAKED,
			 "page_lock_anon_vma() has not ended its RCU reader");
		m.page->private = 1;
		trap_begin();
		EXPECT(t, !page_lock_anon_vma(m.page));
		trap_end(t, DETECT_LOCK_LEAKED, "page_lock_anon_vma() has left 1 more spinlock");
		m.page->private = 0;
		mapped_end(&m);
	} else {
		detect_trap_clear();
	}
	EXPECT(t, !anon_vma_set_ops(old));
}
TEST(detect, rmap_leaks, TEST_ASSERT, test_rmap_leaks);

/* ---- the names of objects ---- */

static void expect_kind(struct test *t, const void *obj, const char *kind, const void *base)
{
	const void *found = NULL;
	const char *k = event_object_kind(obj, &found);

	EXPECT_MSG(t, kind ? k && !strcmp(k, kind) && found == base : !k,
		   "%p is said to be a %s at %p, not a %s at %p", obj, k ? k : "nothing", found,
		   kind ? kind : "nothing", base);
}

/* Pages, and objects of caches, from their first byte to their last; and what is neither. */
static void test_kinds(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "kind", 40, 0, 0, NULL);
	char *o = s ? kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT) : NULL;
	struct page *slab = o ? virt_to_page(o)->slab_head : NULL;
	struct mapped m;

	if (slab) {
		expect_kind(t, o, "kind", o);
		expect_kind(t, o + 39, "kind", o);
		expect_kind(t, slab, "page", slab);
		expect_kind(t, (char *)slab + sizeof(*slab) - 1, "page", slab);
		/* The links of the free list, at the end of the slab. */
		expect_kind(t, (char *)page_address(slab) + (PAGE_SIZE << slab->order) - 1, NULL,
			    NULL);
		kmem_cache_free(s, o);
	}
	EXPECT(t, slab && !kmem_cache_destroy(s));
	if (!mapped_begin(t, &m))
		return;
	expect_kind(t, m.vma, "vma", m.vma);
	expect_kind(t, m.mm, "mm", m.mm);
	expect_kind(t, m.anon_vma, "anon_vma", m.anon_vma);
	expect_kind(t, page_address(m.page), NULL, NULL);
	expect_kind(t, test_kinds, NULL, NULL);
	/* A page of a slab that has just become something else. */
	page_set_flag(m.page, PG_slab);
	expect_kind(t, page_address(m.page), NULL, NULL);
	page_clear_flag(m.page, PG_slab);
	mapped_end(&m);
}
TEST(detect, kinds, TEST_ASSERT, test_kinds);

/* ---- the report ---- */

static bool kind_is(const void *obj, const char *kind, const void *base)
{
	const void *found = NULL;
	const char *is = event_object_kind(obj, &found);

	return kind ? is && !strcmp(is, kind) && found == base : !is;
}

/* What an address is called in a report, though what it lies in may be gone. */
static void test_object_kind(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "kinds", 64, 0, 0, NULL), *cache;
	char *obj = s ? kmem_cache_alloc(s, GFP_KERNEL) : NULL;
	struct page *page = alloc_page(GFP_KERNEL), *slab;

	if (EXPECT(t, obj && page)) {
		EXPECT(t, kind_is(obj, "kinds", obj) && kind_is(obj + 63, "kinds", obj));
		EXPECT(t, kind_is((char *)page + 4, "page", page));
		EXPECT(t, kind_is(page_address(page), NULL, NULL) && kind_is(&obj, NULL, NULL));
		slab = virt_to_page(obj)->slab_head;
		cache = slab->slab_cache;
		WRITE_ONCE(slab->slab_cache, page_address(page));
		for (int byte = 0; byte < 256; byte++) {
			memset(page_address(page), byte, PAGE_SIZE);
			EXPECT_MSG(t, kind_is(obj, NULL, NULL), "a cache of bytes %x", byte);
		}
		WRITE_ONCE(slab->slab_cache, cache);
	}
	if (obj)
		kmem_cache_free(s, obj);
	if (page)
		__free_page(page);
	EXPECT(t, s && !kmem_cache_destroy(s));
}
TEST(detect, object_kind, TEST_ASSERT, test_object_kind);

static void noted_first(void *arg)
{
	event("page freed", arg);
	sync_point_on("test.one", arg);
	sync_point("test.done");
}

static void noted_second(void *arg)
{
	sync_point("test.after");
	event("anon_vma freed", arg);
}

/* Events that fill a report: those of other CPUs must be in it all the same. */
#define CHATTER 100

/* Names of what nobody knows: by the first word of an event, or none; each kind has its numbers. */
static noinline void note_unknown(void)
{
	static const char thing[4];

	event("thing lost", &thing[0]);
	event("thing kept", &thing[1]);
	event("thin sold", &thing[2]);
	event("gone", &thing[3]);
	event("thing found", &thing[0]);
}

/* What the CPUs did, in columns; what is printed is looked at by the host's self-test "columns". */
static void test_columns(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "test.after", 0, "test.done", 1, 10000000 },
	};
	struct mapped m;

	if (!mapped_begin(t, &m))
		return;
	trap_begin();
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	event("a name without an object, longer than what a column of it could hold in one line",
	      NULL);
	cpu_work_start(1, noted_first, m.page);
	noted_second(m.anon_vma);
	cpu_work_wait(1);
	for (unsigned int cpu = 2; cpu < nr_cpus_found; cpu++) {
		if (cpu_work_start(cpu, noted_first, m.page))
			continue;
		cpu_work_wait(cpu);
	}
	sync_rules_disarm();
	for (int i = 0; i < CHATTER; i++)
		event("page looked at", m.page);
	note_unknown();
	detect(DETECT_ASSERT, m.vma, "on purpose: area %p", m.vma);
	detection_print(&trap.first);
	trap_end(t, DETECT_ASSERT, "on purpose");
	EXPECT(t, trap.first.cpu == 0 && trap.first.obj == m.vma);
	mapped_end(&m);
}
TEST(detect, columns, TEST_ASSERT, test_columns, .min_cpus = 2);

#endif
