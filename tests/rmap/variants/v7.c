/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V7: Nick Piggin, 21 October 2008, the patch to follow V6; against V6.
 *
 * The RCU reader ends inside page_lock_anon_vma(), as soon as the page has been seen mapped under
 * the lock; callers hold the lock and nothing else. A page that is mapped has an area on the list,
 * which cannot be unlinked without the lock, and so the anon_vma cannot be freed. Preemptible RCU
 * gets shorter readers, and the lock might become one that sleeps.
 *
 *	reclaim				exit
 *	rcu_read_lock()
 *	lock
 *	page_mapped() ? yes
 *	rcu_read_unlock()
 *	walk				unmap
 *					anon_vma_unlink(): waits for the lock
 *	unlock
 *					unlinked, freed
 *
 * Right, because of V6's second look: without it, W3. prepare is V5's, with its hole where memory
 * is weak.
 *
 * Right under rmap.v7.release, where W3 is wrong.
 */
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/slab.h>

#include "variant.h"

static struct anon_vma *lock_v7(struct page *page)
{
	struct anon_vma *anon_vma;
	void *mapping;

	rcu_read_lock();
	mapping = READ_ONCE(page->mapping);
	anon_vma = anon_vma_of(mapping);
	sync_point_on("lock.mapping", page);
	if (!anon_vma || !page_mapped(page))
		goto out;
	sync_point_on("lock.mapped", page);
	spin_lock(&anon_vma->lock);
	sync_point_on("lock.locked", anon_vma);
	if (unlikely(!page_mapped(page))) {
		spin_unlock(&anon_vma->lock);
		goto out;
	}
	rcu_read_unlock();
	sync_point_on("lock.released", anon_vma);
	if (sync_points_enabled() && unlikely(mapping != READ_ONCE(page->mapping)) &&
	    detect(DETECT_ASSERT, page, "mapping of page %lx changed", page_to_pfn(page))) {
		spin_unlock(&anon_vma->lock);
		return NULL;
	}
	return anon_vma;
out:
	rcu_read_unlock();
	return NULL;
}

void anon_vma_unlock_v7(struct anon_vma *anon_vma)
{
	spin_unlock(&anon_vma->lock);
}

static const struct anon_vma_ops ops = {
	.name = "v7",
	.prepare = anon_vma_prepare_v5,
	.lock = lock_v7,
	.unlock = anon_vma_unlock_v7,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v7, TEST_EXTENDED) = {
	.id = "V7",
	.author = "Nick Piggin",
	.date = "2008-10-21",
	.what = "V6, and leaves the RCU reader as soon as it has the lock",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = FILTERED,
		[MECH_RELEASE] = { EXPECT_CLEAN,
			"mapped under the lock: the anon_vma cannot be freed before the "
			"unlock" },
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
};
