/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V9: Jann Horn, 26 July 2023, on a suggestion by Torvalds: mends the hole in V5; against V5.
 * Held back then; Linux has the release since September 2026 (commit b6ac0b3f6013), and so have its
 * stable kernels from 6.12.112 and 6.1.191 on.
 *
 * The pointer is published with a release, which orders everything before it, the constructor's
 * stores included; whoever reads the pointer without a lock does so with a dependency-ordered load.
 * (Horn took an acquire, and wrote that a dependency would do; it is what Linux has.)
 *
 *	first fault			second fault there, or reclaim
 *	constructor: lock, list
 *	lock (acquire)
 *	vma->anon_vma = it (release)
 *					reads it, follows it
 *					lock: the constructor's, or later
 *
 * Right on all architectures. The memory manager's own form, "default", is this with V6's second
 * look under the lock.
 *
 * Right under rmap.v9.*; litmus.C5-lock+release beside litmus.C5-lock+depends.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int prepare_v9(struct vm_area_struct *vma)
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
		/*
		 * release: as in prepare_modern(), pairs with the dependency in
		 * find_mergeable_anon_vma(), page_set_anon_rmap() and anon_vma_lock(), and, by way
		 * of page->mapping, in lock_v9(); orders the constructor's stores before the
		 * pointer; tests: litmus.C2-rcu, litmus.C5-lock+release
		 */
		smp_store_release(&vma->anon_vma, anon_vma);
		sync_point_on("prepare.published", anon_vma);
		anon_vma_list_add(anon_vma, vma);
		sync_point_on("prepare.linked", anon_vma);
		allocated = NULL;
	}
	spin_unlock(&mm->prepare_lock);
	spin_unlock(&anon_vma->lock);
	if (allocated)
		anon_vma_free(allocated);
	return 0;
}

static struct anon_vma *lock_v9(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	/*
	 * dependency: pairs with the release in prepare_v9(), through whoever stored page->mapping;
	 * orders the read of the pointer before the use of the lock; tests: litmus.C2-rcu
	 */
	anon_vma = anon_vma_of(rcu_dereference(page->mapping));
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
	.name = "v9",
	.prepare = prepare_v9,
	.lock = lock_v9,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v9, TEST_EXTENDED) = {
	.id = "V9",
	.author = "Jann Horn",
	.date = "2023-07-26",
	.what = "V5, and the pointer is published with a release; Linux since 2026",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = { EXPECT_CLEAN,
			"release, and dependency-ordered loads" },
	},
	.publish = EDGE_RELEASE,
	.seen = true,
	.followed = true,
};
