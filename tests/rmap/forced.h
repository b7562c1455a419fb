/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forced races: a scenario is a few actors, each on a CPU of its own, and the rules that stop them
 * at sync points, so that every run goes through the same interleaving. How: forced.c. What:
 * forced_scenarios.c. What the actors do: forced_actors.c.
 */
#pragma once

#include <kernel/sync_point.h>
#include <test/reclaim.h>

#include "variants/variants.h"

#define FORCED_ACTORS 3
#define FORCED_SPACES 2
#define FORCED_RULES  6

struct forced;

struct forced_scenario {
	const char *name;
	enum mechanism mech;
	u32 looks; /* LOOKS(); each is an instance of its own */
	/* Before the race, in the test's thread. False: the test has failed. */
	bool (*setup)(struct forced *f);
	/* After it: look what it has left (optional), then give it back (or forced_teardown()). */
	void (*check)(struct forced *f);
	void (*teardown)(struct forced *f);
	/* Whenever the list of f->anon_vma is to be walked, with its lock (optional). */
	void (*walk)(struct forced *f);
	/* The race: actor n runs on CPU n. With 2 CPUs the third one follows the second. */
	void (*actor[FORCED_ACTORS])(struct forced *f);
	struct sync_rule rules[FORCED_RULES]; /* in order of time; up to one without "at" */
	u32 ignored;			      /* BY(): what they say in this scenario is no fault */
};

/* One run of one instance. There is one at a time; the rules keep the actors' accesses apart. */
struct forced {
	struct test *t;
	const struct anon_vma_variant *v;
	const struct forced_scenario *s;
	enum look look;
	bool first_try;			     /* of this instance */
	unsigned int cpus;		     /* that take part */
	struct task_struct *first;	     /* actor 0 */
	struct mm_struct *mm[FORCED_SPACES]; /* NULL: gone */
	struct page *page;		     /* that reclaim comes for, with a reference; or NULL */
	struct anon_vma *anon_vma;	     /* of the page, as it was set up */
	void *mapping;			     /* page->mapping then */
	bool ended[FORCED_ACTORS];	     /* the actor has done its part; atomic */
	bool began;			     /* actor 0 was stopped where the scenario wants it */
	bool reused;			     /* another space has got the same anon_vma */
	bool gone, held_off; /* its memory was given back; was not, as RCU waits for actor 0 */
	unsigned int areas, mapped; /* LOOK_LOCK came to so many areas, and entries of the page */
	unsigned int wrong_walks;   /* walks of the anon_vma's list when it was another space's */
	bool lost;		    /* an area is not on the list of its anon_vma */
	struct sync_rule rules[FORCED_RULES + 1]; /* the last one calls s->walk */
	unsigned int nr_rules, excluded;
	struct detect_trap trap;
};

/* What came of an instance so far: runs, and of these ... */
struct forced_tally {
	const struct forced_scenario *s;
	enum look look;
	enum detector detector; /* that caught first */
	unsigned int runs;
	unsigned int tries, caught; /* that should be caught, that were as they should */
	unsigned int excluded;	    /* whose interleaving a lock forbade */
	unsigned int reused, gone, held_off, lost; /* see struct forced */
	unsigned int wrong_lists;		   /* runs with wrong walks */
	unsigned int areas, mapped;		   /* in all */
};

/* All instances of a mechanism for a variant, some times over. */
#define FORCED_INSTANCES 16
struct forced_run {
	const struct anon_vma_variant *v;
	enum mechanism mech;
	const char *only; /* names of scenarios, as a variant's catches; NULL: all of the mech */
	bool unraced;	  /* a list changed without its lock is reported though nobody races */
	struct forced_tally tally[FORCED_INSTANCES];
	unsigned int nr;	 /* instances */
	unsigned int runs;	 /* of instances */
	unsigned int tries;	 /* of all instances together */
	unsigned int wanted;	 /* tries in which something should be caught, ... */
	unsigned int caught;	 /* ... and everything was that should be */
	unsigned int missed;	 /* runs that should have been caught */
	unsigned int unexpected; /* runs that were reported and should not, or not so */
	enum detector detector;	 /* the first that caught */
	u64 ns;
};

/*
 * Go over to r->v, run the instances tries= times, half of them in each flavour of RCU (all of them
 * in preemptible RCU, besides, if only that shows the fault), and back. What is not as the
 * scenarios say fails @t, and so does what is not given back. The caller has set v, mech, only,
 * unraced. CPU 0, debug build, 2 CPUs. May sleep.
 */
void forced_run(struct test *t, struct forced_run *r);
/* "publish/swap:rmap-incomplete:10/10;..." */
void forced_describe(const struct forced_run *r, char *buf, size_t size);
/* Skip @t, and true, where nothing can be forced. */
bool forced_skip(struct test *t);
/* Is @name one of the words of @list, which has a space around each? */
bool forced_word_in(const char *list, const char *name);
/* Does a fault under @v deadlock with itself? Then nothing else can be asked of it. */
bool forced_deadlocks(const struct anon_vma_variant *v);

extern const struct forced_scenario forced_scenarios[];
extern const unsigned int nr_forced_scenarios;

/* ---- what scenarios are made of: forced_actors.c ---- */

/* A space with one page, and an empty one beside it. */
bool forced_setup_page(struct forced *f);
/* The page was unmapped, its anon_vma freed, and the memory given back. */
bool forced_setup_gone(struct forced *f);
/* Spaces whose areas have no page yet. */
bool forced_setup_fresh(struct forced *f);
/* As forced_setup_page(), where prepare deadlocks with one that does not; the other has a page. */
bool forced_setup_moved(struct forced *f);
/* Is every area of the first space on its anon_vma's list? Do pages hold what was written? */
void forced_check_lists(struct forced *f);
void forced_check_contents(struct forced *f);
/* A walk begins: is the list the other space's by now? */
void forced_walk_whose(struct forced *f);
/* Give back what is left. */
void forced_teardown(struct forced *f);
void forced_teardown_moved(struct forced *f);

/* Write to page 0, 1, of the first space; to the area behind it. */
void forced_fault_first(struct forced *f);
void forced_fault_second(struct forced *f);
void forced_fault_beside(struct forced *f);
/* Come to page 1 that was written so, as f->look says. */
void forced_look_second(struct forced *f);
/* The two, one after the other. */
void forced_fault_and_look(struct forced *f);
/* Come to f->page, as f->look says. */
void forced_look(struct forced *f);
/* The first space exits. */
void forced_exit(struct forced *f);
/* The same; then the other one faults. */
void forced_exit_reuse(struct forced *f);
/* The first one exits, and the memory of its anon_vma is given back. */
void forced_exit_shrink(struct forced *f);
/* The page goes over to the anon_vma of the other space. */
void forced_move(struct forced *f);
