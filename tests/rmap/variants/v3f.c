/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V3f: V3 as it was meant, with both slips mended.
 *
 * Right: V0's (a) and (c), as in V2 and V5.
 *
 * Of no use: the second look at page->mapping. It was to tell whether the anon_vma is still the
 * page's; but the field keeps its value when the page is unmapped and the anon_vma goes, until the
 * page itself is freed, which the caller's reference prevents:
 *
 *	reclaim, by a page that is being unmapped	exit, then a fault in another space
 *	page_mapped() ? yes
 *							unmap: page->mapping stays
 *							the object is freed and allocated
 *	lock it: somebody else's by now
 *	page->mapping the same ? yes
 *	walk somebody else's list: nothing found
 *
 * It is page_mapped() that tells (V4, V6). Whoever walks the wrong list finds no entry of the page
 * there, so no harm is done (Dickins).
 *
 * Wrong where memory is weak: V5's hole, that a lock does not order stores before it.
 *
 * Right under rmap.v3f.interleaving, rmap.v3f.reuse and rmap.v3f.deadlock.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int prepare_v3f(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *allocated, *anon_vma = anon_vma_choose(vma, &allocated);

	if (!anon_vma)
		return -ENOMEM;
	spin_lock(&anon_vma->lock);
	sync_point_on("prepare.locked", anon_vma);
	spin_lock(&mm->prepare_lock);
	if (likely(!vma->anon_vma)) {
		sync_point_on("prepare.checked", anon_vma);
		anon_vma_list_add(anon_vma, vma);
		sync_point_on("prepare.linked", anon_vma);
		WRITE_ONCE(vma->anon_vma, anon_vma);
		sync_point_on("prepare.published", anon_vma);
		allocated = NULL;
	}
	spin_unlock(&mm->prepare_lock);
	spin_unlock(&anon_vma->lock);
	if (allocated)
		anon_vma_free(allocated);
	return 0;
}

static struct anon_vma *lock_v3f(struct page *page)
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
	if (likely(mapping == READ_ONCE(page->mapping)))
		return anon_vma;
	spin_unlock(&anon_vma->lock);
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "v3f",
	.prepare = prepare_v3f,
	.lock = lock_v3f,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v3f, TEST_EXTENDED) = {
	.id = "V3f",
	.author = "Nick Piggin",
	.date = "2008-10-18",
	.what = "V3 with both slips mended",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
};
