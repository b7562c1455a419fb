/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an address is, for the names that reports give to objects: a page by its struct page, an
 * object of a slab by its cache. May be asked of memory that is something else by now, and even
 * becomes it meanwhile; the answer may then be that, or none.
 */
#include <lib/string.h>
#include <mm/address.h>

#include "internal.h"
#include "slab_internal.h"

/* Caches whose objects have a shorter name in everyday use. */
static const struct {
	const char *cache, *kind;
} short_names[] = {
	{ "vm_area_struct", "vma" },
	{ "mm_struct", "mm" },
};

/*
 * As slab_of(), without a reference that keeps the slab: after PG_slab was seen set, slab_head may
 * have become an index. Only what can be the first page of that slab is followed.
 */
static struct page *slab_of_any(const void *obj)
{
	struct page *page = virt_to_page(obj), *slab;
	unsigned long off;

	if (!page || !page_test_flag(page, PG_slab))
		return NULL;
	slab = READ_ONCE(page->slab_head);
	off = (unsigned long)page - (unsigned long)slab;
	if (off % sizeof(struct page) || off >= sizeof(struct page) << SLAB_MAX_ORDER ||
	    slab < page_ranges[page->range].map)
		return NULL;
	return slab;
}

/* Its cache, which is a block of pages. What took its place may be NULL or an anon_vma, marked. */
static struct kmem_cache *cache_of_any(const struct page *slab)
{
	struct kmem_cache *s = READ_ONCE(slab->slab_cache);

	return IS_ALIGNED((unsigned long)s, PAGE_SIZE) && virt_to_page(s) ? s : NULL;
}

static const char *slab_kind(const void *obj, const void **base)
{
	struct page *slab = slab_of_any(obj);
	struct kmem_cache *s = slab ? cache_of_any(slab) : NULL;
	char *first = slab ? page_address(slab) : NULL;
	const char *name;
	u32 i, size;

	if (!s)
		return NULL;
	/* Of a cache that is destroyed anything may be left. */
	name = READ_ONCE(s->name);
	size = READ_ONCE(s->size);
	if (!size || !addr_in_image((unsigned long)name))
		return NULL;
	i = (u32)((char *)obj - first) / size;
	if (i >= READ_ONCE(s->objects))
		return NULL;
	*base = first + (size_t)i * size;
	for (i = 0; i < ARRAY_SIZE(short_names); i++)
		if (!strcmp(name, short_names[i].cache))
			return short_names[i].kind;
	return name;
}

const char *mm_object_kind(const void *obj, const void **base)
{
	for (unsigned int i = 0; i < nr_page_ranges; i++) {
		const struct page_range *r = &page_ranges[i];
		unsigned long off = (unsigned long)obj - (unsigned long)r->map;

		if (off < r->nr * sizeof(struct page)) {
			*base = r->map + off / sizeof(struct page);
			return "page";
		}
	}
	return slab_kind(obj, base);
}
