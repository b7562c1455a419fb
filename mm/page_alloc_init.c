/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the boot-time allocator to the page allocator: what the one has left becomes ranges of pages
 * of the other, and from then on the one asks the other.
 */
#include <kernel/boot.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>

/*
 * Take a range over; its first pages hold the struct pages of the others. Where there are too many
 * the smallest is left out.
 */
static void range_add(const struct phys_range *phys)
{
	unsigned long pfn = ALIGN_UP(phys->base, PAGE_SIZE) >> PAGE_SHIFT;
	unsigned long end = (phys->base + phys->size) >> PAGE_SHIFT;
	unsigned long per_page = PAGE_SIZE / sizeof(struct page), own;
	unsigned int at;

	if (end < pfn + 2)
		return;
	own = (end - pfn + per_page) / (per_page + 1);
	if (nr_page_ranges == PAGE_RANGES_MAX) {
		if (page_ranges[PAGE_RANGES_MAX - 1].nr >= end - pfn - own)
			return;
		nr_page_ranges--;
	}
	at = nr_page_ranges;
	for (; at && page_ranges[at - 1].nr < end - pfn - own; at--)
		page_ranges[at] = page_ranges[at - 1];
	page_ranges[at].map = __va((phys_addr_t)pfn << PAGE_SHIFT);
	page_ranges[at].pfn = pfn + own;
	page_ranges[at].nr = end - pfn - own;
	nr_page_ranges++;
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
		range_add(&phys);
	err = page_alloc_start();
	boot_alloc_pages = boot_alloc_exact;
	boot_free_pages = free_pages_exact;
	return err;
}
