/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V3: Nick Piggin, 18 October 2008, the first of his two patches of that day, as posted; in answer
 * to V2, against V0.
 *
 * The lock is always taken, and no barrier is left: whoever looks into an anon_vma holds its lock,
 * so the lock orders what the barriers did. The area goes on the list before the pointer is
 * published, which the lock makes a matter of taste. Piggin doubts too that the anon_vma that was
 * locked is still the page's, and reads page->mapping again under the lock.
 *
 * Wrong, as posted: (i) prepare ends with a second spin_lock() where spin_unlock() was meant: the
 * first fault of the first process deadlocks with itself.
 *
 *	spin_lock(&anon_vma->lock)
 *	...
 *	spin_lock(&anon_vma->lock)	for ever
 *
 * (ii) if page->mapping has changed, page_lock_anon_vma() returns NULL with the lock held; Torvalds
 * saw that one at once. Nothing changes page->mapping while it matters, see V3f, so a test has to
 * do it by hand.
 *
 * Wrong, in earnest: the lock does not do all that the barriers did, see V5; and the second look
 * tells nothing, see V3f.
 *
 * Shown by rmap.v3.deadlock, which takes both slips, and rmap.v3.free at the first fault; nothing
 * else can be asked of it.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

int anon_vma_prepare_v3(struct vm_area_struct *vma)
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
	spin_lock(&anon_vma->lock); /* as posted: the unlock that it was meant to be is in V3f */
	if (allocated)
		anon_vma_free(allocated);
	return 0;
}

static struct anon_vma *lock_v3(struct page *page)
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
	if (mapping != READ_ONCE(page->mapping))
		goto out; /* as posted: the lock stays held */
	return anon_vma;
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "v3",
	.prepare = anon_vma_prepare_v3,
	.lock = lock_v3,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v3, TEST_MANUAL) = {
	.id = "V3",
	.author = "Nick Piggin",
	.date = "2008-10-18",
	.what = "always locks; link, publish; reads page->mapping again; as posted",
	.ops = &ops,
	.mech = {
		DEADLOCKS,
		[MECH_DEADLOCK] = { EXPECT_CAUGHT,
			"prepare takes the lock twice; a changed mapping leaves it held" },
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " prepare ", BY(SELF_DEADLOCK) },
		{ " moved ", BY(LOCK_LEAKED) },
	},
};
