/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mm/tlb.c, memory.c and pgtable_user.c need of the rest: pages, which are given out again as
 * soon as they are free, and as much of the reverse map as counts. And their own data, put back
 * before each run: the three are linked with all of it in one section.
 */
#include <string.h>

#undef __always_inline

#include <kernel/panic.h>
#include <mm/lru.h>
#include <mm/memory.h>
#include <mm/page_alloc.h>
#include <mm/rmap.h>
#include <mm/swap.h>

#include "../../../mm/internal.h"
#include "sim.h"

struct page_range page_ranges[PAGE_RANGES_MAX];
unsigned int nr_page_ranges = 1;

static struct page pages[SIM_FRAMES];
static struct page *free_list;

/* The sections of the code under test: tests/host/Makefile. */
extern char __start_under_test[], __stop_under_test[];
extern char __start_under_test_zero[], __stop_under_test_zero[];
static char pristine[4096];

struct page *page_take(enum frame_use use)
{
	struct page *page = free_list;
	pteval_t *entry;

	if (!page)
		sim_fail("no frame is left");
	free_list = page->pcp_next;
	page->refcount = 1;
	page->mapcount = 0;
	frame_take(page_to_phys(page), use);
	entry = page_address(page);
	for (unsigned int i = 0; i < SIM_ENTRIES && use == FRAME_TABLE; i++)
		sim_store(&entry[i], 0);
	return page;
}

static void page_put(struct page *page)
{
	if (--page->refcount)
		return;
	if (page->mapcount)
		sim_fail("a page is freed with mapcount %d", page->mapcount);
	frame_give(page_to_phys(page));
	page->pcp_next = free_list;
	free_list = page;
}

/* What is allocated is tables, and the zero page before them. */
struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return page_take(zero_page ? FRAME_TABLE : FRAME_PAGE);
}

void free_pages(struct page *page, unsigned int order)
{
	page_put(page);
}

void get_page(struct page *page)
{
	page->refcount++;
}

void page_dup_rmap(struct page *page)
{
	page->mapcount++;
}

void page_remove_rmap(struct page *page)
{
	if (page->mapcount-- <= 0)
		sim_fail("mapcount below 0");
}

void put_anon_page(struct page *page)
{
	page_put(page);
}

void put_anon_pages(struct page **list, unsigned int n)
{
	while (n--)
		page_put(*list++);
}

void anon_vma_unlink(struct vm_area_struct *vma)
{
	sim_fail("no area has an anon_vma here");
}

pteval_t swap_dup_pte(pteval_t *src)
{
	return *src;
}

void swap_free_pte(pteval_t pte)
{
	if (!pte_is_swap(pte))
		sim_fail("no slot: %lx", (unsigned long)pte);
}

static void under_test_reset(void)
{
	size_t size = __stop_under_test - __start_under_test;
	static bool saved;

	if (size > sizeof(pristine))
		sim_fail("%zu bytes of data", size);
	if (!saved)
		memcpy(pristine, __start_under_test, size);
	saved = true;
	memcpy(__start_under_test, pristine, size);
	memset(__start_under_test_zero, 0, __stop_under_test_zero - __start_under_test_zero);
}

void kernel_reset(void)
{
	under_test_reset();
	page_ranges[0] = (struct page_range){ mmu_memory() >> PAGE_SHIFT, SIM_FRAMES, pages };
	memset(pages, 0, sizeof(pages));
	free_list = NULL;
	for (unsigned int i = SIM_FRAMES; i--;) {
		pages[i].pcp_next = free_list;
		free_list = &pages[i];
	}
	if (memory_init())
		sim_fail("no zero page");
}
