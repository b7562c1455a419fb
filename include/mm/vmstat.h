/* SPDX-License-Identifier: GPL-2.0-only */
/* What the memory manager counts, on each CPU: how faults ended, what reclaim did (mm/vmstat.c). */
#pragma once

#include <lib/types.h>

/* How faults ended. */
enum mm_fault_kind {
	MM_FAULT_ANON,	   /* new page for a write */
	MM_FAULT_ZERO,	   /* zero page for a read */
	MM_FAULT_COW,	   /* copied */
	MM_FAULT_REUSE,	   /* the last user took the page over */
	MM_FAULT_SWAP,	   /* not present: swapped out or being migrated */
	MM_FAULT_FLAGS,	   /* access or dirty bit set by software */
	MM_FAULT_SPURIOUS, /* another CPU had done it, or the TLB was stale */
	MM_FAULT_STACK,	   /* a stack grew (and one of the above) */
	MM_FAULT_BAD,	   /* no area, or not permitted */
	MM_FAULT_OOM,
	MM_FAULT_NR,
};
void mm_fault_count(enum mm_fault_kind kind);
/* Sum over all CPUs since boot. May be in motion. */
unsigned long mm_fault_total(enum mm_fault_kind kind);

/* What reclaim, swap and migration did to pages. */
enum reclaim_event {
	RECLAIM_SCANNED,
	RECLAIM_FREED,
	RECLAIM_ACTIVATED,
	RECLAIM_SWAPPED_OUT,
	RECLAIM_SWAPPED_IN,
	RECLAIM_MIGRATED,
	RECLAIM_WAKEUPS,
	RECLAIM_EVENTS,
};
void reclaim_count(enum reclaim_event e);

struct reclaim_stats {
	unsigned long scanned, freed, activated, swapped_out, swapped_in, migrated, wakeups;
};
/* Sums over all CPUs since boot. May be in motion. */
void reclaim_read_stats(struct reclaim_stats *s);
