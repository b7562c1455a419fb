/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reverse map of anonymous memory, after Linux 2.6.27's, in the form that is safe today.
 *
 * Who frees what: an anon_vma is made by anon_vma_prepare() for an area without one, shared by fork
 * (anon_vma_link()), split and merge, and freed by anon_vma_unlink() of the last area on its list.
 * page->mapping of every page that one of these areas ever mapped keeps naming it, until the page
 * is freed: a page may outlive the areas, and so its mapping may name memory that has been freed,
 * and taken into use again. That is harmless only because
 *
 *  1. the cache of anon_vmas is type-safe: within a grace period that memory remains an anon_vma,
 *     with a lock that works;
 *  2. page_lock_anon_vma() looks at page_mapped() inside an RCU reader before it touches the lock:
 *     a mapped page has an entry in some area, that area is on the list, so the anon_vma was alive
 *     when the reader had begun;
 *  3. the areas are unlinked after their pages are unmapped: unmap_vmas(), then free_pgtables();
 *  4. it looks again after it has the lock: still mapped means still alive, and under the lock it
 *     stays so. Not mapped any more means that the list may be somebody else's.
 *
 *	reclaim, in page_lock_anon_vma()	exit
 *	rcu_read_lock()
 *	page_mapped() ? yes
 *						unmap_vmas(): page_remove_rmap()
 *						anon_vma_unlink(): last area: anon_vma_free()
 *						(another process:) anon_vma_alloc() -> the same one
 *	spin_lock(): a live lock		spin_lock(), list_add()
 *	page_mapped() ? no: give up
 *
 * A new anon_vma becomes known by the store to vma->anon_vma, to other faults in the same area,
 * which hold mmap_sem for reading like the one that makes it; from these to the pages, and from the
 * pages to reclaim. Hence anon_vma_prepare() holds the lock of the new anon_vma too while it enters
 * the area, so that no walk finds the list without it; and stores the pointer with release, as
 * taking a lock does not keep the constructor's earlier stores before the later one:
 *
 *	first fault		second fault there	reclaim
 *	constructor: lock, list
 *	lock
 *	vma->anon_vma = it  ->	reads it, without a lock
 *				page->mapping = it
 *				page onto the LRU   ->	page off the LRU, reads page->mapping
 *							lock: must be the constructor's
 *	list_add()
 *	unlock						has it: finds the area
 *
 * Lock order: docs/locking.md.
 */
#include <arch/atomic.h>
#include <arch/pgtable_user.h>
#include <kernel/detect.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/swapops.h>
#include <mm/tlb_batch.h>
#include <mm/vma.h>

#include "internal.h"

static const struct anon_vma_ops *anon_vma_ops = &anon_vma_ops_modern;

int rmap_init(void)
{
	return anon_vma_cache_set(anon_vma_ops->cache_flags);
}

int anon_vma_set_ops(const struct anon_vma_ops *ops)
{
	int err = anon_vma_cache_set(ops->cache_flags);

	if (!err)
		WRITE_ONCE(anon_vma_ops, ops);
	return err;
}

const struct anon_vma_ops *anon_vma_get_ops(void)
{
	return anon_vma_ops;
}

/* ---- the list ---- */

/*
 * At the end: a walk that restores entries comes to a parent before its child: fork. Spelled out,
 * so that there is a sync point where an insertion that is not locked can be overtaken.
 */
void anon_vma_list_add(struct anon_vma *anon_vma, struct vm_area_struct *vma)
{
	struct list_head *node = &vma->anon_vma_node, *head = &anon_vma->head, *prev;
	bool reported;

	if (!anon_vma_check(anon_vma, "entered by an area"))
		return;
	reported = !anon_vma_list_check(anon_vma, vma, "entered", vma->anon_vma == anon_vma);
	prev = READ_ONCE(head->prev);
	if (!list_check_add(node, prev, head))
		return;
	node->prev = prev;
	node->next = head;
	sync_point_on("list.half", anon_vma);
	WRITE_ONCE(head->prev, node);
	WRITE_ONCE(prev->next, node);
	anon_vma_list_count(anon_vma, 1);
	/* Who took the lock meanwhile may have walked over our steps. */
	if (!reported)
		anon_vma_list_check(anon_vma, vma, "entered", false);
	event("anon_vma gets an area", anon_vma);
}

