/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct page: one for each page that the page allocator took over, free or in use.
 *
 * Memory comes in ranges (banks, less what boot used); each begins with its own array of struct
 * page. The image, firmware and what boot_alloc() gave out before page_alloc_init() have none.
 *
 * Who may write what:
 *	free page		the page allocator
 *	page of a slab		the slab allocator
 *	else			who holds a reference, by the rules of the rmap, LRU and swap code
 */
#pragma once

#include <arch/atomic.h>
#include <kernel/rcu.h>
#include <lib/list.h>
#include <mm/address.h>

struct kmem_cache;

/* Bits of page->flags. */
enum page_flag {
	PG_buddy,     /* head of a free block: page allocator, under its lock */
	PG_pcp,	      /* on a CPU's list of free pages */
	PG_junk,      /* free, and filled with junk since */
	PG_slab,      /* belongs to a slab; see slab_head */
	PG_locked,    /* the rest is for the users of anonymous pages */
	PG_dirty,     /* differs from its copy in swap */
	PG_lru,	      /* on an LRU list */
	PG_active,    /* on the active one */
	PG_swapcache, /* has a slot in swap: private */
	NR_PAGE_FLAGS,
};

struct page {
	u32 flags; /* bits of enum page_flag; changed by cmpxchg while others may see the page */
	u8 order;  /* of the block that begins here, while it is free or as it was allocated */
	u8 range;  /* index into page_ranges; constant */
	u16 _pad;
	s32 refcount; /* atomic; 0: free, or not the first page of its block */
	s32 mapcount; /* atomic; page-table entries that map it */
	union {
		void *mapping; /* anon_vma | PAGE_MAPPING_ANON; keeps its value until the free */
		struct kmem_cache *slab_cache;
	};
	union {
		unsigned long index;
		struct page *slab_head; /* of each page of a slab: the first one */
	};
	union {
		struct list_head lru;
		struct rcu_head rcu;   /* a slab's first page while it waits for a grace period */
		struct page *pcp_next; /* on a CPU's list */
	};
	union {
		unsigned long private;
		struct {
			u16 slab_free;	/* index of the first free object; under the cache's lock */
			u16 slab_inuse; /* objects out of the slab; under the cache's lock */
		};
	};
	unsigned long free_pc; /* debug: who freed it last */
};
BUILD_BUG_ON(sizeof(struct page) != 64);

#define PAGE_MAPPING_ANON 1UL

/* ---- pages, their numbers and their addresses ---- */

struct page_range {
	unsigned long pfn, nr; /* nr pages from number pfn on */
	struct page *map;      /* their struct pages */
};
#define PAGE_RANGES_MAX 128
/* Largest first. Written by page_alloc_init(), constant after. */
extern struct page_range page_ranges[PAGE_RANGES_MAX];
extern unsigned int nr_page_ranges;

static inline unsigned long page_to_pfn(const struct page *page)
{
	const struct page_range *r = &page_ranges[page->range];

	return r->pfn + (page - r->map);
}

/* NULL if the page allocator does not manage that page. */
static inline struct page *pfn_to_page(unsigned long pfn)
{
	for (unsigned int i = 0; i < nr_page_ranges; i++)
		if (pfn - page_ranges[i].pfn < page_ranges[i].nr)
			return &page_ranges[i].map[pfn - page_ranges[i].pfn];
	return NULL;
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return (phys_addr_t)page_to_pfn(page) << PAGE_SHIFT;
}

static inline struct page *phys_to_page(phys_addr_t pa)
{
	return pfn_to_page(pa >> PAGE_SHIFT);
}

/* Where the kernel sees the page: in the linear map. */
static inline void *page_address(const struct page *page)
{
	return __va(page_to_phys(page));
}

/* @p in the linear map; else NULL. */
static inline struct page *virt_to_page(const volatile void *p)
{
	return pfn_to_page(((unsigned long)p - PAGE_OFFSET) >> PAGE_SHIFT);
}

/* ---- flags ---- */

static inline bool page_test_flag(const struct page *page, enum page_flag f)
{
	return READ_ONCE(page->flags) & (1U << f);
}

/* Set some bits; fully ordered. Returns the flags as they were. */
static inline u32 page_flags_set(struct page *page, u32 bits)
{
	u32 old;

	do
		old = READ_ONCE(page->flags);
	while (cmpxchg(&page->flags, old, old | bits) != old);
	return old;
}

/* Set or clear one bit; fully ordered. Returns whether it was set before. */
static inline bool page_test_set_flag(struct page *page, enum page_flag f)
{
	return page_flags_set(page, 1U << f) & (1U << f);
}

static inline bool page_test_clear_flag(struct page *page, enum page_flag f)
{
	u32 old;

	do
		old = READ_ONCE(page->flags);
	while (cmpxchg(&page->flags, old, old & ~(1U << f)) != old);
	return old & (1U << f);
}

/* The same without a result; atomic, but order nothing. */
static inline void page_set_flag(struct page *page, enum page_flag f)
{
	u32 old;

	do
		old = READ_ONCE(page->flags);
	while (cmpxchg_relaxed(&page->flags, old, old | 1U << f) != old);
}

static inline void page_clear_flag(struct page *page, enum page_flag f)
{
	u32 old;

	do
		old = READ_ONCE(page->flags);
	while (cmpxchg_relaxed(&page->flags, old, old & ~(1U << f)) != old);
}

/* ---- counts ---- */

static inline int page_count(const struct page *page)
{
	return READ_ONCE(page->refcount);
}

static inline int page_mapcount(const struct page *page)
{
	return READ_ONCE(page->mapcount);
}

static inline bool page_mapped(const struct page *page)
{
	return page_mapcount(page) > 0;
}

/* One more reference; the caller has one already. Any context. */
void get_page(struct page *page);

/* A reference to a page that may be free by now: fails then. Full barrier on success. */
bool get_page_unless_zero(struct page *page);

/*
 * Drop a reference; the last one frees the block. All that was done to the page before comes before
 * its next use. Any context but NMI.
 */
void put_page(struct page *page);
/* Drop @n references at once, of which none is the last: the caller keeps one. Any context. */
void put_page_refs(struct page *page, unsigned int n);
/* The same for each of @nr pages, in less time. */
void put_pages(struct page **pages, unsigned int nr);
