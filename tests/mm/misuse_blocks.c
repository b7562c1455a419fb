/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages and objects, given out and given back as they may not be. */
#include <arch/irq.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/mm.h>

#include "../../mm/slab_internal.h"
#include "misuse.h"

#ifdef CONFIG_DEBUG

/* What the misuse and the mending after it know. */
static struct {
	struct page *page;
	struct kmem_cache *cache, *other;
	void *obj;
	u32 loaded; /* objects that its magazine had */
} on;

/* ---- pages ---- */

static bool page_get_new(void)
{
	on.page = alloc_page(GFP_KERNEL);
	return on.page;
}

/* It is neither free nor anybody's: its fields are ours. */
static void page_give_back(void)
{
	if (!on.page)
		return;
	on.page->mapcount = 0;
	on.page->mapping = NULL;
	on.page->flags = 0;
	WRITE_ONCE(on.page->refcount, 1);
	free_pages(on.page, on.page->order);
}

static void frees_other_order(void)
{
	on.page = alloc_pages(GFP_KERNEL, 1);
	if (on.page)
		free_pages(on.page, 2);
}

static void frees_flagged(enum page_flag flag)
{
	if (!page_get_new())
		return;
	page_set_flag(on.page, flag);
	__free_page(on.page);
}

static void frees_free(void)
{
	frees_flagged(PG_buddy);
}

static void frees_on_list(void)
{
	frees_flagged(PG_pcp);
}

static void frees_slab(void)
{
	frees_flagged(PG_slab);
}

static void frees_on_lru(void)
{
	frees_flagged(PG_lru);
}

static void frees_locked(void)
{
	frees_flagged(PG_locked);
}

/* Its last page alone. */
static void frees_block_in_use(void)
{
	on.page = alloc_pages(GFP_KERNEL, 1);
	if (!on.page)
		return;
	page_set_flag(on.page + 1, PG_locked);
	free_pages(on.page, 1);
}

static void block_give_back(void)
{
	if (on.page)
		page_clear_flag(on.page + 1, PG_locked);
	page_give_back();
}

/* As one of several, which are not looked at by free_pages(). */
static void frees_mapped(void)
{
	if (!page_get_new())
		return;
	on.page->mapcount = 1;
	put_pages(&on.page, 1);
}

static void frees_less_than_unmapped(void)
{
	if (!page_get_new())
		return;
	on.page->mapcount = -1;
	__free_page(on.page);
}

static void puts_free(void)
{
	if (!page_get_new())
		return;
	WRITE_ONCE(on.page->refcount, 0);
	put_page(on.page);
}

static void gets_free(void)
{
	if (!page_get_new())
		return;
	WRITE_ONCE(on.page->refcount, 0);
	get_page(on.page);
}

/* The last one among them. */
static void puts_too_many(void)
{
	if (page_get_new())
		put_page_refs(on.page, 1);
}

/* What is freed last comes next, if nobody is quicker: it is not quite as free as it looks. */
static void page_given_with(void (*change)(struct page *page))
{
	if (!page_get_new())
		return;
	arch_irq_disable();
	__free_page(on.page);
	change(on.page);
	alloc_page(GFP_ATOMIC);
}

static void change_flags(struct page *page)
{
	page_set_flag(page, PG_dirty);
}

static void change_count(struct page *page)
{
	WRITE_ONCE(page->refcount, 1);
}

static void change_mapcount(struct page *page)
{
	page->mapcount = 1;
}

static void change_mapping(struct page *page)
{
	page->mapping = page;
}

static void gives_flagged(void)
{
	page_given_with(change_flags);
}

static void gives_referenced(void)
{
	page_given_with(change_count);
}

static void gives_mapped(void)
{
	page_given_with(change_mapcount);
}

static void gives_mapping(void)
{
	page_given_with(change_mapping);
}

/* ---- objects ---- */