bool anon_vma_list_del(struct anon_vma *anon_vma, struct vm_area_struct *vma)
{
	anon_vma_list_check(anon_vma, vma, "removed", true);
	list_del_init(&vma->anon_vma_node);
	anon_vma_list_count(anon_vma, -1);
	event("anon_vma loses an area", anon_vma);
	return anon_vma_list_is_last(anon_vma);
}

/* ---- areas ---- */

int anon_vma_prepare(struct vm_area_struct *vma)
{
	const struct anon_vma_ops *ops = READ_ONCE(anon_vma_ops);
	unsigned int held;
	int err;

	might_sleep("anon_vma_prepare()");
	/* Who goes on to use it depends on this very pointer, read again where it is used. */
	if (likely(READ_ONCE(vma->anon_vma)) && !ops->prepare_always)
		return 0;
	held = spin_locks_held();
	err = ops->prepare(vma);
	spin_check_leaked(held, "anon_vma_prepare()");
	return err;
}

void __anon_vma_link(struct vm_area_struct *vma)
{
	anon_vma_list_add(vma->anon_vma, vma);
}

void anon_vma_link(struct vm_area_struct *vma)
{
	if (!vma->anon_vma)
		return;
	spin_lock(&vma->anon_vma->lock);
	__anon_vma_link(vma);
	spin_unlock(&vma->anon_vma->lock);
}

void __anon_vma_merge(struct vm_area_struct *vma, struct vm_area_struct *next)
{
	BUG_IF(vma->anon_vma != next->anon_vma, "%p and %p", vma->anon_vma, next->anon_vma);
	anon_vma_list_del(next->anon_vma, next);
}

void anon_vma_unlink(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = vma->anon_vma;
	bool last;

	if (!anon_vma || !anon_vma_check(anon_vma, "left by an area"))
		return;
	spin_lock(&anon_vma->lock);
	last = anon_vma_list_del(anon_vma, vma);
	spin_unlock(&anon_vma->lock);
	sync_point_on("unlink.unlinked", anon_vma);
	/* A reader may still come for the lock, or hold it by now: rule 1 above. */
	if (last)
		anon_vma_free(anon_vma);
	vma->anon_vma = NULL;
}

void anon_vma_lock(struct vm_area_struct *vma)
{
	/*
	 * dependency: pairs with the release in prepare_modern(); orders the read of the pointer
	 * before the use of the lock; tests: litmus.C2-rcu
	 */
	struct anon_vma *anon_vma = rcu_dereference(vma->anon_vma);

	if (anon_vma)
		spin_lock(&anon_vma->lock);
}

void anon_vma_unlock(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		spin_unlock(&vma->anon_vma->lock);
}

/* ---- the modern form ---- */

static int prepare_modern(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = find_mergeable_anon_vma(vma), *unused = NULL;
	struct mm_struct *mm = vma->vm_mm;

	sync_point_on("prepare.found", vma);
	if (!anon_vma) {
		anon_vma = unused = anon_vma_alloc();
		if (!anon_vma)
			return -ENOMEM;
	}
	spin_lock(&anon_vma->lock);
	sync_point_on("prepare.locked", anon_vma);
	spin_lock(&mm->prepare_lock);
	if (likely(!vma->anon_vma)) {
		sync_point_on("prepare.checked", anon_vma);
		/*
		 * release: pairs with the dependency in find_mergeable_anon_vma(),
		 * page_set_anon_rmap() and anon_vma_lock(), and, by way of page->mapping, in
		 * page_anon_vma(); orders the constructor's stores before the pointer;
		 * tests: litmus.C2-rcu, litmus.C5-lock+release
		 */
		smp_store_release(&vma->anon_vma, anon_vma);
		sync_point_on("prepare.published", anon_vma);
		__anon_vma_link(vma);
		sync_point_on("prepare.linked", anon_vma);
		unused = NULL;
	}
	spin_unlock(&mm->prepare_lock);
	spin_unlock(&anon_vma->lock);
	if (unused)
		anon_vma_free(unused);
	return 0;
}

