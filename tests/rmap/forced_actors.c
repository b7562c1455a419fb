/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the actors of forced races do, and what is set up for them: see forced.h. Every place where
 * one may have to wait for another is a sync point, "forced.*" here, the rest in mm/ and in the
 * variants; forced_scenarios.c says who waits where for whom.
 */
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb_batch.h>

#include "forced.h"

#define FIRST  TEST_ADDR
#define SECOND (TEST_ADDR + PAGE_SIZE)
#define BESIDE (TEST_ADDR + 2 * PAGE_SIZE)

#define VALUE 0x5eedULL

/* ---- set-ups: the test's thread ---- */

/* A space with two pages' room and, behind it, an area that might be merged with the first. */
static struct mm_struct *space_make(struct forced *f, bool write)
{
	struct mm_struct *mm = space_begin(f->t, 2);
	long ret;

	if (!mm)
		return NULL;
	ret = sys_mmap(BESIDE, PAGE_SIZE, RW | VM_EXEC);
	EXPECT_MSG(f->t, ret == BESIDE, "mmap: %ld", ret);
	if (write)
		expect_write(f->t, FIRST, VALUE, "set-up");
	unuse_mm();
	return mm;
}

bool forced_setup_fresh(struct forced *f)
{
	f->mm[0] = space_make(f, false);
	return f->mm[0];
}

bool forced_setup_page(struct forced *f)
{
	f->mm[0] = space_make(f, true);
	f->mm[1] = space_make(f, false);
	if (!f->mm[0] || !f->mm[1])
		return false;
	f->page = page_get_at(f->mm[0], FIRST);
	if (!EXPECT(f->t, f->page != NULL))
		return false;
	f->mapping = f->page->mapping;
	f->anon_vma = anon_vma_of(f->mapping);
	return EXPECT(f->t, f->anon_vma != NULL);
}

/* Is the memory of the anon_vma no slab any more? */
static bool memory_gone(const struct forced *f)
{
	return !page_test_flag(virt_to_page(f->anon_vma), PG_slab);
}

static void space_exit(struct forced *f)
{
	struct mm_struct *mm = f->mm[0];

	f->mm[0] = NULL;
	mmput(mm);
}

/* Objects that wait for RCU, then slabs that do. */
static void memory_give_back(void)
{
	rcu_barrier();
	kmem_cache_shrink_all();
	rcu_barrier();
}

bool forced_setup_gone(struct forced *f)
{
	if (!forced_setup_page(f))
		return false;
	if (f->look == LOOK_UNMAP) {
		lock_page(f->page);
		if (!EXPECT(f->t, !add_to_swap(f->page)))
			return false;
	}
	space_exit(f);
	memory_give_back();
	return EXPECT_MSG(f->t, memory_gone(f), "the anon_vma's memory is still a slab's");
}

/*
 * All mappers of a page share one anon_vma here, as they did in 2008, so page->mapping never
 * changes while the page is mapped. Today's page_move_anon_rmap() does change it; so by hand. A
 * variant that deadlocks in prepare gets the mended one's for this.
 */
bool forced_setup_moved(struct forced *f)
{
	static struct anon_vma_ops mended;
	int err;

	if (forced_deadlocks(f->v)) {
		mended = *f->v->ops;
		mended.prepare = anon_vma_variant_find("v3f")->ops->prepare;
		err = anon_vma_set_ops(&mended);
		if (!EXPECT_MSG(f->t, !err, "error %d", err))
			return false;
	}
	if (!forced_setup_page(f))
		return false;
	use_mm(f->mm[1]);
	expect_write(f->t, FIRST, VALUE, "set-up of the other");
	unuse_mm();
	return true;
}

/* Without rmap_walk(), which stops at a list that is not what it should be. */
static bool area_is_listed(const struct vm_area_struct *vma)
{
	const struct list_head *head = &vma->anon_vma->head, *node = head->next;

	while (node != head && node != &vma->anon_vma_node)
		node = node->next;
	return node != head;
}

void forced_check_lists(struct forced *f)
{
	struct vm_area_struct *vma;

	list_for_each_entry(vma, &f->mm[0]->mmap,
			    vm_list) if (vma->anon_vma && !area_is_listed(vma)) f->lost = true;
	EXPECT_MSG(f->t, !f->lost || f->trap.first.detector, "an area is not on its list");
}

void forced_check_contents(struct forced *f)
{
	for (unsigned int i = 0; i < FORCED_SPACES; i++) {
		if (!f->mm[i])
			continue;
		use_mm(f->mm[i]);
		expect_read(f->t, FIRST, VALUE, "after the race");
		unuse_mm();
	}
}

/*
 * The page was the first space's alone. The list does not change: the caller has the lock, and the
 * scenario has brought everybody else to an end.
 */
void forced_walk_whose(struct forced *f)
{
	const struct list_head *head = &f->anon_vma->head;

	for (const struct list_head *node = head->next; node != head; node = node->next)
		if (list_entry(node, struct vm_area_struct, anon_vma_node)->vm_mm == f->mm[1]) {
			f->wrong_walks++;
			break;
		}
}

void forced_teardown(struct forced *f)
{
	if (f->page && page_test_flag(f->page, PG_locked))
		unlock_page_trim(f->page);
	if (f->page)
		put_anon_page(f->page);
	for (unsigned int i = 0; i < FORCED_SPACES; i++)
		if (f->mm[i]) {
			if (!f->trap.first.detector)
				mm_check(f->mm[i]); /* nobody else uses it */
			mmput(f->mm[i]);
		}
}

