/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V8: an idea of Linus Torvalds, 18 October 2008, in answer to Dickins, who had seen that reclaim
 * follows the pointer without having passed the barrier in prepare; here against V5.
 *
 * Whoever reads a pointer to an anon_vma without a lock gets it from one helper, with the
 * dependency barrier in it, so that none can be forgotten. Torvalds would rather not have had it:
 * the barrier does something on Alpha alone.
 *
 *	first fault			reclaim, on another CPU
 *	constructor: lock, list
 *	vma->anon_vma = it
 *					get_anon_vma(): the pointer, barrier
 *					lock
 *
 * Right: the reading side, everywhere; and so all of it on Alpha, whose locks end in a full
 * barrier, which orders the writing side. Wrong where the writing side is weak: it is V5's.
 *
 * The memory manager's own lockless readers (find_mergeable_anon_vma(), page_set_anon_rmap(),
 * anon_vma_lock()) have the same barrier under all variants.
 *
 * Right under rmap.v8.interleaving and rmap.v8.reuse.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/slab.h>

#include "variant.h"

/* The pointer that was just read, as vma->anon_vma or page->mapping, without a lock. */
static struct anon_vma *get_anon_vma(void *pointer)
{
	/*
	 * dependency: pairs with nothing; orders the pointer before what is read through it, but
	 * anon_vma_prepare_v5() lacks the write barrier; tests: litmus.C5-lock+depends
	 */
	smp_read_barrier_depends();
	return pointer;
}

static int prepare_v8(struct vm_area_struct *vma)
{
	if (likely(get_anon_vma(READ_ONCE(vma->anon_vma))))
		return 0;
	return anon_vma_prepare_v5(vma);
}

static struct anon_vma *lock_v8(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	anon_vma = anon_vma_of(get_anon_vma(READ_ONCE(page->mapping)));
	sync_point_on("lock.mapping", page);
	if (!anon_vma || !page_mapped(page))
		goto out;
	sync_point_on("lock.mapped", page);
	spin_lock(&anon_vma->lock);
	sync_point_on("lock.locked", anon_vma);
	return anon_vma;
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "v8",
	.prepare = prepare_v8,
	.prepare_always = true,
	.lock = lock_v8,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v8, TEST_EXTENDED) = {
	.id = "V8",
	.author = "Linus Torvalds",
	.date = "2008-10-18",
	.what = "V5, and every lockless reader passes a dependency barrier",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
	.seen = true,
	.followed = true,
};
