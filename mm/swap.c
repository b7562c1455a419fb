/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Swap to memory: slots in pages set aside at boot, and the swap cache. The faults that bring pages
 * back: mm/memory_fault.c.
 *
 * A slot is in use while somebody names it: each page-table entry that stands for a page swapped
 * out, and the swap cache. It is in the swap cache while a page holds, or is about to hold, what
 * the slot does; then slot->page names that page (with a reference), page->private the slot, and
 * PG_swapcache is set. All that use a slot find its page there first, so there are never two pages
 * for one slot.
 *
 *	in the page only	in both			in the slot only
 *	count 0			slot->page		count: entries
 *		-> add_to_swap()  -> swap_write(), swap_cache_drop() ->
 *		<- unlock_page_trim()	<- swap_get_page()
 *
 * A page leaves the swap cache when nothing but the cache names its slot any more. Whoever drops
 * the last entry sees to it at once if he can have the page lock; otherwise its holder does, who
 * looks after he has unlocked the page. Either one sees the other, since both look under swap_lock:
 *
 *	swap_free_pte()				unlock_page_trim()
 *	swap_lock: count 2 -> 1; unlock		unlock_page()
 *	trylock_page() ?			swap_lock: count is 1 ? unlock
 *
 * Protected by swap_lock: the slots, PG_swapcache, page->private of pages in the swap cache. They
 * change only with the page lock held, but for the counts. Lock order: docs/locking.md.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/lru.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/swapops.h>

#include "internal.h"

static u64 opt_swap_mb = 16;
/* At most so much that the array of slots is a block which the page allocator can give. */
OPTION(swap_mb, "swap_mb", OPT_U64, &opt_swap_mb, 0, 2048, "memory set aside for swap, in MiB");

#define SLOT_NONE (~0U)

struct swap_slot {
	u32 count;	   /* entries that name it, and 1 for the cache */
	u32 next_free;	   /* of a free one */
	struct page *page; /* the page in the swap cache; a reference */
	void *data;	   /* constant */
};

static DEFINE_SPINLOCK(swap_lock);
static struct swap_slot *slots; /* constant after boot */
static unsigned int nr_slots;	/* constant after boot */
static unsigned int nr_used;	/* under swap_lock, as are the next two */
static unsigned int first_free = SLOT_NONE;
static unsigned int used_max;

int swap_init(void)
{
	unsigned int want = opt_swap_mb << (20 - PAGE_SHIFT);

	/* Never more than a quarter of what there is. */
	want = MIN(want, nr_managed_pages() / 4);
	if (!want)
		return 0;
	slots = kzalloc(want * sizeof(*slots), GFP_KERNEL | __GFP_NOINJECT);
	if (!slots)
		return -ENOMEM;
	for (; nr_slots < want; nr_slots++) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);

		if (!page)
			return -ENOMEM;
		slots[nr_slots].data = page_address(page);
		slots[nr_slots].next_free = first_free;
		first_free = nr_slots;
	}
	used_max = nr_slots;
	return 0;
}

unsigned long swap_slots(void)
{
	return READ_ONCE(used_max);
}

unsigned long swap_slots_used(void)
{
	return READ_ONCE(nr_used);
}

void swap_limit(unsigned long n)
{
	spin_lock(&swap_lock);
	used_max = n ? MIN(n, nr_slots) : nr_slots;
	spin_unlock(&swap_lock);
}

/* ---- slots ---- */

static struct swap_slot *slot_get(u64 slot)
{
	BUG_IF(slot >= nr_slots, "slot %llx", (unsigned long long)slot);
	return &slots[slot];
}

/* @n more name the slot, or somebody no longer does. swap_lock is held for these two. */
static void slot_name(struct swap_slot *s, unsigned int n)
{
	BUG_ON(!spin_is_mine(&swap_lock));
	BUG_IF(!s->count, "slot %ld is free", (long)(s - slots));
	s->count += n;
}

static void slot_put(struct swap_slot *s)
{
	BUG_ON(!spin_is_mine(&swap_lock));
	BUG_IF(!s->count, "slot %ld is free", (long)(s - slots));
	if (--s->count)
		return;
	BUG_ON(s->page);
	s->next_free = first_free;
	first_free = s - slots;
	WRITE_ONCE(nr_used, nr_used - 1);
}

unsigned int swap_slot_count(u64 slot)
{
	return READ_ONCE(slot_get(slot)->count);
}

void swap_slot_get(u64 slot)
{
	spin_lock(&swap_lock);
	slot_name(slot_get(slot), 1);
	spin_unlock(&swap_lock);
}

/* ---- the swap cache ---- */

