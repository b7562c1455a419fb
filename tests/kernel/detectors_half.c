/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages of which a walk finds one entry and misses another, which only a broken reverse map brings
 * about: reclaim and migration that fail give back what they have taken. See detectors.c.
 */
#include <kernel/detect.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <test/reclaim.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

/* The child's entry is out of the walk's sight. */
struct half {
	struct mapped m;
	struct mm_struct *child;
	struct vm_area_struct *vma; /* whose entry is not found */
};

static unsigned int flushes, trims, trims_unflushed; /* by the test's thread, of its page */
static const struct page *half_page;

static void note_flush(const void *obj)
{
	flushes++;
}

static void note_trim(const void *obj)
{
	trims += obj == half_page;
	trims_unflushed += obj == half_page && !flushes;
}

static struct vm_area_struct *area_of(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	down_read(&mm->mmap_sem);
	vma = find_vma(mm, TEST_ADDR);
	up_read(&mm->mmap_sem);
	return vma;
}

static void area_hide(struct vm_area_struct *vma)
{
	anon_vma_lock(vma);
	anon_vma_list_del(vma->anon_vma, vma);
	anon_vma_unlock(vma);
}

static void area_show(struct vm_area_struct *vma)
{
	anon_vma_lock(vma);
	anon_vma_list_add(vma->anon_vma, vma);
	anon_vma_unlock(vma);
}

static bool half_begin(struct test *t, struct half *h)
{
	static const struct sync_rule rules[] = {
		{ .at = "batch.flush", .cpu = 0, .call = note_flush },
		{ .at = "swap.trimmed", .cpu = 0, .call = note_trim },
	};

	if (!mapped_begin(t, &h->m))
		return false;
	h->child = dup_mm(h->m.mm);
	if (!EXPECT(t, h->child)) {
		mapped_end(&h->m);
		return false;
	}
	h->vma = area_of(h->child);
	area_hide(h->vma);
	half_page = h->m.page;
	flushes = trims = trims_unflushed = 0;
	trap_begin();
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	return true;
}

/* All is as it was, but perhaps for where the parent has its page. */
static void half_end(struct test *t, struct half *h)
{
	sync_rules_disarm();
	trap_end(t, DETECT_RMAP_INCOMPLETE, "1 of 2 entries found");
	EXPECT_MSG(t, flushes == 1, "%u flushes", flushes);
	EXPECT_MSG(t, trims && !trims_unflushed, "unlocked %u times, %u of them unflushed", trims,
		   trims_unflushed);
	area_show(h->vma);
	pages_check(t, 0, 1, 1, 1, "parent");
	space_switch(h->child);
	pages_check(t, 0, 1, 1, 1, "child");
	space_switch(h->m.mm);
	mmput(h->child);
	mapped_end(&h->m);
}

/* Reclaim has one entry, flushes, and only then unlocks the page, which it leaves where it is. */
static void test_half_reclaimed(struct test *t)
{
	struct mm_balance b;
	struct half h;

	if (swap_missing(t, 1))
		return;
	balance_begin(t, &b);
	if (!half_begin(t, &h))
		return;
	EXPECT(t, page_swap_out(h.m.mm, TEST_ADDR) == -EBUSY);
	half_end(t, &h);
	balance_end(t, &b);
}
TEST(detect, half_reclaimed, TEST_ASSERT, test_half_reclaimed);

/* Migration gives the one entry back, and the new page. */
static void test_half_moved(struct test *t)
{
	struct mm_balance b;
	struct half h;

	balance_begin(t, &b);
	if (!half_begin(t, &h))
		return;
	EXPECT(t, page_migrate(h.m.mm, TEST_ADDR) == -EAGAIN);
	EXPECT(t, page_at(h.m.mm, TEST_ADDR) == h.m.page);
	EXPECT(t, page_mapcount(h.m.page) == 2 && page_test_flag(h.m.page, PG_lru));
	half_end(t, &h);
	balance_end(t, &b);
}
TEST(detect, half_moved, TEST_ASSERT, test_half_moved);

static struct mm_struct *dup_with_own(struct test *t, struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	if (!child)
		return NULL;
	space_switch(child);
	pages_stamp(t, 0, 1, 2, 2);
	space_switch(mm);
	return child;
}

static void child_ends(void *child)
{
	mmput(child);
	sync_point("test.done");
}

/*
 * A migration that fails has the page lock when the slot's last entry goes: it sees to the slot.
 * Nothing of the page is found: its only area is hidden. A sibling, with a page of its own, keeps
 * the anon_vma.
 */
static void test_moved_not_slot(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "lock.mapping", 0, "test.done", 1, 5000000 },
	};
	struct mm_struct *child, *sibling;
	struct mm_balance b;
	struct mapped m;

	if (swap_missing(t, 1))
		return;
	balance_begin(t, &b);
	if (!mapped_begin(t, &m))
		return;
	put_anon_page(m.page);
	sibling = dup_with_own(t, m.mm);
	child = dup_mm(m.mm);
	EXPECT(t, child && !page_swap_out(m.mm, TEST_ADDR));
	pages_check(t, 0, 1, 1, 1, "back, for the parent");
	m.page = page_get_at(m.mm, TEST_ADDR);
	if (EXPECT(t, sibling && child && m.page && page_test_flag(m.page, PG_swapcache))) {
		area_hide(m.vma);
		trap_begin();
		sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
		cpu_work_start(1, child_ends, child);
		EXPECT(t, migrate_page(m.page) == -EAGAIN);
		cpu_work_wait(1);
		sync_rules_disarm();
		trap_end(t, DETECT_RMAP_INCOMPLETE, "0 of 1 entries found");
		area_show(m.vma);
		EXPECT(t, !page_test_flag(m.page, PG_swapcache));
		expect_slots(t, 0);
	}
	pages_check(t, 0, 1, 1, 1, "afterwards");
	if (sibling)
		mmput(sibling);
	mapped_end(&m);
	balance_end(t, &b);
}
TEST(detect, moved_not_slot, TEST_RACE, test_moved_not_slot, .min_cpus = 2);

#endif
