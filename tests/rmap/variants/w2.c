/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W2: a side note of Linus Torvalds on V2, 18 October 2008: it would be cheaper to initialise the
 * lock of a new anon_vma as held than to take it. Piggin answers that the cache forbids it, and
 * that answer opened the question of type-safe reuse. Against V5.
 *
 * Wrong: the object is new, but its memory may be an anon_vma's of a moment ago, and its lock in
 * somebody's hands. To initialise it takes it away from him:
 *
 *	reclaim, by a page that is being unmapped	fault in another space
 *	page_mapped() ? yes
 *							the object is freed and allocated
 *	lock it
 *							lock = held, by me
 *	walk						list_add()
 *	unlock: not mine
 *							unlock: one too many, for ever out of step
 *
 * Shown by rmap.w2.reuse, rmap.w2.free.
 */
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int prepare_w2(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *allocated, *anon_vma = anon_vma_choose(vma, &allocated);

	if (!anon_vma)
		return -ENOMEM;
	if (allocated)
		spin_lock_init_locked(&anon_vma->lock, "anon_vma");
	else
		spin_lock(&anon_vma->lock);
	sync_point_on("prepare.locked", anon_vma);
	spin_lock(&mm->prepare_lock);
	if (likely(!vma->anon_vma)) {
		sync_point_on("prepare.checked", anon_vma);
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

static const struct anon_vma_ops ops = {
	.name = "w2",
	.prepare = prepare_w2,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(w2, TEST_MANUAL) = {
	.id = "W2",
	.author = "Linus Torvalds",
	.date = "2008-10-18",
	.what = "V5, but a new anon_vma is initialised as locked",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = { EXPECT_CAUGHT,
			"overwrites the lock that a stale locker holds" },
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = { EXPECT_CLEAN,
			"as long as nobody is robbed of the lock: see reuse" },
		[MECH_ORDERING] = { EXPECT_UNOBSERVABLE,
			"nothing but prepare_lock stands between the constructor's stores "
			"and the pointer: wrong on arm64 and riscv64, on powerpc64 by how "
			"a lock is taken; x86 keeps stores in order, and TCG on it" },
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " stale-first ", BY(LOCK_STOLEN) },
	},
};
