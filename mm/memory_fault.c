/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults, from an area that permits the access down to the entry: a new page, the zero page, a copy
 * on write, the last user's taking over, a bit that software must set, what was in swap, or nothing
 * at all, since another thread was first or a TLB is behind.
 *
 * The caller holds mmap_sem for reading, so areas and tables stay; the entry may change until
 * page_table_lock is held. Hence each kind of fault does what may sleep first, and then, with the
 * lock, looks whether the entry still is what it was (fault_lock()). If not, nothing is done, and
 * the access is tried again.
 *
 * An entry that is the same does not say that nothing happened. This was wrong, while a last mapper
 * was known by the mapcount alone:
 *
 *	write to word 0			write to word 1		reclaim, then a read
 *	entry is P, read-only:
 *	reference to P; unlock
 *	copy P
 *					mapcount 1: in place
 *								P to the swap cache
 *								entry -> slot
 *								P found: entry -> P, read-only
 *	lock: entry is the same
 *	entry -> copy: word 1 is lost
 *
 * Now what is taken from the entry without the lock holds as long as the fault needs it:
 *
 *	none		nothing was ever written there: mmap_sem keeps unmapping away, and nothing
 *			else makes an entry none for longer than it holds the lock
 *	zero page	its contents never change
 *	P, permitted	the value says it all, and is looked at under the lock
 *	slot		the page lock keeps slot and page together: do_swap_page()
 *	migration	the value names what is moved now: migration_entry_wait()
 *	P, read-only	is copied with a reference, taken under the lock while the entry was there:
 *
 *	(1) Nobody writes to P. An entry comes to permit writing when its reference is the only one
 *	    (a new page; page_can_reuse(); do_swap_page()). Another entry of the page then comes by
 *	    fork, which takes the permission away, or from swap, to which the first one went. So no
 *	    entry permits writing when the copier takes his reference, and none will while he has
 *	    it. (Migration makes a writable entry only of one that was.)
 *	(2) P is not freed: no frame that the address gets meanwhile, for a copy, from swap or by
 *	    migration, is P. Only P itself can come back, with the contents that were copied.
 *
 * Tests: mm.entry_same_race; mm.entry_same_twin is the race above.
 *
 * The references of others (reclaim has isolated the page; somebody has found it in the swap cache,
 * or waits for its lock) cost a copy where the page could have been taken over, and no more: who
 * copies waits for nobody, and finds the entry changed only if another fault got on, or reclaim or
 * migration came to the page. If that was for the copier's own allocation, the page is in the swap
 * cache for his next attempt, which takes it over without a copy.
 *
 * Lock order: docs/locking.md.
 */
#include <arch/pgtable_user.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/fault.h>
#include <mm/lru.h>
#include <mm/memory.h>
#include <mm/migrate.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/swapops.h>
#include <mm/tlb.h>
#include <mm/vmstat.h>

#include "internal.h"

/* What a fault is about. */
struct fault {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long address; /* of the page */
	pteval_t *ptep;
	pteval_t orig; /* the entry as it was found, without the lock */
	enum fault_access access;
};

static bool fault_writes(const struct fault *f)
{
	return f->access == FAULT_WRITE;
}

/* Take page_table_lock if the entry is still what was found; else the access is tried again. */
static bool fault_lock(const struct fault *f)
{
	spin_lock(&f->mm->page_table_lock);
	if (likely(ptep_get(f->ptep) == f->orig))
		return true;
	spin_unlock(&f->mm->page_table_lock);
	mm_fault_count(MM_FAULT_SPURIOUS);
	return false;
}

static void fault_unlock(const struct fault *f)
{
	spin_unlock(&f->mm->page_table_lock);
}

/* Set an entry that is none: ptep_set() orders the contents of the page before it. */
static void fault_set_pte(const struct fault *f, pteval_t pte)
{
	BUG_ON(!spin_is_mine(&f->mm->page_table_lock));
	ptep_set(f->ptep, pte);
	tlb_pte_added(f->mm, f->address);
}

/* A page of one's own takes the place of none or of a read-only entry, which is cleared before. */
static void fault_install(const struct fault *f, struct page *page)
{
	page_add_new_anon_rmap(page, f->vma, f->address);
	fault_set_pte(f, vma_make_pte(f->vma, page, true));
	lru_cache_add(page);
}

static int do_anonymous_page(const struct fault *f)
{
	struct page *page;

	if (!fault_writes(f)) {
		if (!fault_lock(f))
			return 0;
		fault_set_pte(f, vma_make_pte(f->vma, zero_page, false));
		fault_unlock(f);
		mm_fault_count(MM_FAULT_ZERO);
		return 0;
	}
	if (anon_vma_prepare(f->vma))
		return -ENOMEM;
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	sync_point_on("fault.allocated", page);
	if (!fault_lock(f)) {
		__free_page(page);
		return 0;
	}
	mm_add_rss(f->mm, 1, 0);
	fault_install(f, page);
	fault_unlock(f);
	mm_fault_count(MM_FAULT_ANON);
	return 0;
}

/* Write to the entry what software must set where hardware does not; it may change meanwhile. */
static void fault_update_flags(const struct fault *f, bool write)
{
	pteval_t old, new;

	BUG_ON(!spin_is_mine(&f->mm->page_table_lock));
	do {
		old = ptep_get(f->ptep);
		/* What names a slot has no flags, even if all those bits are set in it already. */
		BUG_ON(!pte_present(old));
		new = pte_mkyoung(old);
		if (write)
			new = pte_mkdirty(pte_mkwrite(new));
	} while (new != old && ptep_cmpxchg(f->ptep, old, new) != old);
	/*
	 * The TLB of this CPU may hold the narrower entry that faulted. Other CPUs that do will
	 * fault too, and come here.
	 */
	tlb_fix_fault(f->mm, f->address);
}

