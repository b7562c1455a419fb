/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What address spaces have in their tables: copied by fork, restricted by mprotect, dropped by
 * unmapping. Faults fill them: mm/memory_fault.c. Who may change entries and tables, and how both
 * are found: mm/pgtable_user.c.
 *
 * The references that the entries had to their pages are dropped only after no TLB can hold a
 * translation to them: entries are cleared, the TLBs flushed, and then (struct zap) the page may be
 * freed, or be another space's own, which writes to it in place (tests: mm.zap_put):
 *
 *	munmap here			write fault in another space	a read here
 *	entry cleared
 *	references 2 -> 1
 *					1: reuse
 *					write to the page
 *									sees that write
 *	flush
 *
 * The mapcount drops before page_table_lock is released, for try_to_unmap() takes a page that is
 * mapped for one that has entries.
 */
#include <arch/pgtable_user.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/memory.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/tlb.h>
#include <mm/tlb_batch.h>
#include <mm/vma.h>

#include "internal.h"

struct page *zero_page;

int memory_init(void)
{
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	return zero_page ? 0 : -ENOMEM;
}

bool pte_is_zero_page(pteval_t pte)
{
	return pte_phys(pte) == page_to_phys(zero_page);
}

/* ---- unmapping ---- */

#define ZAP_BATCH   128	 /* pages */
#define ZAP_ENTRIES 4096 /* so many are looked at, about, before page_table_lock is let go */

/*
 * Pages whose entries were cleared. From the first entry to zap_flush() page_table_lock is held,
 * over several leaf tables if need be: where few pages are mapped, one flush for all of them.
 */
struct zap {
	struct mm_struct *mm;
	bool exit;		  /* no CPU uses the space, and its TLB entries are gone already */
	bool early;		  /* BUSTED_ZAP_PUT_EARLY */
	bool locked;		  /* by us: page_table_lock */
	bool absent;		  /* an entry was neither none nor present, since it is */
	unsigned long looked;	  /* entries, since it is */
	unsigned long start, end; /* to be flushed */
	unsigned int nr;
	struct page *pages[ZAP_BATCH];
};

static void zap_begin(struct zap *z)
{
	if (z->locked)
		return;
	spin_lock(&z->mm->page_table_lock);
	z->locked = true;
	z->absent = false;
	z->looked = 0;
	z->start = ~0UL;
	z->end = 0;
	z->nr = 0;
}

/*
 * What was present, and what reclaim or migration may have taken out and not flushed yet. The pages
 * go to others behind it. tests: translation.Reuse.W+flush, translation.MP.shoot+flush+mb
 */
static void zap_flush_tlb(const struct zap *z)
{
	if (z->exit || (z->absent && tlb_flush_due(z->mm)))
		return;
	if (z->start < z->end)
		tlb_flush_range(z->mm, z->start, z->end);
}

/* After the flush no TLB knows the pages: the mapcounts drop, and then the references. */
static void zap_flush(struct zap *z)
{
	if (!z->locked)
		return;
	sync_point_on("zap.cleared", z->mm);
	zap_flush_tlb(z);
	for (unsigned int i = 0; i < z->nr; i++)
		page_remove_rmap(z->pages[i]);
	spin_unlock(&z->mm->page_table_lock);
	sync_point_on("zap.unlocked", z->mm);
	z->locked = false;
	put_anon_pages(z->pages, z->nr);
}

/* One entry that is not none. Caller holds page_table_lock. */
static void zap_pte(struct zap *z, pteval_t *ptep, unsigned long addr)
{
	struct mm_struct *mm = z->mm;
	pteval_t pte;
	struct page *page;

	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	pte = ptep_get_and_clear(ptep);
	if (!pte_present(pte)) {
		z->absent = true;
		swap_free_pte(pte);
		mm_add_rss(mm, 0, -1);
		return;
	}
	z->start = MIN(z->start, addr);
	z->end = addr + PAGE_SIZE;
	if (pte_is_zero_page(pte))
		return;
	page = phys_to_page(pte_phys(pte));
	mm_add_rss(mm, -1, 0);
	if (unlikely(z->early)) {
		page_remove_rmap(page);
		put_anon_page(page);
		return;
	}
	z->pages[z->nr++] = page;
}

static int zap_leaf(void *arg, pteval_t *ptep, unsigned long addr, unsigned long end)
{
	struct zap *z = arg;

	while (addr < end) {
		unsigned long first = addr;

		zap_begin(z);
		for (; addr < end && z->nr < ZAP_BATCH; addr += PAGE_SIZE, ptep++)
			if (!pte_none(READ_ONCE(*ptep)))
				zap_pte(z, ptep, addr);
		z->looked += (addr - first) >> PAGE_SHIFT;
		if (z->nr == ZAP_BATCH || z->looked >= ZAP_ENTRIES)
			zap_flush(z);
	}
	return 0;
}

void unmap_vmas(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct zap z = {
		.mm = mm,
		.exit = !READ_ONCE(mm->mm_users),
		.early = busted(BUSTED_ZAP_PUT_EARLY),
	};

	BUG_IF(!mm_is_mine(mm), "mm %u", mm->id);
	mm_for_each_leaf(mm, start, end, zap_leaf, &z);
	zap_flush(&z);
}