/* swap_lock is held for these two, and the page locked. */
static void cache_enter(struct swap_slot *s, struct page *page)
{
	BUG_ON(!spin_is_mine(&swap_lock) || !page_test_flag(page, PG_locked));
	get_page(page);
	s->page = page;
	page->private = s - slots;
	page_set_flag(page, PG_swapcache);
}

static void cache_leave(struct swap_slot *s, struct page *page)
{
	BUG_ON(!spin_is_mine(&swap_lock) || !page_test_flag(page, PG_locked) || s->page != page);
	s->page = NULL;
	page_clear_flag(page, PG_swapcache);
}

int add_to_swap(struct page *page)
{
	struct swap_slot *s;

	BUG_ON(!page_test_flag(page, PG_locked) || page_test_flag(page, PG_swapcache));
	spin_lock(&swap_lock);
	if (first_free == SLOT_NONE || nr_used >= used_max) {
		spin_unlock(&swap_lock);
		return -ENOMEM;
	}
	s = &slots[first_free];
	first_free = s->next_free;
	WRITE_ONCE(nr_used, nr_used + 1);
	s->count = 1;
	page_set_flag(page, PG_dirty); /* the slot holds something else yet */
	cache_enter(s, page);
	spin_unlock(&swap_lock);
	return 0;
}

void swap_duplicate(struct page *page, unsigned int n)
{
	BUG_ON(!page_test_flag(page, PG_swapcache) || !page_test_flag(page, PG_locked));
	spin_lock(&swap_lock);
	slot_name(slot_get(page->private), n);
	spin_unlock(&swap_lock);
}

void swap_undo_duplicate(struct page *page, unsigned int n)
{
	struct swap_slot *s = slot_get(page->private);

	BUG_ON(!page_test_flag(page, PG_swapcache) || !page_test_flag(page, PG_locked));
	spin_lock(&swap_lock);
	BUG_IF(s->count <= n, "slot %ld: %u of %u names", (long)(s - slots), n, s->count);
	s->count -= n; /* not the last: the swap cache has one */
	spin_unlock(&swap_lock);
}

void swap_write(struct page *page)
{
	BUG_ON(!page_test_flag(page, PG_swapcache) || !page_test_flag(page, PG_locked));
	BUG_ON(page_mapped(page));
	page_clear_flag(page, PG_dirty);
	/* Nobody maps the page: its contents stand still, and come after the last write of all. */
	memcpy(slot_get(page->private)->data, page_address(page), PAGE_SIZE);
}

bool swap_cache_drop(struct page *page)
{
	struct swap_slot *s = slot_get(page->private);
	bool drop;

	BUG_ON(!page_test_flag(page, PG_swapcache) || page_mapped(page));
	spin_lock(&swap_lock);
	/*
	 * Two: the caller's and the cache's. New ones come by the swap cache only, that is under
	 * swap_lock, as nobody maps the page and it is isolated from the LRU.
	 */
	drop = page_count(page) == 2 && (s->count == 1 || !page_test_flag(page, PG_dirty));
	if (drop) {
		cache_leave(s, page);
		slot_put(s);
	}
	spin_unlock(&swap_lock);
	if (drop)
		put_page(page);
	return drop;
}

void swap_cache_move(struct page *old, struct page *new)
{
	struct swap_slot *s;

	if (!page_test_flag(old, PG_swapcache))
		return;
	spin_lock(&swap_lock);
	s = slot_get(old->private);
	cache_leave(s, old);
	cache_enter(s, new);
	if (page_test_flag(old, PG_dirty))
		page_set_flag(new, PG_dirty);
	spin_unlock(&swap_lock);
	put_page(old);
}

/*
 * Take @page, locked, out of the swap cache if only that names its slot. The caller has a reference
 * of his own: the cache's may be the last one else.
 */
static void swap_cache_trim(struct page *page)
{
	struct swap_slot *s = NULL;
	bool drop = false;

	spin_lock(&swap_lock);
	if (page_test_flag(page, PG_swapcache)) {
		s = slot_get(page->private);
		drop = s->count == 1;
	}
	if (drop) {
		cache_leave(s, page);
		slot_put(s);
	}
	spin_unlock(&swap_lock);
	if (drop)
		put_page(page);
}

/* Does only the swap cache name the slot of @page? Then it should leave it. */
static bool swap_cache_unused(struct page *page)
{
	bool unused;

	if (!page_test_flag(page, PG_swapcache))
		return false;
	spin_lock(&swap_lock);
	unused = page_test_flag(page, PG_swapcache) && slot_get(page->private)->count == 1;
	spin_unlock(&swap_lock);
	return unused;
}

void unlock_page_trim(struct page *page)
{
	do {
		if (page_test_flag(page, PG_swapcache))
			swap_cache_trim(page);
		sync_point_on("swap.trimmed", page);
		unlock_page(page);
	} while (swap_cache_unused(page) && trylock_page(page));
}

