/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an address is, for the names that reports give to objects: a page by its struct page, an
 * object of a slab by its cache. Looks at nothing that changes but page flags, and so may be asked
 * of memory that is something else by now; the answer is then that.
 */
#include <kernel/string.h>

#include "internal.h"
#include "slab_internal.h"

/* Caches whose objects have a shorter name in everyday use. */
static const struct {
	const char *cache, *kind;
} short_names[] = {
	{ "vm_area_struct", "vma" },
	{ "mm_struct", "mm" },
};

static const char *slab_kind(const void *obj, const void **base)
{
	struct page *slab = slab_of(obj);
	struct kmem_cache *s = slab ? READ_ONCE(slab->slab_cache) : NULL;
	u32 i;

	if (!s)
		return NULL;
	i = slab_index(s, slab, obj);
	if (i >= s->objects)
		return NULL;
	*base = slab_object(s, slab, i);
	for (i = 0; i < ARRAY_SIZE(short_names); i++)
		if (!strcmp(s->name, short_names[i].cache))
			return short_names[i].kind;
	return s->name;
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
