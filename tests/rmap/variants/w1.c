/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W1: 19 October 2008: Nick Piggin wants to move the look at page_mapped() from before the lock to
 * after it; Hugh Dickins agrees, and takes it back the next day: the place is critical. Against V5.
 *
 * Wrong: the RCU reader keeps the memory an anon_vma only if it was one when the reader began, and
 * it is the look before the lock that says so. Without it, the page may have been unmapped long
 * ago, the anon_vma freed, a grace period gone by, and the memory may be anything:
 *
 *	reclaim, by a page that was unmapped		exit
 *							unmap, unlink, free
 *							the cache gives the slab page back
 *							grace period: it becomes a page table
 *	rcu_read_lock()
 *	page->mapping: there it was
 *	lock: an increment in a page table
 *	page_mapped() ? no: unlock, another one
 *
 * Shown by rmap.w1.release, rmap.w1.free.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/slab.h>

#include "variant.h"

static struct anon_vma *lock_w1(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	anon_vma = anon_vma_of(READ_ONCE(page->mapping));
	sync_point_on("lock.mapping", page);
	if (!anon_vma)
		goto out;
	sync_point_on("lock.mapped", page); /* not asked here: that is the slip */
	spin_lock(&anon_vma->lock);
	sync_point_on("lock.locked", anon_vma);
	if (likely(page_mapped(page)))
		return anon_vma;
	spin_unlock(&anon_vma->lock);
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "w1",
	.prepare = anon_vma_prepare_v5,
	.lock = lock_w1,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(w1, TEST_MANUAL) = {
	.id = "W1",
	.author = "Nick Piggin, Hugh Dickins",
	.date = "2008-10-19",
	.what = "V5, but looks at page_mapped() only after it has the lock",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = FILTERED,
		[MECH_RELEASE] = { EXPECT_CAUGHT,
			"takes a lock in memory that may have been anything for long" },
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " gone ", BY(LOCK_TYPE) },
	},
};
