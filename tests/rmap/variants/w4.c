/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W4: nobody's patch: V5 on a cache whose pages do not wait for RCU, to show what the flag does;
 * against V5, of which it changes the cache alone.
 *
 * Wrong: the look at page_mapped() inside the RCU reader says that the anon_vma was alive, and now
 * nothing keeps its memory from becoming something else at once:
 *
 *	reclaim, by a page that is being unmapped	exit
 *	rcu_read_lock()
 *	page_mapped() ? yes
 *							unmap, unlink, free
 *							the cache gives the slab page back:
 *							it becomes a page table
 *	lock: an increment in a page table
 *
 * Shown by rmap.w4.release, rmap.w4.free.
 */
#include "variant.h"

static const struct anon_vma_ops ops = {
	.name = "w4",
	.prepare = anon_vma_prepare_v5,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = 0,
};

ANON_VMA_VARIANT(w4, TEST_MANUAL) = {
	.id = "W4",
	.author = "for comparison",
	.date = "",
	.what = "V5 on a cache whose pages do not wait for RCU",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = { EXPECT_CAUGHT,
			"takes a lock in memory that went back while the reader looked" },
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " unmapped ", BY(LOCK_TYPE) },
		{ " held ", BY(LOCK_FREED) },
		/* Migration comes for the lock again, in a reader that its memory ignores. */
		{ " mapped ", BY(LOCK_TYPE) | BY(LOCK_FREED), LOOKS(MIGRATE), .maybe = true },
	},
};
