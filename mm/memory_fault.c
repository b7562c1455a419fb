/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults, from an area that permits the access down to the entry: a new page, the zero page, a copy
 * on write, the last user's taking over, a bit that software must set, or nothing at all, since
 * another thread was first or a TLB is behind. What is in swap: mm/swap.c.
 *
 * The caller holds mmap_sem for reading, so areas and tables stay; the entry may change until
 * page_table_lock is held. Hence each kind of fault does what may sleep first, and then, with the
 * lock, looks whether the entry still is what it was (fault_lock()). If not, nothing is done, and
 * the access is tried again.
 *
 * Lock order: see mm/mm.h.
 */
#include <arch/pgtable_user.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/sync_point.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/tlb.h>

#include "internal.h"

/* What a fault is about. */
struct fault {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long address; /* of the page */
	pteval_t *ptep;
	pteval_t orig; /* the entry as it was found, without the lock */
	bool write;
};

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

	if (!f->write) {
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
	f->mm->anon_rss++;
	fault_install(f, page);
	fault_unlock(f);
	mm_fault_count(MM_FAULT_ANON);
	return 0;
}

/* Write to the entry what software must set where hardware does not; it may change meanwhile. */
static void fault_update_flags(const struct fault *f, bool write)
{
	pteval_t old, new;

	do {
		old = ptep_get(f->ptep);
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
 * Copy @old (or the zero page) for a write. The order of the steps under the lock:
 *
 *	the old entry is cleared and flushed	no CPU reads the old page by it any more
 *	the new one is set
 *	the old page's mapcount drops		not before: another space's write fault that then
 *						finds itself the only mapper writes in place,
 *						while we would still read the page:
 *
 *	write fault here		write fault there		a read here
 *	mapcount 2 -> 1
 *					mapcount 1: reuse
 *					write to the page
 *									sees that write
 *	entry -> copy
 */
static int cow_copy(const struct fault *f, struct page *old)
{
	bool early = READ_ONCE(mm_busted) & MM_BUSTED_MAPCOUNT_EARLY;
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
	if (old && early)
		page_remove_rmap(old);
	sync_point_on("cow.locked", page);
	ptep_get_and_clear(f->ptep);
	if (!(READ_ONCE(mm_busted) & MM_BUSTED_COW_NO_FLUSH))
		tlb_flush_page(f->mm, f->address);
	if (!old)
		f->mm->anon_rss++;
	fault_install(f, page);
	if (old && !early)
		page_remove_rmap(old);
	sync_point_on("cow.done", page);
	fault_unlock(f);
	mm_fault_count(MM_FAULT_COW);
	if (old) {
		put_anon_page(old); /* the entry's reference */
		put_anon_page(old); /* ours */
	}
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

/* The entry permits the access: only a flag is missing, or a TLB is behind. */
static int do_permitted(const struct fault *f)
{
	bool flags = !pte_young(f->orig) || (f->write && !pte_dirty(f->orig));

	if (!fault_lock(f))
		return 0;
	fault_update_flags(f, f->write);
	fault_unlock(f);
	mm_fault_count(flags ? MM_FAULT_FLAGS : MM_FAULT_SPURIOUS);
	return 0;
}

int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address,
		    bool write)
{
	struct fault f = {
		.mm = mm,
		.vma = vma,
		.address = address & PAGE_MASK,
		.ptep = pte_alloc(mm, address),
		.write = write,
	};

	if (!f.ptep)
		return -ENOMEM;
	f.orig = ptep_get(f.ptep);
	if (pte_none(f.orig))
		return do_anonymous_page(&f);
	if (!pte_present(f.orig)) {
		mm_fault_count(MM_FAULT_SWAP);
		return do_swap_page(mm, vma, f.address, f.ptep, f.orig, write);
	}
	if (write && !pte_write(f.orig))
		return do_wp_page(&f);
	return do_permitted(&f);
}
