/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One flush for many entries that were taken out, of any address spaces (mm/tlb_batch.c, whose head
 * says who must know that a flush is due).
 */
#pragma once

#include <arch/pgtable_user.h>
#include <kernel/smp.h>
#include <mm/mm.h>

/* As many are flushed page by page; more, as everything that a CPU has. */
#define TLB_BATCH_PAGES ARCH_TLB_FLUSH_PAGES_MAX

/* All zero: nothing is due. Belongs to one thread. */
struct tlb_batch {
	cpumask_t cpus;	 /* whose TLB may hold what was taken out */
	unsigned int nr; /* pages; more than TLB_BATCH_PAGES: everything */
	struct {
		unsigned int asid;
		unsigned long va;
	} page[TLB_BATCH_PAGES];
};

/*
 * The entry of @mm for @va was cleared, under page_table_lock, which is held still: a flush of it
 * is due. @mm need not live until then.
 */
void tlb_batch_add(struct tlb_batch *b, struct mm_struct *mm, unsigned long va);
/*
 * On return no CPU uses what was added, and accesses that did have been performed; nothing is due.
 * Context as of tlb_flush_page().
 */
void tlb_batch_flush(struct tlb_batch *b);
/*
 * The caller relies on entries of @mm that it found not present: if they may be in TLBs still,
 * flush all of @mm, and say so. page_table_lock, held since before they were looked at; context as
 * of tlb_flush_page().
 */
bool tlb_flush_due(struct mm_struct *mm);
