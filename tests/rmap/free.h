/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Races that nobody arranges: a workload in which anon_vmas come and go as fast as they can while
 * others look for them by the pages. See free_load.c.
 */
#pragma once

#include <kernel/sync_point.h>
#include <lib/types.h>
#include <test/test.h>

/* Threads of one address space, at most. */
#define PARTY_MAX 4

/* The delays are meant for a machine on which a private area lives so long. */
#define DELAY_UNIT_NS 100000ULL

/* On which CPUs the threads are. */
enum free_spread {
	SPREAD_HALF, /* half of the time as SPREAD_OFF, the other half as SPREAD_ON */
	SPREAD_ON,   /* all that are online */
	SPREAD_OFF,  /* as many as the host can truly run at once: there, races are densest */
};

/* What is drawn from the seed before it begins. */
struct free_knobs {
	unsigned int party;   /* threads of one address space */
	unsigned int per_cpu; /* threads that use memory, for each CPU */
	unsigned int tick_hz; /* of the timer: preemption, and grace periods */
	bool storm;	      /* of interrupts */
	enum free_spread spread;
	unsigned int nr_rules; /* random delays at sync points */
	struct sync_rule rules[SYNC_RULES_MAX];
};

/* What happened. */
struct free_stats {
	u64 lives;		      /* of address spaces, but for those of children */
	u64 writes, checks;	      /* of stamps */
	u64 forks, nomem;	      /* children; operations without memory */
	u64 looked, reclaimed, moved; /* pages, by those who come by the reverse map */
	u64 dead;		      /* of these: unmapped since they were picked */
	u64 turn_us;		      /* how long a private area lived lately */
	u64 spread_lives;	      /* of lives: with threads on all CPUs */
	u64 tides;		      /* how often all anon_vmas were gone */
	u64 digest;		      /* of the first decisions of all threads */
};

/* From the test's random numbers, and the boot line. */
void free_knobs_draw(struct free_knobs *k, struct rng *rng);
/*
 * Let it happen for @ns, with the anon_vma code that is in force. What is wrong is reported through
 * detect(). CPU 0.
 */
void free_load_run(struct test *t, const struct free_knobs *k, u64 ns);
/* What has happened so far; any CPU, may be in motion. */
void free_load_stats(struct free_stats *s);
