/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Migration: what is in a page moves to another frame while it is used.
 *
 * Every entry that maps the page is replaced by a migration entry, which names the old frame and
 * remembers whether the entry permitted writing; the contents are copied; then the migration
 * entries become entries of the new page. A fault on a migration entry waits for the old page's
 * lock. Both pages are locked all the time, and migrate_page() has a reference to each, so that no
 * write fault takes one for its own (page_can_reuse()):
 *
 *	migrate_page()			write fault on another entry of the page
 *	references to old, new
 *	entry 1: mapcount 2 -> 1
 *					the only mapper, but not the only reference: copy
 *	entry 2
 *	copy
 *	entry 1 -> new: mapcount 1
 *					the only mapper, but not the only reference: copy
 *	entry 2 -> new
 *	references dropped
 *
 * The areas that hold migration entries may go meanwhile, and with the last of them the anon_vma.
 * Hence an RCU reader from when the page was seen mapped until the walk that looks for the
 * migration entries: the memory remains an anon_vma, and if it is somebody else's by then the walk
 * finds none.
 */
#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/migrate.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/swapops.h>
#include <mm/tlb_batch.h>
#include <mm/vma.h>
#include <mm/vmstat.h>

#include "internal.h"

struct restore {
	struct page *old, *new;
};

/*
 * If the entry says that @old is being moved, make it one of @new. It need not be one that
 * unmap_one() wrote: fork copies them. But whoever names @old now means this migration, for no
 * other moves @old, which is locked, nor is its frame another page's, as we have a reference.
 */
static int restore_one(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	const struct restore *r = arg;
	struct mm_struct *mm = vma->vm_mm;
	pteval_t *ptep, pte;

	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, address);
	pte = ptep ? ptep_get(ptep) : 0;
	if (pte_is_migration(pte) && swp_value(pte) == page_to_pfn(r->old)) {
		get_page(r->new);
		page_add_anon_rmap(r->new, vma, address);
		mm_add_rss(mm, 1, -1);
		/* Not present before: no TLB knows anything of it. */
		ptep_set(ptep, vma_make_pte(vma, r->new, swp_kind(pte) == SWP_MIGRATE_WRITE));
	}
	spin_unlock(&mm->page_table_lock);
	return 0;
}

static void restore_entries(struct anon_vma *anon_vma, struct page *old, struct page *new)
{
	struct restore r = { old, new };

	if (!anon_vma)
		return;
	/* Nothing else keeps it an anon_vma: see the head of this file. */
	rcu_check_reader("restore_entries()");
	spin_lock(&anon_vma->lock);
	rmap_walk(anon_vma, new, restore_one, &r);
	spin_unlock(&anon_vma->lock);
}

/* No CPU can use an entry of @page on return; after a failure none of those that are gone. */
static int unmap_and_flush(struct page *page)
{
	struct tlb_batch batch = { .nr = 0 };
	int err = try_to_unmap(page, TTU_MIGRATE, &batch);

	tlb_batch_flush(&batch);
	return err;
}

/* Both are locked, @page is isolated. Does not sleep. 0 or -EAGAIN. */
static int move_page(struct page *page, struct page *new)
{
	struct anon_vma *anon_vma;
	int err = -EAGAIN;

	rcu_read_lock();
	anon_vma = page_lock_anon_vma(page);
	if (anon_vma)
		page_unlock_anon_vma(anon_vma);
	if (!anon_vma && !page_test_flag(page, PG_swapcache))
		goto out; /* nobody uses it any more */
	if (anon_vma && unmap_and_flush(page)) {
		restore_entries(anon_vma, page, page);
		goto out;
	}
	sync_point_on("migrate.unmapped", page);
	memcpy(page_address(new), page_address(page), PAGE_SIZE);
	new->index = page->index;
	WRITE_ONCE(new->mapping, page->mapping);
	swap_cache_move(page, new);
	sync_point_on("migrate.copied", page);
	restore_entries(anon_vma, page, new);
	sync_point_on("migrate.restored", page);
	err = 0;
out:
	rcu_read_unlock();
	return err;
}

int migrate_page(struct page *page)
{
	struct page *new;
	bool locked;
	int err;

	might_sleep("migrate_page()");
	if (!lru_isolate_page(page))
		return -EAGAIN;
	new = alloc_page(GFP_KERNEL);
	if (!new) {
		putback_lru_page(page);
		return -ENOMEM;
	}
	lock_page(page);
	locked = trylock_page(new);
	BUG_ON(!locked);
	err = move_page(page, new);
	if (err) {
		unlock_page_trim(page);
		putback_lru_page(page);
		unlock_page(new);
		__free_page(new);
		return err;
	}
	lru_cache_add(new);
	unlock_page_trim(new);
	put_anon_page(new);
	unlock_page(page); /* and wake the faults that wait for it */
	put_anon_page(page);
	reclaim_count(RECLAIM_MIGRATED);
	return 0;
}

void migration_entry_wait(struct mm_struct *mm, pteval_t *ptep, pteval_t orig)
{
	struct page *page = NULL;

	spin_lock(&mm->page_table_lock);
	if (ptep_get(ptep) == orig) {
		/*
		 * While the entry is there, migrate_page() has a reference to the old page. It may
		 * not be the migration that was there when the entry was read, without the lock: to
		 * wait for this one is as right.
		 */
		page = pfn_to_page(swp_value(orig));
		get_page(page);
	}
	spin_unlock(&mm->page_table_lock);
	if (!page)
		return;
	sync_point_on("migrate.wait", page);
	wait_on_page_locked(page);
	put_anon_page(page);
}
