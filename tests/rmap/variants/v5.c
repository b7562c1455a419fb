/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V5: Linus Torvalds, 19 October 2008: what all agreed on by then, and what Linux shipped, as
 * "properly lock even newly allocated entries"; against V0. Linux kept this order of stores until
 * September 2026.
 *
 * The lock is taken of a new anon_vma as well, and that is all: no barrier, and no second look
 * under the lock.
 *
 * Right: V0's (a) and (c), as both are matters of the lock now. A stale holder keeps prepare
 * waiting; a stale locker that comes later walks a list that is not its page's, finds nothing
 * there, and harms nothing (Dickins).
 *
 * Wrong where memory is weak: taking a lock keeps later accesses behind it, not earlier stores
 * before it. Piggin's argument (21 October) was that the store that takes the lock comes after
 * those that initialised it, being to the same word, and that nothing later passes the lock. But
 * an acquire orders its load, not its store: on arm64 and riscv64 the pointer may be seen before
 * the constructor's stores, and before the one that took the lock. On powerpc64 it depends on what
 * the acquire is made of: isync lets it happen, the lwsync of this port orders the stores as well.
 *
 *	first fault			second fault there, or reclaim
 *	constructor: lock = free
 *	lock (acquire)
 *	vma->anon_vma = it
 *					reads it, follows it
 *					lock: not yet initialised
 *
 * x86 keeps stores in order. The barrier came back after eighteen years: V9.
 *
 * Right under rmap.v5.interleaving and rmap.v5.reuse; the hole is litmus.C5-lock+depends.
 */
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

int anon_vma_prepare_v5(struct vm_area_struct *vma)
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
	.name = "v5",
	.prepare = anon_vma_prepare_v5,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v5, TEST_EXTENDED) = {
	.id = "V5",
	.author = "Linus Torvalds",
	.date = "2008-10-19",
	.what = "always locks; publish, link; Linux's order until 2026",
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
