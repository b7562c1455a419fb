/* SPDX-License-Identifier: GPL-2.0-only */
/* The page allocator: blocks of 2^order pages, aligned to their size. */
#pragma once

#include <mm/gfp.h>
#include <mm/page.h>

struct phys_range;

#define MAX_PAGE_ORDER 12

/* Take over what boot_alloc() has left; it takes from here then. Boot CPU, once. 0 or -ENOMEM. */
int page_alloc_init(void);
/*
 * Take a range over into @ranges, of which there are @nr, the largest first: its first pages hold
 * the struct pages of the others. Where there are too many the smallest is left out, as is what
 * has not two whole pages. Returns how many there are now.
 */
unsigned int page_range_add(struct page_range *ranges, unsigned int nr,
			    const struct phys_range *phys);
/* Its part in the allocator itself: all pages of page_ranges become free. */
int page_alloc_start(void);

/*
 * A block of 2^@order pages with one reference, or NULL. Its contents are whatever was there (in a
 * debug build: junk), unless __GFP_ZERO. Context: see mm/gfp.h.
 */
struct page *alloc_pages(gfp_t gfp, unsigned int order);
#define alloc_page(gfp) alloc_pages(gfp, 0)

/* put_page() by somebody who knows the order. Any context but NMI. */
void free_pages(struct page *page, unsigned int order);
#define __free_page(page) free_pages(page, 0)

/*
 * @size bytes of whole pages at a multiple of @align (a power of two), each page with a reference
 * of its own; or NULL.
 */
void *alloc_pages_exact(size_t size, size_t align, gfp_t gfp);
void free_pages_exact(void *p, size_t size);

/* Free pages, those on the CPUs' lists too. Exact while nobody allocates or frees. */
unsigned long nr_free_pages(void);
/* Pages under management, free or not. */
unsigned long nr_managed_pages(void);
/* What is kept back for GFP_ATOMIC. */
unsigned long page_alloc_reserve(void);

/* Give every CPU's list back to the buddy lists. Interrupts enabled. */
void drain_pages(void);

/*
 * Called when GFP_KERNEL finds nothing: try to free @nr pages, return how many were freed. May
 * sleep. Set once by the reclaim code; NULL: there is none.
 */
extern int (*page_alloc_reclaim)(unsigned long nr);

struct page_alloc_stats {
	u64 allocs, frees;	     /* blocks */
	u64 failures;		     /* that returned NULL, injected ones too */
	u64 pcp_refills, pcp_drains; /* a CPU's list met the buddy lists */
	u64 splits, merges;
	u64 reclaims; /* calls of page_alloc_reclaim */
};

/* Sums over all CPUs since boot. Exact while nobody allocates or frees. */
void page_alloc_read_stats(struct page_alloc_stats *s);
/* Free blocks of each order 0..MAX_PAGE_ORDER, without those on the CPUs' lists. */
void page_alloc_read_free(unsigned long blocks[MAX_PAGE_ORDER + 1]);

/* ---- a CPU's list of free pages: shown here for its test ---- */

/*
 * Last in, first out. No lock: in use it belongs to one CPU, which disables interrupts.
 */
struct page_pcp {
	struct page *head;
	unsigned int count;
};

static inline void page_pcp_push(struct page_pcp *p, struct page *page)
{
	page->pcp_next = READ_ONCE(p->head);
	WRITE_ONCE(p->head, page);
	WRITE_ONCE(p->count, p->count + 1);
}

static inline struct page *page_pcp_pop(struct page_pcp *p)
{
	struct page *page = READ_ONCE(p->head);

	if (!page)
		return NULL;
	WRITE_ONCE(p->head, READ_ONCE(page->pcp_next));
	WRITE_ONCE(p->count, p->count - 1);
	return page;
}