/*
 * The old page's entry is no more. The order in cow_copy():
 *
 *	the old entry is cleared and flushed	no CPU reads the old page by it any more
 *	the new one is set
 *	the old page's mapcount drops		not after page_table_lock is free: try_to_unmap()
 *	its references drop			not before the flush: another space's write fault
 *						that finds its reference the only one writes in
 *						place, while we would still read the page
 *						(mm.cow_put_twin):
 *
 *	write fault here		write fault there		a read here
 *	references 3 -> 1
 *					1: reuse
 *					write to the page
 *									sees that write
 *	entry -> copy
 */
static void cow_put_old(struct page *old)
{
	put_anon_page(old); /* the entry's reference */
	put_anon_page(old); /* the copier's */
}

/* Copy @old, of which the caller has a reference that goes, or the zero page, for a write. */
static int cow_copy(const struct fault *f, struct page *old)
{
	bool early = old && busted(BUSTED_COW_PUT_EARLY);
	struct page *page = NULL;

	if (anon_vma_prepare(f->vma))
		goto oom;
	page = alloc_page(old ? GFP_KERNEL : GFP_KERNEL | __GFP_ZERO);
	if (!page)
		goto oom;
	if (old)
		memcpy(page_address(page), page_address(old), PAGE_SIZE);
	sync_point_on("cow.copied", page);
	if (!fault_lock(f)) {
		__free_page(page);
		if (old)
			put_anon_page(old);
		return 0;
	}
	if (unlikely(early)) {
		page_remove_rmap(old);
		cow_put_old(old);
		old = NULL;
	}
	sync_point_on("cow.locked", page);
	/* Break, flush, make; tests: translation.BBM+flush+mb, translation.Reuse.R+flush */
	ptep_get_and_clear(f->ptep);
	if (!busted(BUSTED_COW_NO_FLUSH))
		tlb_flush_page(f->mm, f->address);
	if (pte_is_zero_page(f->orig))
		mm_add_rss(f->mm, 1, 0);
	fault_install(f, page);
	if (old)
		page_remove_rmap(old);
	sync_point_on("cow.done", page);
	fault_unlock(f);
	mm_fault_count(MM_FAULT_COW);
	if (old)
		cow_put_old(old);
	return 0;
oom:
	if (old)
		put_anon_page(old);
	return -ENOMEM;
}

/* A write to a present entry that is read-only, in an area that permits writing. */
static int do_wp_page(const struct fault *f)
{
	struct page *page;

	if (pte_is_zero_page(f->orig))
		return cow_copy(f, NULL);
	if (!fault_lock(f))
		return 0;
	page = phys_to_page(pte_phys(f->orig));
	if (page_can_reuse(page)) {
		fault_update_flags(f, true);
		fault_unlock(f);
		mm_fault_count(MM_FAULT_REUSE);
		return 0;
	}
	get_page(page);
	fault_unlock(f);
	return cow_copy(f, page);
}

/* An entry that is neither none nor present: bring its page back, or wait until that was moved. */
static int do_swap_page(const struct fault *f)
{
	u64 slot = swp_value(f->orig);
	struct page *page;
	bool write;
	int err;

	mm_fault_count(MM_FAULT_SWAP);
	if (pte_is_migration(f->orig)) {
		migration_entry_wait(f->mm, f->ptep, f->orig);
		return 0;
	}
	err = swap_get_page(slot, &page);
	if (err)
		return err == -EAGAIN ? 0 : err;
	/*
	 * Since it was read, without the lock, the entry may have changed and come back, and the
	 * slot have been free and taken again: the last one freed is the next one taken. Still, who
	 * names the slot now means this page, which has it now, and keeps it as long as it is
	 * locked.
	 */
	if (!fault_lock(f))
		goto out;
	write = swap_entry_ends(slot, page, fault_writes(f));
	mm_add_rss(f->mm, 1, -1);
	/* The entry's reference may be gone, by a COW fault, before we unlock the page. */
	get_page(page);
	page_add_anon_rmap(page, f->vma, f->address);
	fault_set_pte(f, vma_make_pte(f->vma, page, write));
	fault_unlock(f);
	reclaim_count(RECLAIM_SWAPPED_IN);
	sync_point_on("swapin.mapped", page);
out:
	unlock_page_trim(page);
	put_anon_page(page);
	return 0;
}

/* The entry permits the access: only a flag is missing, or a TLB is behind. */
static int do_permitted(const struct fault *f)
{
	bool flags = !pte_young(f->orig) || (fault_writes(f) && !pte_dirty(f->orig));

	if (!fault_lock(f))
		return 0;
	fault_update_flags(f, fault_writes(f));
	fault_unlock(f);
	mm_fault_count(flags ? MM_FAULT_FLAGS : MM_FAULT_SPURIOUS);
	return 0;
}

int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address,
		    enum fault_access access)
{
	struct fault f = {
		.mm = mm,
		.vma = vma,
		.address = address & PAGE_MASK,
		.ptep = pte_alloc(mm, address),
		.access = access,
	};

	if (!f.ptep)
		return -ENOMEM;
	f.orig = ptep_get(f.ptep);
	sync_point_on("fault.found", mm);
	if (pte_none(f.orig))
		return do_anonymous_page(&f);
	if (!pte_present(f.orig))
		return do_swap_page(&f);
	if (fault_writes(&f) && !pte_write(f.orig))
		return do_wp_page(&f);
	return do_permitted(&f);
}
