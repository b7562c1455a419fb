/* SPDX-License-Identifier: GPL-2.0-only */
/* Blocks of any number of pages: a block of the buddies, of which what is too much goes back. */
#include <arch/atomic.h>
#include <mm/page_alloc.h>

/* Make single pages of a block that has one reference. */
static void page_block_split(struct page *page, unsigned int order)
{
	page->order = 0;
	for (unsigned long i = 1; i < 1UL << order; i++)
		WRITE_ONCE(page[i].refcount, 1);
}

void *alloc_pages_exact(size_t size, size_t align, gfp_t gfp)
{
	unsigned long nr = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned int order = 0;
	struct page *page;

	gfp = gfp_check(gfp, "alloc_pages_exact()");
	if (!nr || size + PAGE_SIZE - 1 < size)
		return NULL;
	while (order <= MAX_PAGE_ORDER && ((1UL << order) < nr || (PAGE_SIZE << order) < align))
		order++;
	page = alloc_pages(gfp, order);
	if (!page)
		return NULL;
	page_block_split(page, order);
	for (unsigned long i = nr; i < 1UL << order; i++)
		free_pages(page + i, 0);
	return page_address(page);
}

void free_pages_exact(void *p, size_t size)
{
	struct page *page = virt_to_page(p);

	for (unsigned long i = 0; i < (size + PAGE_SIZE - 1) >> PAGE_SHIFT; i++)
		free_pages(page + i, 0);
}
