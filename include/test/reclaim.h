/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of reclaim, swap and migration share. */
#pragma once

#include <mm/lru.h>
#include <mm/migrate.h>
#include <mm/page.h>
#include <mm/page_lock.h>
#include <mm/reclaim.h>
#include <mm/stamp.h>
#include <mm/swap.h>
#include <test/mm.h>

/* A mapping of @pages at TEST_ADDR in a new address space that the current thread adopts. */
struct mm_struct *space_begin(struct test *t, unsigned long pages);
/* Leave and drop it. */
void space_end(struct mm_struct *mm);
/* Let the current thread leave what it has adopted, and adopt @to. */
void space_switch(struct mm_struct *to);

/* Fewer than @slots slots in swap? Then @t is skipped. */
bool swap_missing(struct test *t, unsigned long slots);
void expect_slots(struct test *t, unsigned long used);

/*
 * How most tests here begin and end. Begin: skip unless swap has @slots slots, take the balance,
 * and space_begin(); NULL if there is nothing to go on with. End: space_end(), no slot in use, and
 * all is as it was.
 */
struct mm_struct *reclaim_begin(struct test *t, struct mm_balance *b, unsigned long pages,
				unsigned long slots);
void reclaim_end(struct test *t, const struct mm_balance *b, struct mm_struct *mm);

/* Stamp, or check the stamps of, @nr pages from page @first of the mapping. */
void pages_stamp(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq);
bool pages_check(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq,
		 const char *what);

/* The page at @addr of @mm with a reference, or NULL. */
struct page *page_get_at(struct mm_struct *mm, unsigned long addr);
/* Swap out the page at @addr of @mm: what reclaim_page() says; -ENOENT without a page. */
int page_swap_out(struct mm_struct *mm, unsigned long addr);
/* The same for @nr pages from page @first of the mapping, each of which must go. */
void pages_swap_out(struct test *t, struct mm_struct *mm, unsigned long first, unsigned long nr);
/* Move the page at @addr to another frame: what migrate_page() says; -ENOENT without a page. */
int page_migrate(struct mm_struct *mm, unsigned long addr);
/* Page @i of the mapping becomes an old one that nobody has used. */
void page_grows_old(struct test *t, struct mm_struct *mm, unsigned long i);
/* The entry at @addr. */
pteval_t pte_at(struct mm_struct *mm, unsigned long addr);
