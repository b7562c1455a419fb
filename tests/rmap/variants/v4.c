/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V4: Nick Piggin, 18 October 2008, the second of his two patches of that day, as posted; in answer
 * to Torvalds' objections to V3, against V0.
 *
 * prepare is V3's, its slip included. Under the lock page_lock_anon_vma() now asks whether the page
 * is still mapped, instead of whether page->mapping has changed; gives the lock back if not; and
 * states that page->mapping has not changed, or else ends the kernel.
 *
 * Right: the second look at page_mapped() does tell a live anon_vma from a stale one. Pages are
 * unmapped before their areas are unlinked, and that needs the lock: mapped under the lock means
 * alive, for as long as the lock is held.
 *
 *	reclaim, by a page that is being unmapped	exit, then a fault in another space
 *	page_mapped() ? yes
 *							unmap: mapcount 0
 *							the object is freed and allocated
 *	lock it: somebody else's by now
 *	page_mapped() ? no: unlock, give up
 *
 * Wrong, as posted: prepare deadlocks with itself. Its successors, mended: V5 (prepare), V6 (the
 * second look).
 *
 * Shown by rmap.v4.deadlock, and rmap.v4.free at the first fault; nothing else can be asked of it.
 */
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/slab.h>

#include "variant.h"

static struct anon_vma *lock_v4(struct page *page)
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
	if (unlikely(!page_mapped(page)))
		goto unlock;
	if (unlikely(mapping != READ_ONCE(page->mapping)) &&
	    detect(DETECT_ASSERT, page, "mapping of page %lx changed", page_to_pfn(page)))
		goto unlock;
	return anon_vma;
unlock:
	spin_unlock(&anon_vma->lock);
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "v4",
	.prepare = anon_vma_prepare_v3,
	.lock = lock_v4,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v4, TEST_MANUAL) = {
	.id = "V4",
	.author = "Nick Piggin",
	.date = "2008-10-18",
	.what = "V3's prepare; looks at page_mapped() again under the lock; as posted",
	.ops = &ops,
	.mech = {
		DEADLOCKS,
		[MECH_DEADLOCK] = { EXPECT_CAUGHT, "prepare takes the lock twice" },
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " prepare ", BY(SELF_DEADLOCK) },
	},
};
