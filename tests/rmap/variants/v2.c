/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V2: Linus Torvalds, 18 October 2008, in answer to V1; against V0.
 *
 * The lock is taken whether the anon_vma is a neighbour's or new; the pointer is published before
 * the area is on the list, as in V0, but behind a write barrier; and every caller passes a
 * dependency barrier on the way out. The list is a matter of the lock alone:
 *
 *	first fault		second fault there	reclaim
 *	lock
 *	write barrier
 *	vma->anon_vma = it
 *				has one: go on
 *				page->mapping = it
 *				entry, LRU
 *							page off the LRU
 *							lock: waits
 *	list_add()
 *	unlock
 *							walk: finds the area
 *
 * Right: V0's (a) and, though it was not yet seen, (c): a holder from the object's former life
 * keeps prepare waiting. The write barrier also does what V5 leaves out.
 *
 * Wrong: on Alpha, the dependency barrier is on the wrong CPU, as in V1. Who finds a stale object
 * is not noticed (V6), which does no harm.
 *
 * Right under rmap.v2.interleaving and rmap.v2.reuse.
 */
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int make_v2(struct vm_area_struct *vma)
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
		 * write barrier: as in prepare_modern(), pairs with the dependencies in
		 * find_mergeable_anon_vma(), page_set_anon_rmap(), prepare_v2() and, through
		 * page->mapping, anon_vma_lock_v0(); orders the constructor's stores before the
		 * pointer; tests: litmus.C2-wmb+depends, litmus.C3-wmb+data+depends
		 */
		smp_wmb();
		WRITE_ONCE(vma->anon_vma, anon_vma);
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

static int prepare_v2(struct vm_area_struct *vma)
{
	int err = READ_ONCE(vma->anon_vma) ? 0 : make_v2(vma);

	if (err)
		return err;
	/*
	 * dependency: pairs with the write barrier in make_v2(); meant to order the pointer before
	 * what is read through it, but reclaim reads on another CPU; tests: litmus.C3-wmb+mb+plain
	 */
	smp_read_barrier_depends();
	return 0;
}

static const struct anon_vma_ops ops = {
	.name = "v2",
	.prepare = prepare_v2,
	.prepare_always = true,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v2, TEST_EXTENDED) = {
	.id = "V2",
	.author = "Linus Torvalds",
	.date = "2008-10-18",
	.what = "always locks; write barrier, publish, link",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = ALPHA,
	},
	.publish = EDGE_WMB,
	.seen = true,
};
