/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which address space is loaded on which CPU, address-space ids, and TLB shoot-down (mm/tlb.c).
 */
#pragma once

#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <lib/types.h>
#include <mm/mm.h>

/* Prepare mm->context and mm->cpus_used of a new address space, which has its root. */
void tlb_mm_init(struct mm_struct *mm);

/*
 * @mm dies: no CPU has it loaded on return, not even lazily, and its root may be freed. Every
 * entry was cleared and flushed before. Interrupts enabled; may not be called from an interrupt.
 */
void tlb_mm_destroy(struct mm_struct *mm);

/*
 * Load @mm on this CPU; NULL: the thread to run has no user addresses, and what is loaded stays
 * (nobody uses it, and switching back is then free). Interrupts disabled.
 */
void switch_mm(struct mm_struct *mm);
/* What is loaded on this CPU, or NULL. Interrupts or preemption disabled. */
struct mm_struct *mm_loaded(void);
/* No user address is mapped on this CPU from now on. Interrupts disabled. */
void switch_mm_kernel(void);

/*
 * After entries were cleared, narrowed, or given another frame: on return no CPU uses the old
 * ones, and accesses that did have been performed. The store to the entry may be relaxed.
 * Interrupts enabled; spinlocks may be held unless somebody takes them with interrupts disabled.
 */
void tlb_flush_page(struct mm_struct *mm, unsigned long va);
void tlb_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end);
void tlb_flush_mm(struct mm_struct *mm);
/* The same after tables were taken out: on return no CPU walks them, and they may be freed. */
void tlb_flush_tables(struct mm_struct *mm);

/* After an entry of current's @mm was made present; after a fault found it wide enough. */
void tlb_pte_added(struct mm_struct *mm, unsigned long va);
void tlb_fix_fault(struct mm_struct *mm, unsigned long va);

/* The id that @mm had last; is it of the current generation? */
bool tlb_mm_asid_current(const struct mm_struct *mm, unsigned int *asid);

/* ---- for tests and statistics ---- */

/* Act as if there were only @n address-space ids (0: as many as there are). Any thread. */
void tlb_limit_asids(unsigned int n);
unsigned int tlb_nr_asids(void);
/* The id that @mm had last, 0 if none; how often ids ran out. */
unsigned int tlb_mm_asid(const struct mm_struct *mm);
unsigned long tlb_asid_rollovers(void);

/*
 * With BUSTED_TLB_SKIP_CPU shoot-downs leave this CPU out. Where they are broadcast they then reach
 * nobody but the CPU that asks.
 */
extern unsigned int tlb_skip_cpu;