void free_pgtables(struct mm_struct *mm, struct list_head *vmas, unsigned long floor,
		   unsigned long ceiling)
{
	struct vm_area_struct *vma;

	BUG_IF(!mm_is_mine(mm), "mm %u", mm->id);
	if (list_empty(vmas))
		return;
	list_for_each_entry(vma, vmas, vm_list)
	{
		if (vma->anon_vma)
			anon_vma_unlink(vma);
	}
	sync_point_on("exit.unlinked", mm);
	free_tables(mm, list_first_entry(vmas, struct vm_area_struct, vm_list)->vm_start,
		    list_last_entry(vmas, struct vm_area_struct, vm_list)->vm_end, floor, ceiling);
}

/* ---- fork ---- */

struct copy {
	struct mm_struct *dst, *src;
};

/* One entry that is not none. Both page_table_locks are held. */
static void copy_pte(const struct copy *c, pteval_t *dstp, pteval_t *srcp)
{
	pteval_t pte = ptep_get(srcp);
	struct page *page;

	BUG_ON(!spin_is_mine(&c->src->page_table_lock) || !spin_is_mine(&c->dst->page_table_lock));
	if (!pte_present(pte)) {
		ptep_set(dstp, swap_dup_pte(srcp));
		mm_add_rss(c->dst, 0, 1);
		return;
	}
	if (pte_write(pte)) {
		ptep_set_wrprotect(srcp);
		pte = pte_wrprotect(pte);
	}
	if (!pte_is_zero_page(pte)) {
		page = phys_to_page(pte_phys(pte));
		get_page(page);
		page_dup_rmap(page);
		mm_add_rss(c->dst, 1, 0);
	}
	ptep_set(dstp, pte);
}

static int copy_leaf(void *arg, pteval_t *srcp, unsigned long addr, unsigned long end)
{
	const struct copy *c = arg;
	pteval_t *dstp = pte_alloc(c->dst, addr);

	if (!dstp)
		return -ENOMEM;
	/*
	 * Without the locks, for which pte_alloc() had no use yet, the parent's entries may have
	 * changed (reclaim, migration), and are read only now; the child's are none: nobody else
	 * enters pages there, and the reverse map changes only entries of pages. The child's space
	 * is known to no thread but by the rmap, so nobody else takes two of these locks.
	 */
	spin_lock(&c->dst->page_table_lock);
	spin_lock(&c->src->page_table_lock);
	for (; addr < end; addr += PAGE_SIZE, srcp++, dstp++)
		if (!pte_none(READ_ONCE(*srcp)))
			copy_pte(c, dstp, srcp);
	spin_unlock(&c->src->page_table_lock);
	spin_unlock(&c->dst->page_table_lock);
	return 0;
}

int copy_page_range(struct mm_struct *dst, struct mm_struct *src, struct vm_area_struct *vma)
{
	struct copy c = { dst, src };

	BUG_IF(!mm_is_mine(dst) || !mm_is_mine(src), "mm %u of mm %u", dst->id, src->id);
	return mm_for_each_leaf(src, vma->vm_start, vma->vm_end, copy_leaf, &c);
}

/* ---- protection ---- */

struct protect {
	struct mm_struct *mm;
	unsigned long vm_flags;
};

/* What the area permits to an entry as it is: no more writing than it had. */
static pteval_t pte_restrict(pteval_t pte, unsigned long vm_flags)
{
	unsigned int flags = 0;

	if (pte_write(pte) && (vm_flags & VM_WRITE))
		flags |= PTE_USER_WRITE;
	if (vm_flags & VM_EXEC)
		flags |= PTE_USER_EXEC;
	if (!(vm_flags & VM_ACCESS))
		flags |= PTE_USER_NONE;
	return pte_modify(pte, flags);
}

/* Caller holds page_table_lock. Writing again comes by faults, which know who else has the page. */
static void protect_pte(const struct protect *p, pteval_t *ptep)
{
	pteval_t old;

	BUG_IF(!spin_is_mine(&p->mm->page_table_lock), "mm %u", p->mm->id);
	do {
		old = ptep_get(ptep);
		if (!pte_present(old))
			return;
		sync_point_on("mprotect.read", ptep); /* the MMU may set bits yet */
	} while (ptep_cmpxchg(ptep, old, pte_restrict(old, p->vm_flags)) != old);
}

static int protect_leaf(void *arg, pteval_t *ptep, unsigned long addr, unsigned long end)
{
	const struct protect *p = arg;

	spin_lock(&p->mm->page_table_lock);
	for (; addr < end; addr += PAGE_SIZE, ptep++)
		protect_pte(p, ptep);
	spin_unlock(&p->mm->page_table_lock);
	return 0;
}

/*
 * Whatever has changed: of entries that are not present a flush may be due (mm/tlb_batch.c).
 * tests: translation.MP.ro+flush+mb
 */
void change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct protect p = { vma->vm_mm, vma->vm_flags };

	BUG_IF(!mm_is_held(vma->vm_mm), "mm %u", vma->vm_mm->id);
	mm_for_each_leaf(vma->vm_mm, start, end, protect_leaf, &p);
	sync_point_on("mprotect.changed", vma);
	tlb_flush_range(vma->vm_mm, start, end);
}
