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
#include "variants.h"

const struct anon_vma_ops anon_vma_ops_w4 = {
	.name = "w4",
	.prepare = anon_vma_prepare_v5,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = 0,
};
