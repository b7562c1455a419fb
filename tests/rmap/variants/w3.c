/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * W3: V7 without V6: the RCU reader ends once the lock is held, and nobody looks at page_mapped()
 * again. Linux had it so before Christoph Lameter had the reader extended to the unlock, as Dickins
 * recalls on 21 October 2008. Against V7.
 *
 * Wrong: the anon_vma may have been dead when the lock was taken; with the reader gone, nothing
 * keeps its memory.
 *
 *	reclaim, by a page that is being unmapped	exit
 *	rcu_read_lock()
 *	page_mapped() ? yes
 *							unmap, unlink, free
 *	lock it: dead
 *	rcu_read_unlock()
 *							the cache gives the slab page back
 *							grace period: it becomes something else
 *	walk whatever is there
 *	unlock whatever is there
 *
 * With classic RCU it comes right by chance: who holds a spinlock cannot be preempted, and so his
 * CPU holds the grace period off, reader or not. Preemptible RCU asks for readers alone.
 *
 * Shown by rmap.w3.release with rcu=preempt, rmap.w3.free.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <mm/slab.h>

#include "variant.h"

static struct anon_vma *lock_w3(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	anon_vma = anon_vma_of(READ_ONCE(page->mapping));
	sync_point_on("lock.mapping", page);
	if (!anon_vma || !page_mapped(page))
		goto out;
	sync_point_on("lock.mapped", page);
	spin_lock(&anon_vma->lock);
	sync_point_on("lock.locked", anon_vma);
	rcu_read_unlock();
	sync_point_on("lock.released", anon_vma);
	return anon_vma;
out:
	rcu_read_unlock();
	return NULL;
}

static const struct anon_vma_ops ops = {
	.name = "w3",
	.prepare = anon_vma_prepare_v5,
	.lock = lock_w3,
	.unlock = anon_vma_unlock_v7,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(w3, TEST_MANUAL) = {
	.id = "W3",
	.author = "before Christoph Lameter's change",
	.date = "",
	.what = "V7 without the second look at page_mapped()",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = { EXPECT_CAUGHT,
			"nothing keeps the memory of a dead anon_vma whose lock is held; "
			"with classic RCU the holder's CPU holds the grace period off",
			.preempt_only = true },
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
	.catches = {
		{ " held ", BY(LOCK_FREED), LOOKS(REFERENCED) | LOOKS(SWAP), .preempt_only = true },
		/* It leaves the reader that kept the memory, and may not be quick enough. */
		{ " unmapped ", BY(LOCK_FREED), .preempt_only = true, .maybe = true },
	},
};
