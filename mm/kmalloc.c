/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of any size: from slab caches of a few sizes, and beyond those from the page allocator.
 */
#include <kernel/panic.h>
#include <mm/page_alloc.h>

#include "slab_internal.h"

static const struct {
	u32 size;
	const char *name;
} kmalloc_sizes[] = {
	{ 16, "kmalloc-16" },	  { 32, "kmalloc-32" },
	{ 64, "kmalloc-64" },	  { 96, "kmalloc-96" },
	{ 128, "kmalloc-128" },	  { 192, "kmalloc-192" },
	{ 256, "kmalloc-256" },	  { 512, "kmalloc-512" },
	{ 1024, "kmalloc-1024" }, { 2048, "kmalloc-2048" },
	{ 4096, "kmalloc-4096" }, { KMALLOC_MAX_CACHE_SIZE, "kmalloc-8192" },
};
static struct kmem_cache *kmalloc_caches[ARRAY_SIZE(kmalloc_sizes)]; /* constant after boot */

static struct kmem_cache *kmalloc_cache(size_t size)
{
	unsigned int i = 0;

	while (kmalloc_sizes[i].size < size)
		i++;
	return kmalloc_caches[i];
}

static inline void *kmalloc_from(size_t size, gfp_t gfp, unsigned long pc)
{
	unsigned int order = 0;
	struct page *page;

	if (size <= KMALLOC_MAX_CACHE_SIZE)
		return slab_alloc(kmalloc_cache(size), gfp, pc);
	while (order <= MAX_PAGE_ORDER && (PAGE_SIZE << order) < size)
		order++;
	page = alloc_pages(gfp, order);
	return page ? page_address(page) : NULL;
}

noinline void *kmalloc(size_t size, gfp_t gfp)
{
	return kmalloc_from(size, gfp, (unsigned long)__builtin_return_address(0));
}

noinline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc_from(size, gfp | __GFP_ZERO, (unsigned long)__builtin_return_address(0));
}

noinline void kfree(const void *p)
{
	struct page *page;

	if (!p)
		return;
	page = virt_to_page(p);
	BUG_WITH(!page, slab_panic("kfree", NULL, p));
	if (likely(page_test_flag(page, PG_slab))) {
		struct kmem_cache *s = page->slab_head->slab_cache;

		slab_free(s, (void *)p, (unsigned long)__builtin_return_address(0));
		return;
	}
	BUG_IF(page_address(page) != p, "kfree of %p, which is not the beginning of a block", p);
	put_page(page);
}

void kmem_cache_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++) {
		kmalloc_caches[i] = slab_cache_create(kmalloc_sizes[i].name, kmalloc_sizes[i].size,
						      16, 0, NULL, GFP_NOWAIT | __GFP_NOINJECT);
		BUG_IF(!kmalloc_caches[i], "no memory for %s", kmalloc_sizes[i].name);
	}
}
