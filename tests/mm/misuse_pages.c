/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages in use, slots of swap, and lists of pages, used as they may not be. */
#include <arch/pgtable_user.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/swapops.h>
#include <mm/tlb_batch.h>
#include <test/reclaim.h>

#include "misuse.h"

#ifdef CONFIG_DEBUG

/* What the misuse and the mending after it know. */
static struct {
	struct page *page;
	struct list_head isolated;
} on;

static bool page_get_new(void)
{
	on.page = alloc_page(GFP_KERNEL);
	return on.page;
}

/* Nobody else knows the page: its fields are ours. */
static void page_give_back(void)
{
	if (!on.page)
		return;
	on.page->mapcount = 0;
	on.page->mapping = NULL;
	page_clear_flag(on.page, PG_locked);
	WRITE_ONCE(on.page->refcount, 1);
	__free_page(on.page);
}

/* Of a page that is locked, as far as its flags say. */
static bool page_get_locked(void)
{
	return page_get_new() && page_try(on.page);
}

/* ---- the page lock, the LRU ---- */

static void unlocks_unlocked(void)
{
	if (page_get_new())
		page_release(on.page);
}

static void adds_twice(void)
{
	if (!page_get_new())
		return;
	lru_cache_add(on.page);
	lru_cache_add(on.page);
}

static void lru_page_put(void)
{
	if (on.page)
		put_anon_page(on.page);
}

static void puts_unheld(void)
{
	if (!page_get_new())
		return;
	WRITE_ONCE(on.page->refcount, 0);
	put_anon_page(on.page);
}

/* On a list, though its flag says that it is on none. */
static void isolates_unlisted(void)
{
	INIT_LIST_HEAD(&on.isolated);
	if (!page_get_new())
		return;
	lru_cache_add(on.page);
	page_clear_flag(on.page, PG_lru);
	lru_isolate(LRU_ACTIVE, ~0U, &on.isolated);
}

static void isolated_put_back(void)
{
	struct page *page, *n;

	list_for_each_entry_safe(page, n, &on.isolated, lru)
	{
		list_del(&page->lru);
		putback_lru_page(page);
	}
	if (on.page)
		page_set_flag(on.page, PG_lru);
	lru_page_put();
}

static void marks_crossed(void)
{
	reclaim_set_watermarks(1, 0);
}

/* ---- swap ---- */

static u64 slot_free(void)
{
	u64 slot = 0;

	while (swap_slot_count(slot))
		slot++;
	return slot;
}

static void slot_beyond(void)
{
	swap_slot_count(1ULL << 32);
}

static void slot_free_named(void)
{
	swap_slot_get(slot_free());
}

static void slot_free_put(void)
{
	swap_free_pte(swp_pte(SWP_SLOT, slot_free()));
}

/* The cache's own claim is given up as if it were an entry's. */
static void slot_cached_put(void)
{
	if (page_get_locked() && !add_to_swap(on.page))
		swap_free_pte(swp_pte(SWP_SLOT, on.page->private));
}

static void cached_give_back(void)
{
	if (!on.page)
		return;
	on.page->mapcount = 0;
	swap_cache_drop(on.page);
	page_give_back();
}

static void slot_cached_give_back(void)
{
	if (on.page)
		swap_slot_get(on.page->private); /* says that it is free */
	cached_give_back();
}

static void adds_unlocked(void)
{
	if (page_get_new())
		add_to_swap(on.page);
}

static void duplicates_uncached(void)
{
	if (page_get_locked())
		swap_duplicate(on.page, 1);
}

static void undoes_uncached(void)
{
	if (page_get_locked())
		swap_undo_duplicate(on.page, 1);
}

/* The cache's own claim among them. */
static void undoes_too_many(void)
{
	if (page_get_locked() && !add_to_swap(on.page))
		swap_undo_duplicate(on.page, 1);
}

static void writes_uncached(void)
{
	if (page_get_locked())
		swap_write(on.page);
}

static void writes_mapped(void)
{
	if (!page_get_locked() || add_to_swap(on.page))
		return;
	on.page->mapcount = 1;
	swap_write(on.page);
}

static void drops_uncached(void)
{
	if (page_get_locked())
		swap_cache_drop(on.page);
}

/* ---- the reverse map ---- */

#define ADDR TEST_ADDR

static struct vm_area_struct area = { .vm_start = ADDR, .vm_end = ADDR + PAGE_SIZE };

static void merges_strangers(void)
{
	struct vm_area_struct other = { .anon_vma = (struct anon_vma *)&area };

	__anon_vma_merge(&area, &other);
}

static void maps_without_anon_vma(void)
{
	if (page_get_new())
		page_add_new_anon_rmap(on.page, &area, ADDR);
}