void forced_teardown_moved(struct forced *f)
{
	int err;

	if (f->page)
		WRITE_ONCE(f->page->mapping, f->mapping);
	forced_teardown(f);
	if (anon_vma_get_ops() == f->v->ops)
		return;
	memory_give_back();
	err = anon_vma_set_ops(f->v->ops);
	EXPECT_MSG(f->t, !err, "error %d", err);
}

/* ---- faults ---- */

static void fault(struct forced *f, struct mm_struct *mm, unsigned long addr)
{
	use_mm(mm);
	expect_write(f->t, addr, VALUE, "fault");
	expect_read(f->t, addr, VALUE, "fault");
	unuse_mm();
}

/* Actor 0 has come to where the scenario stops it, or is through without. */
static void others_begin(struct forced *f)
{
	sync_point("forced.begin");
	f->began = !READ_ONCE(f->ended[0]);
}

void forced_fault_first(struct forced *f)
{
	fault(f, f->mm[0], FIRST);
}

void forced_fault_second(struct forced *f)
{
	others_begin(f);
	fault(f, f->mm[0], SECOND);
	sync_point("forced.faulted");
}

void forced_fault_beside(struct forced *f)
{
	others_begin(f);
	fault(f, f->mm[0], BESIDE);
	sync_point("forced.faulted");
}

/* ---- looks ---- */

/*
 * Nobody unmaps the second page of forced_look_second(), and its entry is young: then there must be
 * something to find.
 */
static void look_referenced(struct page *page)
{
	if (!page_referenced(page) && page_mapped(page))
		detect(DETECT_RMAP_INCOMPLETE, page,
		       "page %lx was used, and page_referenced() comes to no entry of it",
		       page_to_pfn(page));
}

static int look_one(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	struct forced *f = arg;
	pteval_t pte = pte_at(vma->vm_mm, address);

	f->areas++;
	f->mapped += pte_present(pte) && pte_phys(pte) == page_to_phys(f->page);
	return 0;
}

static void look_lock(struct forced *f)
{
	struct anon_vma *anon_vma = page_lock_anon_vma(f->page);

	if (!anon_vma)
		return;
	rmap_walk(anon_vma, f->page, look_one, f);
	page_unlock_anon_vma(anon_vma);
}

/* What they return does not matter: whether the page is found, and how, is for the detectors. */
void forced_look(struct forced *f)
{
	struct tlb_batch batch = { .nr = 0 };
	struct page *page = f->page;

	switch (f->look) {
	case LOOK_REFERENCED:
		look_referenced(page);
		break;
	case LOOK_SWAP:
		f->page = NULL; /* reclaim_page() drops the reference */
		reclaim_page(page);
		break;
	case LOOK_MIGRATE:
		migrate_page(page);
		break;
	case LOOK_UNMAP:
		try_to_unmap(page, TTU_SWAP, &batch);
		tlb_batch_flush(&batch);
		break;
	case LOOK_LOCK:
		look_lock(f);
		break;
	default:
		BUG_ON(true);
	}
}

void forced_look_second(struct forced *f)
{
	sync_point("forced.look");
	f->page = page_get_at(f->mm[0], SECOND);
	if (EXPECT_MSG(f->t, f->page, "the second page is not there"))
		forced_look(f);
	sync_point("forced.looked");
}

void forced_fault_and_look(struct forced *f)
{
	forced_fault_second(f);
	forced_look_second(f);
}

/* ---- exits ---- */

void forced_exit(struct forced *f)
{
	others_begin(f);
	space_exit(f);
	sync_point("forced.freed");
}

void forced_exit_reuse(struct forced *f)
{
	struct vm_area_struct *vma;

	others_begin(f);
	space_exit(f);
	sync_point("forced.freed");
	use_mm(f->mm[1]);
	expect_write(f->t, FIRST, VALUE, "reuse");
	unuse_mm();
	vma = find_vma(f->mm[1], FIRST); /* nobody else uses the space */
	f->reused = vma && vma->anon_vma == f->anon_vma;
	/* A magazine gives out what was freed last; unless it must wait for actor 0's reader. */
	EXPECT_MSG(f->t, f->reused == !(f->v->ops->cache_flags & SLAB_FREE_BY_RCU),
		   "the anon_vma was %staken into use again", f->reused ? "" : "not ");
	sync_point("forced.reused");
}

/* Does actor 0, which is stopped, keep grace periods from ending? */
static bool first_holds_rcu(const struct forced *f)
{
	const struct task_struct *t = f->first;

	if (READ_ONCE(f->ended[0]))
		return false;
	return READ_ONCE(t->rcu_nesting) > 0 ||
	       (!strcmp(rcu_flavour(), "classic") && READ_ONCE(t->preempt_count) > 0);
}

#define HELD_OFF_NS 1000000

void forced_exit_shrink(struct forced *f)
{
	others_begin(f);
	space_exit(f);
	sync_point("forced.freed");
	kmem_cache_shrink_all();
	if (!memory_gone(f)) {
		f->held_off = first_holds_rcu(f);
		if (f->held_off)
			clock_delay_ns(HELD_OFF_NS);
		else
			memory_give_back();
	}
	f->gone = memory_gone(f);
	EXPECT_MSG(f->t, f->gone != f->held_off, "memory %s, a reader %s it",
		   f->gone ? "gone" : "there", f->held_off ? "holds" : "does not hold");
	sync_point("forced.gone");
}

void forced_move(struct forced *f)
{
	struct vm_area_struct *vma = find_vma(f->mm[1], FIRST);

	others_begin(f);
	WRITE_ONCE(f->page->mapping, (void *)((unsigned long)vma->anon_vma + PAGE_MAPPING_ANON));
	sync_point("forced.moved");
}