/* The first of a new cache. */
static bool object_get_new(u32 flags)
{
	on.obj = NULL;
	on.other = NULL;
	on.cache = kmem_cache_create("misused", 64, 0, flags, NULL);
	if (on.cache)
		on.obj = kmem_cache_alloc(on.cache, GFP_KERNEL);
	return on.obj;
}

static struct slab_track *object_record(void)
{
	const struct page *slab = slab_of(on.obj);
	char *records = (char *)page_address(slab) + on.cache->track_off;

	return (struct slab_track *)records + slab_index(on.cache, slab, on.obj);
}

static void constructor(void *obj)
{
}

static void clears_constructed(void)
{
	on.cache = kmem_cache_create("misused", 64, 0, 0, constructor);
	if (on.cache)
		kmem_cache_alloc(on.cache, GFP_KERNEL | __GFP_ZERO);
}

static void cache_give_back(void)
{
	if (on.cache)
		kmem_cache_destroy(on.cache);
}

static void magazine_too_full(void)
{
	struct magazine *m;

	if (!object_get_new(0))
		return;
	m = &on.cache->magazine[0];
	on.loaded = m->nr;
	m->nr = m->limit + 1;
	kmem_cache_free(on.cache, on.obj);
}

static void magazine_give_back(void)
{
	struct magazine *m;

	if (!on.obj)
		return;
	m = &on.cache->magazine[0];
	m->nr = on.loaded;
	m->obj[m->nr++] = on.obj;
	cache_give_back();
}

static void cache_give_back_all(void)
{
	if (on.other)
		kmem_cache_destroy(on.other);
	if (on.obj)
		kmem_cache_free(on.cache, on.obj);
	cache_give_back();
}

static void frees_elsewhere(void)
{
	if (!object_get_new(0))
		return;
	on.other = kmem_cache_create("others", 64, 0, 0, NULL);
	if (on.other)
		kmem_cache_free(on.other, on.obj);
}

static void frees_inside_object(void)
{
	if (object_get_new(0))
		kmem_cache_free(on.cache, (char *)on.obj + 8);
}

/* It was not: it is freed all the same. */
static void frees_overrun(void)
{
	if (!object_get_new(0))
		return;
	((u8 *)on.obj)[64] ^= 1;
	kmem_cache_free(on.cache, on.obj);
	cache_give_back();
}

static void frees_object_twice(void)
{
	if (!object_get_new(0))
		return;
	kmem_cache_free(on.cache, on.obj);
	kmem_cache_free(on.cache, on.obj);
}

static void frees_without_record(void)
{
	if (!object_get_new(0))
		return;
	object_record()->state = 0;
	kmem_cache_free(on.cache, on.obj);
}

static void record_give_back(void)
{
	if (on.obj)
		object_record()->state = OBJ_USED;
	cache_give_back_all();
}

/* It lies in the magazine while it is in use; a type-safe one, whose body is not looked at. */
static void gives_used(void)
{
	struct magazine *m;

	if (!object_get_new(SLAB_DESTROY_BY_RCU))
		return;
	m = &on.cache->magazine[0];
	m->obj[m->nr++] = on.obj;
	if (kmem_cache_alloc(on.cache, GFP_KERNEL) == on.obj)
		kmem_cache_free(on.cache, on.obj);
	cache_give_back();
}

/* Its slab goes, as none of its objects is out, and yet one is in use. */
static void gives_back_used(void)
{
	if (!object_get_new(0))
		return;
	kmem_cache_free(on.cache, on.obj);
	object_record()->state = OBJ_USED;
	cache_give_back();
}

static void frees_inside(void)
{
	on.obj = kmalloc(2 * KMALLOC_MAX_CACHE_SIZE, GFP_KERNEL);
	kfree((char *)on.obj + 16);
}

static void block_of_bytes_give_back(void)
{
	kfree(on.obj);
}

static void frees_nowhere(void)
{
	kfree(&on);
}