struct anon_vma *page_anon_vma(const struct page *page)
{
	unsigned long mapping;

	rcu_check_reader("page_anon_vma()");
	/*
	 * dependency: pairs with the release in prepare_modern(), through whoever stored
	 * page->mapping; orders the read of the pointer before the use of the lock;
	 * tests: litmus.C2-rcu
	 */
	mapping = (unsigned long)rcu_dereference(page->mapping);
	if (!(mapping & PAGE_MAPPING_ANON))
		return NULL;
	return (struct anon_vma *)(mapping - PAGE_MAPPING_ANON);
}

static struct anon_vma *lock_modern(struct page *page)
{
	struct anon_vma *anon_vma;

	rcu_read_lock();
	anon_vma = page_anon_vma(page);
	sync_point_on("lock.mapping", page);
	if (!anon_vma || !page_mapped(page))
		goto out;
	sync_point_on("lock.mapped", page);
	spin_lock(&anon_vma->lock);
	sync_point_on("lock.locked", anon_vma);
	if (likely(page_mapped(page)))
		return anon_vma;
	spin_unlock(&anon_vma->lock);
out:
	rcu_read_unlock();
	return NULL;
}

static void unlock_modern(struct anon_vma *anon_vma)
{
	spin_unlock(&anon_vma->lock);
	rcu_read_unlock();
}

const struct anon_vma_ops anon_vma_ops_modern = {
	.name = "default",
	.prepare = prepare_modern,
	.lock = lock_modern,
	.unlock = unlock_modern,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

struct anon_vma *page_lock_anon_vma(struct page *page)
{
	unsigned int held = spin_locks_held();
	int nesting = current->rcu_nesting;
	struct anon_vma *anon_vma = READ_ONCE(anon_vma_ops)->lock(page);

	spin_check_leaked(held + (anon_vma != NULL), "page_lock_anon_vma()");
	if (!anon_vma)
		rcu_check_leaked(nesting, "page_lock_anon_vma()");
	return anon_vma;
}

void page_unlock_anon_vma(struct anon_vma *anon_vma)
{
	unsigned int held = spin_locks_held();

	READ_ONCE(anon_vma_ops)->unlock(anon_vma);
	spin_check_leaked(held ? held - 1 : 0, "page_unlock_anon_vma()");
}

/* ---- pages ---- */

static void page_set_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	/*
	 * dependency: pairs with the release in prepare_modern(); the pointer is only passed on, to
	 * page_anon_vma(); tests: litmus.C3-wmb+data+depends
	 */
	struct anon_vma *anon_vma = rcu_dereference(vma->anon_vma);

	BUG_ON(!anon_vma);
	page->index = linear_page_index(vma, address);
	/* One store: a reader must never see the pointer without its mark. */
	WRITE_ONCE(page->mapping, (void *)((unsigned long)anon_vma + PAGE_MAPPING_ANON));
}

void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	BUG_IF(page_mapcount(page) || page->mapping, "page %lx: mapcount %d mapping %p",
	       page_to_pfn(page), page_mapcount(page), page->mapping);
	page_set_anon_rmap(page, vma, address);
	WRITE_ONCE(page->mapcount, 1); /* nobody knows the page yet: lru_cache_add() makes it so */
	event("page gets its first entry", page);
}

void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma, unsigned long address)
{
	BUG_ON(!page_test_flag(page, PG_locked));
	if (!page_mapped(page))
		page_set_anon_rmap(page, vma, address);
	else
		BUG_IF(page->index != linear_page_index(vma, address), "page %lx: index %lx, %lx",
		       page_to_pfn(page), page->index, linear_page_index(vma, address));
	/*
	 * Relaxed: who looks without the page lock reads page->mapping first, and then the count.
	 * It may miss an entry that is new; it finds no mapping that is old, since all entries that
	 * a page ever has are in areas of one anon_vma.
	 */
	fetch_add_relaxed(&page->mapcount, 1);
	event("page gets an entry", page);
}

