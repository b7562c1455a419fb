/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * V0: Linux 2.6.27, released on 9 October 2008, as the discussion found it.
 *
 * A neighbour's anon_vma is locked while an area is put on its list; a new one is not, as nobody
 * can know it yet. That was true when it was written, and no longer so since anon_vmas are looked
 * up by page->mapping alone, in memory that is used again at once. Three things are wrong.
 *
 * (a) The pointer is published before the area is on the list, and the lock that guards the list is
 * free (Piggin, 16 October). What keeps two prepares in one space apart (there page_table_lock, as
 * page tables have locks of their own; here prepare_lock) does not help: neither the other fault
 * nor the walk comes by it.
 *
 *	first fault		second fault there	reclaim
 *	vma->anon_vma = it
 *				has one: go on
 *				page->mapping = it
 *				entry, LRU
 *							page off the LRU
 *							lock it: free
 *							walk: empty, the entry is missed
 *	list_add()						... or half of a list
 *
 * (b) Memory order: even in the other order the pointer might be seen before the constructor's
 * stores to the lock and the list.
 *
 * (c) Type-safe reuse (Piggin hinted at it, Torvalds spelt it out, 18 October): the new object may
 * be an old one, whose lock somebody holds who came by a page of its former life.
 *
 *	reclaim, by a page that is being unmapped	fault in another space
 *	page_mapped() ? yes
 *							the object is freed and allocated
 *	lock it
 *	walk						list_add(), without the lock
 *
 * Shown by rmap.v0.interleaving (a), rmap.v0.reuse (c), rmap.v0.free; (b) by litmus tests only.
 */
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "variant.h"

static int prepare_v0(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct anon_vma *allocated, *locked;
	struct anon_vma *anon_vma = anon_vma_choose(vma, &allocated);

	if (!anon_vma)
		return -ENOMEM;
	locked = allocated ? NULL : anon_vma;
	if (locked)
		spin_lock(&locked->lock);
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
	if (locked)
		spin_unlock(&locked->lock);
	if (allocated)
		anon_vma_free(allocated);
	return 0;
}

struct anon_vma *anon_vma_lock_v0(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	/*
	 * An address dependency, bare of the barrier that Alpha needs: in V1 and V2, which borrow
	 * this, it pairs with the write barriers in prepare_v1() and make_v2();
	 * tests: litmus.C3-wmb+mb+plain
	 */
	anon_vma = anon_vma_of(READ_ONCE(page->mapping));
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

void anon_vma_unlock_v0(struct anon_vma *anon_vma)
{
	spin_unlock(&anon_vma->lock);
	rcu_read_unlock();
}

static const struct anon_vma_ops ops = {
	.name = "v0",
	.prepare = prepare_v0,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(v0, TEST_MANUAL) = {
	.id = "V0",
	.author = "Linux 2.6.27",
	.date = "2008-10-09",
	.what = "locks a neighbour's anon_vma but no new one; publish, link",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = { EXPECT_CAUGHT,
			"published before linked: a walk misses the entry" },
		[MECH_REUSE] = { EXPECT_CAUGHT,
			"the new object's list is changed while a stale locker holds it" },
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = { EXPECT_UNOBSERVABLE,
			"no barrier before the pointer: wrong on arm64 and riscv64, on "
			"powerpc64 by how the lock taken on the way orders; x86 keeps "
			"stores in order, and so does TCG on it" },
	},
	.publish = EDGE_LOCK, /* page_table_lock's; prepare_lock's here */
	.catches = {
		{ " publish half ", BY(RMAP_INCOMPLETE) },
		{ " walked stale-first stale-amid ", BY(LIST_UNLOCKED) },
		{ " two-insertions ", BY(LIST_UNLOCKED), .maybe = true },
	},
};
