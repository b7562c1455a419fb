/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V10: nobody's patch: V5 with every single anon_vma freed by way of RCU, for comparison; against
 * V5, of which it changes the cache alone.
 *
 * An anon_vma is given out again only when no reader can hold a pointer to it any more, so a locker
 * may find it dead, with an empty list, but never somebody else's:
 *
 *	reclaim, by a page that is being unmapped	exit
 *	rcu_read_lock()
 *	page_mapped() ? yes
 *							unmap, unlink, free: waits for readers
 *	lock it: dead, but nobody else's
 *	walk: empty
 *	unlock
 *	rcu_read_unlock()
 *							now it may be allocated
 *
 * Right, and simpler to think about. Dearer: each object carries an rcu_head, and waits for a grace
 * period, cold, while new ones are made; processes come and go faster than that. Hence the flag by
 * which only the pages of the cache wait, and all that follows from it. prepare is V5's, with its
 * hole where memory is weak.
 *
 * Right under rmap.v10.reuse: the object is not taken into use again while a reader looks.
 */
#include <mm/slab.h>

#include "variant.h"

static const struct anon_vma_ops ops = {
	.name = "v10",
	.prepare = anon_vma_prepare_v5,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_FREE_BY_RCU,
};

ANON_VMA_VARIANT(v10, TEST_EXTENDED) = {
	.id = "V10",
	.author = "for comparison",
	.date = "",
	.what = "V5, and each anon_vma is freed after a grace period",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = { EXPECT_CLEAN,
			"not taken into use again while a reader may know it" },
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
};
