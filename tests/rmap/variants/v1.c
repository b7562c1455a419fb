/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V1: Nick Piggin, 16 October 2008, the patch that began the discussion; against V0.
 *
 * The area goes on the list first, and the pointer is published after it, with a write barrier
 * between; whoever finds the pointer already there passes a dependency barrier. There is still no
 * lock for a new anon_vma: the list is complete before anybody can come to it.
 *
 * Right: no thread finds the list without the area (V0's a), in program order and, by the write
 * barrier, in memory.
 *
 * Wrong: (i) the list of an object with a former life is changed under the eyes of somebody who
 * holds its lock (V0's c):
 *
 *	reclaim, by a page that is being unmapped	fault in another space
 *	page_mapped() ? yes
 *							the object is freed and allocated
 *	lock it
 *	walk						list_add(), without the lock
 *
 * (ii) the dependency barrier stands where the pointer was first seen; the CPU that follows it is
 * that of reclaim, which has none (Dickins, 17 October). It matters on Alpha alone: where an
 * address dependency orders loads, as on the four ISAs here, reclaim needs no barrier.
 *
 * Shown by rmap.v1.reuse, rmap.v1.free; right under rmap.v1.interleaving.
 */
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int prepare_v1(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *allocated, *locked, *anon_vma = READ_ONCE(vma->anon_vma);

	if (likely(anon_vma)) {
		/*
		 * dependency: pairs with the write barrier below; meant to order the pointer before
		 * what is read through it, but reclaim reads on another CPU;
		 * tests: litmus.C3-wmb+mb+plain
		 */
		smp_read_barrier_depends();
		return 0;
	}
	anon_vma = anon_vma_choose(vma, &allocated);
	if (!anon_vma)
		return -ENOMEM;
	locked = allocated ? NULL : anon_vma;
	if (locked)
		spin_lock(&locked->lock);
	sync_point_on("prepare.locked", anon_vma);
	spin_lock(&mm->prepare_lock);
	if (likely(!vma->anon_vma)) {
		sync_point_on("prepare.checked", anon_vma);
		anon_vma_list_add(anon_vma, vma);
		sync_point_on("prepare.linked", anon_vma);
		/*
		 * write barrier: as in prepare_modern(), pairs with the dependencies in
		 * find_mergeable_anon_vma(), page_set_anon_rmap() and, through page->mapping,
		 * anon_vma_lock_v0(); orders the constructor's and the list's stores before the
		 * pointer; tests: litmus.C2-wmb+depends, litmus.C3-wmb+data+depends
		 */
		smp_wmb();
		WRITE_ONCE(vma->anon_vma, anon_vma);
		sync_point_on("prepare.published", anon_vma);
		allocated = NULL;
	}
	spin_unlock(&mm->prepare_lock);
	if (locked)
		spin_unlock(&locked->lock);
	if (allocated)
		anon_vma_free(allocated);
	return 0;
}

static const struct anon_vma_ops ops = {
	.name = "v1",
	.prepare = prepare_v1,
	.prepare_always = true,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v1, TEST_MANUAL) = {
	.id = "V1",
	.author = "Nick Piggin",
	.date = "2008-10-16",
	.what = "V0, but link, write barrier, publish",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = { EXPECT_CLEAN,
			"linked before published: nobody finds the list without the area" },
		[MECH_REUSE] = { EXPECT_CAUGHT,
			"the new object's list is changed while a stale locker holds it" },
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = ALPHA,
	},
	.publish = EDGE_WMB,
	.seen = true,
	.catches = {
		{ " stale-first ", BY(LIST_UNLOCKED) },
	},
};