/* ---- entries ---- */

pteval_t swap_dup_pte(pteval_t *src)
{
	pteval_t pte = ptep_get(src);

	switch (swp_kind(pte)) {
	case SWP_SLOT:
		if (!busted(BUSTED_SWAP_FREE_EARLY))
			swap_slot_get(swp_value(pte));
		break;
	case SWP_MIGRATE_WRITE:
		/* The page will be shared when it has moved: neither side may write to it. */
		pte = swp_pte(SWP_MIGRATE_READ, swp_value(pte));
		ptep_set(src, pte);
		break;
	case SWP_MIGRATE_READ:
		break;
	}
	return pte;
}

void swap_free_pte(pteval_t pte)
{
	struct page *page = NULL;
	struct swap_slot *s;

	if (pte_is_migration(pte))
		return;
	s = slot_get(swp_value(pte));
	spin_lock(&swap_lock);
	slot_put(s);
	if (s->count == 1 && s->page) {
		page = s->page;
		get_page(page);
	}
	spin_unlock(&swap_lock);
	if (!page)
		return;
	sync_point_on("swap.last_entry", page);
	if (trylock_page(page))
		unlock_page_trim(page);
	put_anon_page(page);
}

/* ---- whose page is it alone? ---- */

/*
 * Is the reference that the caller knows of, of the entry whose page_table_lock he holds, the only
 * one? Then nobody but that entry maps @page: each entry has one. It is not in the swap cache, and
 * nobody isolates, moves, or copies it. Who comes later comes by the LRU, and waits for
 * page_table_lock before he looks at the contents; or by the entry: that is, under page_table_lock,
 * or by fork, which mmap_sem keeps away.
 */
static bool page_only_ref(const struct page *page)
{
	if (busted(BUSTED_REUSE_BY_MAPCOUNT))
		return page_mapcount(page) <= 1 && !page_test_flag(page, PG_swapcache);
	/*
	 * acquire: pairs with the cmpxchg() in page_put_unless_last(), the fetch_add() in
	 * page_ref_drop() and the release in put_page_refs(); what others read of the page, by
	 * their entries or to copy it, comes before what will now be written to it;
	 * tests: litmus.LB+mb+acq
	 */
	return smp_load_acquire(&page->refcount) == 1;
}

bool page_can_reuse(struct page *page)
{
	bool reuse = page_only_ref(page);

	/* The swap cache may have the other one: then leave it, if the slot is not needed. */
	if (reuse || !page_test_flag(page, PG_swapcache) || !trylock_page(page))
		return reuse;
	swap_cache_trim(page);
	reuse = page_only_ref(page);
	unlock_page_trim(page);
	return reuse;
}

/* ---- bringing pages back ---- */

/*
 * Only if the caller's reference will be the only one: no entry of a page in the swap cache permits
 * writing, so that the slot remains as good as the page.
 */
bool swap_entry_ends(u64 slot, struct page *page, bool write)
{
	spin_lock(&swap_lock);
	slot_put(slot_get(slot));
	spin_unlock(&swap_lock);
	if (!write)
		return false;
	swap_cache_trim(page);
	return page_only_ref(page);
}

/* A page for the slot that no page has: what it holds, locked. NULL if there is one by now. */
static struct page *swap_read(u64 slot, struct page *page)
{
	struct swap_slot *s = slot_get(slot);
	bool locked = trylock_page(page);

	BUG_ON(!locked);
	spin_lock(&swap_lock);
	if (!s->count || s->page) {
		spin_unlock(&swap_lock);
		unlock_page(page);
		__free_page(page);
		return NULL;
	}
	slot_name(s, 1);
	cache_enter(s, page);
	spin_unlock(&swap_lock);
	/* The slot is ours to read: it has been written, as it had no page, and stays in use. */
	memcpy(page_address(page), s->data, PAGE_SIZE);
	lru_cache_add(page);
	return page;
}

int swap_get_page(u64 slot, struct page **pagep)
{
	struct swap_slot *s = slot_get(slot);
	struct page *page;

	spin_lock(&swap_lock);
	page = s->page;
	if (page)
		get_page(page);
	spin_unlock(&swap_lock);
	if (!page) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			return -ENOMEM;
		sync_point_on("swapin.allocated", page);
		*pagep = swap_read(slot, page);
		return *pagep ? 0 : -EAGAIN;
	}
	sync_point_on("swapin.found", page);
	lock_page(page);
	/* It may have left the swap cache, or have moved on to another frame. */
	if (page_test_flag(page, PG_swapcache) && page->private == slot) {
		*pagep = page;
		return 0;
	}
	unlock_page_trim(page);
	put_anon_page(page);
	return -EAGAIN;
}