static void maps_as_new(void)
{
	if (!page_get_new())
		return;
	on.page->mapcount = 1;
	page_add_new_anon_rmap(on.page, &area, ADDR);
}

static void maps_unlocked(void)
{
	if (page_get_new())
		page_add_anon_rmap(on.page, &area, ADDR);
}

static void maps_elsewhere(void)
{
	if (!page_get_locked())
		return;
	on.page->mapcount = 1;
	on.page->index = 1 + linear_page_index(&area, ADDR);
	page_add_anon_rmap(on.page, &area, ADDR);
}

static void maps_again_unmapped(void)
{
	if (page_get_new())
		page_dup_rmap(on.page);
}

static void unmaps_unmapped(void)
{
	if (page_get_new())
		page_remove_rmap(on.page);
}

static void takes_out_unlocked(void)
{
	struct tlb_batch batch = { .nr = 0 };

	if (page_get_new())
		try_to_unmap(on.page, TTU_MIGRATE, &batch);
}

static void takes_out_without_slot(void)
{
	struct tlb_batch batch = { .nr = 0 };

	if (page_get_locked())
		try_to_unmap(on.page, TTU_SWAP, &batch);
}

static const struct misuse list[] = {
	MISUSE("page_lock.c", "page_release", "!was", unlocks_unlocked, page_give_back),
	MISUSE("lru.c", "lru_add", "was & 1U << PG_lru", adds_twice, lru_page_put),
	MISUSE("lru.c", "put_anon_page", "page_count(page) <= 0", puts_unheld, page_give_back),
	MISUSE("lru.c", "lru_isolate_one", "!busted(BUSTED_LRU_NO_LOCK)", isolates_unlisted,
	       isolated_put_back),

	MISUSE("reclaim.c", "reclaim_set_watermarks", "low > high", marks_crossed, NULL),

	MISUSE("swap.c", "slot_get", "slot >= nr_slots", slot_beyond, NULL),
	MISUSE("swap.c", "slot_name", "!s->count", slot_free_named, NULL),
	MISUSE("swap.c", "slot_put", "!s->count", slot_free_put, NULL),
	MISUSE("swap.c", "slot_put", "s->page", slot_cached_put, slot_cached_give_back),
#define UNCACHED "!page_test_flag(page, PG_swapcache)"
#define UNLOCKED "!page_test_flag(page, PG_locked)"
	MISUSE("swap.c", "add_to_swap", UNLOCKED " || page_test_flag(page, PG_swapcache)",
	       adds_unlocked, page_give_back),
	MISUSE("swap.c", "swap_duplicate", UNCACHED " || " UNLOCKED, duplicates_uncached,
	       page_give_back),
	MISUSE("swap.c", "swap_undo_duplicate", UNCACHED " || " UNLOCKED, undoes_uncached,
	       page_give_back),
	MISUSE("swap.c", "swap_undo_duplicate", "s->count <= n", undoes_too_many, cached_give_back),
	MISUSE("swap.c", "swap_write", UNCACHED " || " UNLOCKED, writes_uncached, page_give_back),
	MISUSE("swap.c", "swap_write", "page_mapped(page)", writes_mapped, cached_give_back),
	MISUSE("swap.c", "swap_cache_drop", UNCACHED " || page_mapped(page)", drops_uncached,
	       page_give_back),

	MISUSE("rmap.c", "__anon_vma_merge", "vma->anon_vma != next->anon_vma", merges_strangers,
	       NULL),
	MISUSE("rmap.c", "page_set_anon_rmap", "!anon_vma", maps_without_anon_vma, page_give_back),
	MISUSE("rmap.c", "page_add_new_anon_rmap", "page_mapcount(page) || page->mapping",
	       maps_as_new, page_give_back),
	MISUSE("rmap.c", "page_add_anon_rmap", UNLOCKED, maps_unlocked, page_give_back),
	MISUSE("rmap.c", "page_add_anon_rmap", "page->index != linear_page_index(vma, address)",
	       maps_elsewhere, page_give_back),
	MISUSE("rmap.c", "page_dup_rmap", "old <= 0", maps_again_unmapped, page_give_back),
	MISUSE("rmap.c", "page_remove_rmap", "old <= 0", unmaps_unmapped, page_give_back),
	MISUSE("rmap.c", "try_to_unmap", UNLOCKED, takes_out_unlocked, page_give_back),
	MISUSE("rmap.c", "try_to_unmap", "mode == TTU_SWAP && " UNCACHED, takes_out_without_slot,
	       page_give_back),
};

const struct misuse_list misuse_pages = { list, ARRAY_SIZE(list) };

#endif