static const struct misuse list[] = {
	MISUSE("page_alloc.c", "page_block_retire", "page->order != order", frees_other_order,
	       page_give_back),
#define IS_FREE "page_test_flag(p, PG_buddy) || page_test_flag(p, PG_pcp)"
	MISUSE("page_alloc.c", "page_block_retire", IS_FREE, frees_free, page_give_back),
	MISUSE("page_alloc.c", "page_block_retire", IS_FREE, frees_on_list, page_give_back),
	MISUSE("page_alloc.c", "page_block_retire", "page_mapcount(p)", frees_mapped,
	       page_give_back),
#define IN_USE \
	"page_test_flag(p, PG_slab) || page_test_flag(p, PG_lru) || page_test_flag(p, PG_locked)"
	MISUSE("page_alloc.c", "page_block_retire", IN_USE, frees_slab, page_give_back),
	MISUSE("page_alloc.c", "page_block_retire", IN_USE, frees_on_lru, page_give_back),
	MISUSE("page_alloc.c", "page_block_retire", IN_USE, frees_locked, page_give_back),
	MISUSE("page_alloc.c", "page_block_retire", IN_USE, frees_block_in_use, block_give_back),
#define NOT_FREE "(p->flags & ~(1U << PG_junk)) || page_count(p) || page_mapcount(p) || p->mapping"
	MISUSE("page_alloc.c", "page_block_prepare", NOT_FREE, gives_flagged, page_give_back),
	MISUSE("page_alloc.c", "page_block_prepare", NOT_FREE, gives_referenced, page_give_back),
	MISUSE("page_alloc.c", "page_block_prepare", NOT_FREE, gives_mapped, page_give_back),
	MISUSE("page_alloc.c", "page_block_prepare", NOT_FREE, gives_mapping, page_give_back),
	MISUSE("page_alloc.c", "page_keep_mapped", "entries < 0", frees_less_than_unmapped,
	       page_give_back),
	MISUSE("page_alloc.c", "page_ref_drop", "old <= 0", puts_free, page_give_back),
	MISUSE("page_alloc.c", "get_page", "old <= 0", gets_free, page_give_back),
	MISUSE("page_alloc.c", "put_page_refs", "old <= (s32)n", puts_too_many, page_give_back),

	MISUSE("slab_debug.c", "track_of", "!slab || slab->slab_cache != s", frees_elsewhere,
	       cache_give_back_all),
	MISUSE("slab_debug.c", "track_of", "i >= s->objects || slab_object(s, slab, i) != obj",
	       frees_inside_object, cache_give_back_all),
	FOUND("slab_debug.c", "zone_check",
	      "(s->flags & SLAB_RED_ZONE) && "
	      "!bytes_are((u8 *)obj + s->object_size, s->zone_end - s->object_size, v)",
	      frees_overrun),
	MISUSE("slab_debug.c", "change_state",
	       "found != from && (found == OBJ_FREE || found == OBJ_WAITS)", frees_object_twice,
	       cache_give_back),
	MISUSE("slab_debug.c", "change_state", "found != from", frees_without_record,
	       record_give_back),
	FOUND("slab_debug.c", "slab_debug_alloc",
	      "cmpxchg_relaxed(&t->state, OBJ_FREE, OBJ_USED) != OBJ_FREE", gives_used),
	FOUND("slab_debug.c", "slab_debug_check_slab", "slab_track(s, slab, i)->state != OBJ_FREE",
	      gives_back_used),
	MISUSE("slab.c", "kmem_cache_alloc", "(gfp & __GFP_ZERO) && s->ctor", clears_constructed,
	       cache_give_back),
	MISUSE("slab.c", "slab_free_now", "m->nr >= m->limit", magazine_too_full,
	       magazine_give_back),
	MISUSE("kmalloc.c", "kfree", "page_address(page) != p", frees_inside,
	       block_of_bytes_give_back),
	MISUSE("kmalloc.c", "kfree", "!page", frees_nowhere, NULL),
};

const struct misuse_list misuse_blocks = { list, ARRAY_SIZE(list) };

#endif
