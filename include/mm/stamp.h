/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Content stamps: what a page of an address space should hold, so that a lost write, a stale TLB
 * entry, a wrong mapping or a page freed too early is seen as wrong data.
 *
 * A stamp says who wrote it (an address space's id, or whatever number the test gives), for which
 * address, and in which turn. It stands at the beginning, in the middle and at the end of the page,
 * each time scrambled differently, so that a page put together of two is seen too. Turn 0 is memory
 * that was never written to: zeroes.
 */
#pragma once

#include <lib/types.h>

struct page;

struct stamp {
	u32 owner;	    /* of which 16 bits are kept */
	u32 seq;	    /* turn, of which 20 bits are kept; 0: never written to */
	unsigned long addr; /* of the page, of whose number 28 bits are kept */
};

/* What was found instead. */
struct stamp_found {
	unsigned long addr; /* of the word */
	u64 raw, expected;
	struct stamp stamp; /* what the word says, if it is one at all */
};

/*
 * Write @s to the page at s->addr of the current address space, through the MMU. 0, or an errno of
 * user_write64(): the page then holds parts of the old and of the new stamp. May sleep.
 */
int stamp_write(const struct stamp *s);

/*
 * Does the page at s->addr of the current address space hold @s? 0; an errno of user_read64(); or
 * STAMP_WRONG and *found. May sleep.
 */
#define STAMP_WRONG 1
int stamp_check(const struct stamp *s, struct stamp_found *found);

/* Report (DETECT_STAMP) what stamp_check() has found instead of @s. Any context. */
void stamp_report(const struct stamp *s, const struct stamp_found *f);

/*
 * Does @page, which nobody writes to now, hold a stamp (or zeroes), whole, for the place that
 * page->index says? Any context.
 */
bool stamp_fits_page(const struct page *page);
