/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the free-running workload share: free_load.c says what runs here, and begins
 * and ends it; free_member.c has the threads of parties, free_reap.c those that come by the pages.
 */
#pragma once

#include <mm/mm.h>
#include <test/mm.h>

#include "free.h"

#define AREAS 6 /* that a party shares */

enum area_kind {
	AREA_APART, /* no neighbour: an anon_vma of its own */
	AREA_NEXT,  /* touches the one before, with other permissions: may share its anon_vma */
	AREA_STACK, /* grows downwards by the writes */
	AREA_KINDS,
};

struct area {
	enum area_kind kind;
	unsigned long first; /* page of thread 0 of the party */
	unsigned long start, len;
	unsigned long flags;
	bool mapped;
};

/* Threads that share an address space, and meet after each step. */
struct party {
	unsigned int nr;
	struct wait_queue queue;
	u32 arrived; /* at all meetings so far; atomic */
	/* The rest is the leader's; others read it between two meetings. */
	struct mm_struct *mm;
	unsigned int rounds;
	bool over;
	struct area area[AREAS];
};

struct member {
	struct crew *c;
	struct party *p;
	unsigned int me; /* in the party; 0 leads */
	u32 id;		 /* owner of its stamps */
	u32 turn;	 /* meetings so far */
	u32 seq;	 /* of its last stamp */
	u32 stamp[AREAS];
	struct free_stats s;
};

struct free_load {
	const struct free_knobs *knobs;
	u64 deadline;		 /* clock_ns() */
	unsigned int nr_parties; /* constant while they run */
	struct party party[CREW_MAX];
	struct member member[CREW_MAX]; /* by number of the thread */
	bool spread;			/* threads are on all CPUs */
	u32 calibrating;
	u64 turn_ns, turns;			   /* see note_turn() */
	u64 looked, reclaimed, moved, dead, tides; /* atomic */
};
extern struct free_load free_load;

/* The tides: parties stay ashore between two lives while it ebbs. */
struct free_sea {
	struct wait_queue queue;
	u32 ebb;
	u32 ashore; /* parties; atomic */
};
extern struct free_sea free_sea;

/* Is the time up? Not before a reaper has had its turn, on a host that hardly lets us run. */
bool free_load_done(const struct crew *c);

/* Threads of a crew. */
void free_member_thread(struct crew *c, unsigned int me);
void free_reaper_thread(struct crew *c, unsigned int me);

/*
 * Between two lives: is it ebb? Then wait until the flood comes. While others are still out we look
 * for their pages, which are about to go. @rng: a copy of the member's.
 */
void free_stay_ashore(struct crew *c, struct rng rng);
