/* SPDX-License-Identifier: GPL-2.0-only */
/* Reclaim: mm/reclaim.c. */
#pragma once

#include <lib/types.h>

struct page;

/*
 * Try to free @nr pages. Returns how many were freed, by us or by others at the same time. May
 * sleep; no lock held but mmap_sem. What GFP_KERNEL calls when there is no memory.
 */
unsigned long reclaim_pages(unsigned long nr);
/* Is somebody at it, who has pages isolated and locked? For tests; may be in motion. */
bool reclaim_busy(void);
/* Swap out @page now, used or not; drops the caller's reference. 0, -EBUSY, -ENOMEM: no slot. */
int reclaim_page(struct page *page);
/* The background thread frees memory when fewer than @low pages are free, until @high are. */
void reclaim_set_watermarks(unsigned long low, unsigned long high);
