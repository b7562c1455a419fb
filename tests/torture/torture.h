/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the torture of the memory manager consists of: workers (mm_torture.c), each with a region
 * and a model of it (region.c), and a counter for those of an address space (counter.c). All of it
 * belongs to the test, from its beginning to its end.
 */
#pragma once

#include <test/mm.h>

#define REGION_PAGES 48
#define REGION_SPAN  (64UL << 20)
#define SPACE_CREW   4		  /* workers that share a space: one may fork, and two still race */
#define CHILD_STEP   (1ULL << 32) /* of the counter in a child; no parent comes that far */
#define DICE	     16 /* a turn is one of so many, the lowest four bits of a random number */
#define DICE_FORK    6
#define COUNTER_ADDR (TEST_ADDR - 16 * PAGE_SIZE)

/* What a worker knows of one page of its region. */
struct expected {
	u32 seq; /* turn of the stamp; 0: never written to */
	u8 prot; /* VM_* */
	bool mapped;
	bool unknown; /* a write failed halfway */
};

struct region {
	struct expected page[REGION_PAGES];
	u32 owner[REGION_PAGES];    /* of the stamp */
	unsigned int stack;	    /* pages of the stack that are there; 0: none */
	u32 stack_owner, stack_seq; /* of the stamp in its lowest page */
};

struct worker {
	struct crew *c;
	unsigned int me;
	u32 id;		     /* owner of its stamps */
	unsigned long base;  /* of its region; its stack ends REGION_SPAN / 2 above */
	u32 seq;	     /* last turn */
	struct region r;     /* in the address space that it shares */
	struct region child; /* in a child of it */
	u64 shared;	     /* successful increments of the common counter */
	u64 turns, nomem, forks, digest;
};

struct torture {
	struct mm_struct *mm[CREW_MAX]; /* one for each SPACE_CREW workers */
	u32 invites[CREW_MAX];		/* workers of that space about to fork; atomic */
	u32 forked[CREW_MAX];		/* forks in that space; atomic */
	u32 watchers[CREW_MAX];		/* workers that look on; atomic */
	u64 floor[CREW_MAX];		/* its counter has had this value; atomic */
	struct worker worker[CREW_MAX];
	u64 pressure; /* how often memory was taken */
	u64 deadline; /* clock_ns() */
};
extern struct torture tort;

void torture_fail(struct worker *w, const char *what, unsigned long page, long ret);
/* Was it for want of memory? Else it should not have failed. */
bool torture_nomem(struct worker *w, const char *what, unsigned long page, long ret);

/*
 * One operation, by @dice, on the region of @w that @r is the model of: in the address space that
 * it shares, or in a child of it. @owner: of new stamps.
 */
void region_turn(struct worker *w, struct region *r, u64 dice, u32 owner);
/* All of it is as its model says. */
void region_check(struct worker *w, struct region *r, const char *what);

/* So far the counter of @w's space has come, at least. */
u64 counter_known(const struct worker *w);
/* No increment may be forgotten. False: it could not be read for want of memory. */
bool counter_look(struct worker *w, u64 *val);
/* Nor may one get lost. */
void counter_add(struct worker *w);
/* Is somebody of @w's space about to fork? */
bool counter_invited(const struct worker *w);
/* Then look at the counter all the while. */
void counter_watch(struct worker *w);
/* Ask the others of the space to watch, and wait for some, but not long. */
void counter_invite(struct worker *w);
void counter_invite_end(struct worker *w);
/* @w has forked: there is a child. */
void counter_forked(struct worker *w);
/*
 * A child has the counter for itself, while its parents go on with theirs: @val is what it read or
 * wrote last.
 */
void counter_child(struct worker *w, u64 *val);
