/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the boot-time allocator to the page allocator: what the one has left becomes ranges of pages
 * of the other, and from then on the one asks the other.
 */
#include <kernel/boot.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>

unsigned int page_range_add(struct page_range *ranges, unsigned int nr,
			    const struct phys_range *phys)
{
	unsigned long pfn = ALIGN_UP(phys->base, PAGE_SIZE) >> PAGE_SHIFT;
	unsigned long end = (phys->base + phys->size) >> PAGE_SHIFT;
	unsigned long per_page = PAGE_SIZE / sizeof(struct page), own;
	unsigned int at;

	if (end < pfn + 2)
		return nr;
	own = (end - pfn + per_page) / (per_page + 1);
	if (nr == PAGE_RANGES_MAX) {
		if (ranges[PAGE_RANGES_MAX - 1].nr >= end - pfn - own)
			return nr;
		nr--;
	}
	for (at = nr; at && ranges[at - 1].nr < end - pfn - own; at--)
		ranges[at] = ranges[at - 1];
	ranges[at].map = __va((phys_addr_t)pfn << PAGE_SHIFT);
	ranges[at].pfn = pfn + own;
	ranges[at].nr = end - pfn - own;
	return nr + 1;
}

static void *boot_alloc_exact(size_t size, size_t align)
{
	return alloc_pages_exact(size, align, __GFP_ZERO | __GFP_NOINJECT);
}

int page_alloc_init(void)
{
	struct phys_range phys;
	int err;

	while (boot_alloc_hand_over(&phys))
		nr_page_ranges = page_range_add(page_ranges, nr_page_ranges, &phys);
	err = page_alloc_start();
	boot_alloc_pages = boot_alloc_exact;
	boot_free_pages = free_pages_exact;
	return err;
}
