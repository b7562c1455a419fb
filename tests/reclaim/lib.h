/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of reclaim, swap and migration share. */
#pragma once

#include <mm/page.h>
#include <mm/stamp.h>
#include <mm/swap.h>

#include "../mm/lib.h"

/* A mapping of @pages at TEST_ADDR in a new address space that the current thread adopts. */
struct mm_struct *space_begin(struct test *t, unsigned long pages);
/* Leave and drop it. */
void space_end(struct mm_struct *mm);
/* Let the current thread leave what it has adopted, and adopt @to. */
void space_switch(struct mm_struct *to);

/* Stamp, or check the stamps of, @nr pages from page @first of the mapping. */
void pages_stamp(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq);
bool pages_check(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq,
		 const char *what);

/* The page at @addr of @mm with a reference, or NULL. */
struct page *page_get_at(struct mm_struct *mm, unsigned long addr);
/* Swap out the page at @addr of @mm: what reclaim_page() says; -ENOENT without a page. */
int page_swap_out(struct mm_struct *mm, unsigned long addr);
/* The entry at @addr. */
pteval_t pte_at(struct mm_struct *mm, unsigned long addr);
