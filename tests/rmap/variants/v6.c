/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V6: Nick Piggin, 21 October 2008, in answer to Torvalds' question what a second look at
 * page_mapped() is good for; against V5.
 *
 * page_lock_anon_vma() looks again under the lock, as in V4, so that it never hands out an anon_vma
 * that is not the page's any more. V5 is not wrong without it: Piggin's reason is that otherwise
 * everybody who changes the walks must keep in mind that the list may be somebody else's.
 *
 *	reclaim, by a page that is being unmapped	exit, then a fault in another space
 *	page_mapped() ? yes
 *							unmap: mapcount 0
 *							the object is freed and allocated
 *	lock it: somebody else's by now
 *	page_mapped() ? no: unlock, give up
 *
 * The statement about page->mapping is for debug builds. The look before the lock must stay: W1.
 *
 * Right; but prepare is V5's, with its hole where memory is weak. Shown by rmap.v6.reuse, where V5
 * walks the wrong list and this does not.
 */
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/slab.h>

#include "variant.h"

static struct anon_vma *lock_v6(struct page *page)
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
	if (sync_points_enabled() && unlikely(mapping != READ_ONCE(page->mapping)) &&
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
	.name = "v6",
	.prepare = anon_vma_prepare_v5,
	.lock = lock_v6,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v6, TEST_EXTENDED) = {
	.id = "V6",
	.author = "Nick Piggin",
	.date = "2008-10-21",
	.what = "V5, and looks at page_mapped() again under the lock",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = FILTERED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
};