void page_dup_rmap(struct page *page)
{
	s32 old = fetch_add_relaxed(&page->mapcount, 1);

	BUG_IF(old <= 0, "page %lx: mapcount was %d", page_to_pfn(page), old);
}

void page_remove_rmap(struct page *page)
{
	/*
	 * release: pairs with the acquire in try_to_unmap(); the entry is gone, and flushed, before
	 * the count says so; tests: litmus.MP+rel+acq
	 */
	s32 old = fetch_add_release(&page->mapcount, -1);

	BUG_IF(old <= 0, "page %lx: mapcount was %d", page_to_pfn(page), old);
	event("page loses an entry", page);
}

/* ---- walks ---- */

unsigned long vma_address(const struct page *page, const struct vm_area_struct *vma)
{
	unsigned long address = vma->vm_start + ((page->index - vma->vm_pgoff) << PAGE_SHIFT);

	/* Two unsigned comparisons also catch an index below vm_pgoff, which wraps. */
	if (address < vma->vm_start || address >= vma->vm_end)
		return 0;
	return address;
}

int rmap_walk(struct anon_vma *anon_vma, struct page *page,
	      int (*fn)(struct vm_area_struct *vma, unsigned long address, void *arg), void *arg)
{
	struct list_head *node, *prev = &anon_vma->head;
	unsigned int nr = 0;

	sync_point_on("walk.begin", page);
	if (!anon_vma_walk_begin(anon_vma))
		return 0;
	for (node = prev->next; node != &anon_vma->head; prev = node, node = node->next) {
		struct vm_area_struct *vma = list_entry(node, struct vm_area_struct, anon_vma_node);
		unsigned long address;
		int ret;

		if (!anon_vma_walk_next(anon_vma, prev, node, ++nr))
			return 0;
		address = vma_address(page, vma);
		ret = address ? fn(vma, address, arg) : 0;
		sync_point_on("walk.next", vma);
		if (ret)
			return ret;
	}
	/* Who comes to an empty list is late: the last area has gone since the page was mapped. */
	if (!nr)
		sync_point_on("walk.empty", anon_vma);
	anon_vma_walk_end(anon_vma, nr);
	return 0;
}

/*
 * The entry that maps @page at @address, with page_table_lock held; or NULL without it. The area is
 * on the list of an anon_vma whose lock is held, so neither its space nor its tables can go.
 */
static inline pteval_t *page_check_address(struct page *page, struct mm_struct *mm,
					   unsigned long address)
{
	pteval_t *ptep, pte;

	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, address);
	if (ptep) {
		pte = ptep_get(ptep);
		if (pte_present(pte) && pte_phys(pte) == page_to_phys(page))
			return ptep;
	}
	spin_unlock(&mm->page_table_lock);
	return NULL;
}

struct referenced {
	struct page *page;
	int mapcount; /* entries that we have not come to */
	int referenced;
};

static int referenced_one(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	struct referenced *r = arg;
	struct mm_struct *mm = vma->vm_mm;
	pteval_t *ptep = page_check_address(r->page, mm, address);

	if (!ptep)
		return 0;
	/*
	 * No flush: a CPU that goes on by what its TLB remembers makes us think the page older than
	 * it is, which costs a fault at the worst. Who unmaps flushes.
	 */
	if (ptep_test_and_clear_young(ptep))
		r->referenced++;
	spin_unlock(&mm->page_table_lock);
	return --r->mapcount <= 0;
}

int page_referenced(struct page *page)
{
	struct referenced r = { .page = page, .mapcount = page_mapcount(page) };
	struct anon_vma *anon_vma;

	anon_vma = page_lock_anon_vma(page);
	if (!anon_vma)
		return r.referenced;
	rmap_walk(anon_vma, page, referenced_one, &r);
	page_unlock_anon_vma(anon_vma);
	return r.referenced;
}

struct unmap {
	struct page *page;
	enum ttu_mode mode;
	struct tlb_batch *batch;
	unsigned int found; /* entries; their references are dropped in the end */
	unsigned int names; /* of the slot, for entries that are still to come */
};

/*
 * One of the names of the page's slot, of which as many are taken at once as there are entries now:
 * fork may add some. The page lock keeps away who judges by their number.
 */
static void unmap_name_slot(struct unmap *u)
{
	if (!u->names) {
		u->names = MAX(page_mapcount(u->page), 1);
		swap_duplicate(u->page, u->names);
	}
	u->names--;
}

/* The walk is over: what it has too many. The caller has a reference besides those of entries. */
static void unmap_settle(struct unmap *u)
{
	if (u->names)
		swap_undo_duplicate(u->page, u->names);
	if (u->found)
		put_page_refs(u->page, u->found);
}

static int unmap_one(struct vm_area_struct *vma, unsigned long address, void *arg)
{
	struct unmap *u = arg;
	struct page *page = u->page;
	struct mm_struct *mm = vma->vm_mm;
	pteval_t *ptep = page_check_address(page, mm, address);
	pteval_t pte, new;

	if (!ptep)
		return 0;
	u->found++;
	/*
	 * Until the flush only a CPU whose TLB knows the page as dirty can write to it: the first
	 * write to a clean one looks at the entry, which is gone. So the dirty bit says it all.
	 * Until the entry gets its new value it is none: a fault that sees that without the lock
	 * finds it changed when it has it.
	 */
	pte = ptep_get_and_clear(ptep);
	tlb_batch_add(u->batch, mm, address);
	/* Only with the page lock, which we have, does the flag go: once set it stays. */
	if (pte_dirty(pte) && !page_test_flag(page, PG_dirty))
		page_set_flag(page, PG_dirty);
	sync_point_on("unmap.cleared", page);
	if (u->mode == TTU_SWAP) {
		unmap_name_slot(u);
		new = swp_pte(SWP_SLOT, page->private);
	} else {
		new = swp_pte(pte_write(pte) ? SWP_MIGRATE_WRITE : SWP_MIGRATE_READ,
			      page_to_pfn(page));
	}
	ptep_set(ptep, new);
	mm_add_rss(mm, -1, 1);
	page_remove_rmap(page);
	spin_unlock(&mm->page_table_lock);
	sync_point_on("unmap.done", page);
	return !page_mapped(page);
}

int try_to_unmap(struct page *page, enum ttu_mode mode, struct tlb_batch *batch)
{
	struct unmap u = { .page = page, .mode = mode, .batch = batch };
	struct anon_vma *anon_vma;

	BUG_ON(!page_test_flag(page, PG_locked));
	BUG_ON(mode == TTU_SWAP && !page_test_flag(page, PG_swapcache));
	anon_vma = page_lock_anon_vma(page);
	if (anon_vma) {
		rmap_walk(anon_vma, page, unmap_one, &u);
		page_unlock_anon_vma(anon_vma);
		unmap_settle(&u);
	}
	/*
	 * acquire: pairs with the release in page_remove_rmap(); entries that others removed in the
	 * meantime, and what was written by them, before what the caller does with the contents;
	 * tests: litmus.MP+rel+acq
	 */
	if (likely(smp_load_acquire(&page->mapcount) <= 0))
		return 0;
	/*
	 * A complete walk leaves none. Entries come only from swap and migration, which need the
	 * page lock, and from fork: before we came to the parent's, and then the child is on the
	 * list behind it, or after, and then it copied what we left there. Entries that go are
	 * gone, and uncounted, when page_table_lock is free.
	 */
	detect(DETECT_RMAP_INCOMPLETE, page,
	       "page %lx: %u of %d entries found, %s; it remains mapped", page_to_pfn(page),
	       u.found, u.found + page_mapcount(page),
	       anon_vma ? "under the lock" : "as no anon_vma was given");
	return -EBUSY;
}
