/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The variants of the anon_vma code: what somebody wrote, proposed, or said in the discussion of
 * October 2008, and what came of it. Each has a file here, to be read beside the next: it holds the
 * functions that differ, and borrows those that do not from the variant that it was derived from.
 *
 * A variant is chosen on the boot line (anon_vma=v0) for a whole run, or by a test for its own
 * time. The default is the memory manager's own form, in mm/rmap.c: V9 with V6's second check.
 */
#pragma once

#include <kernel/detect.h>
#include <mm/rmap.h>
#include <test/test.h>

#include "../order.h"

/* Ways to go wrong, or to show that nothing does. */
enum mechanism {
	MECH_INTERLEAVING, /* "interleaving": a thread steps in between two stores, in order */
	MECH_REUSE,	   /* "type-safe reuse": the memory is another anon_vma by now */
	MECH_RELEASE,	   /* "early RCU release": the memory is no anon_vma any more */
	MECH_DEADLOCK,	   /* "deadlock": a lock taken twice or never released */
	MECH_ORDERING,	   /* "ordering": stores or loads seen in another order than written */
	MECH_NR,
};

/* What is known of a variant's behaviour under a mechanism, from reasoning; tests confirm it. */
enum expectation {
	EXPECT_CLEAN,	     /* right */
	EXPECT_CAUGHT,	     /* wrong, and every forced run shows it */
	EXPECT_UNOBSERVABLE, /* wrong where memory is weak enough, or not reachable: see why */
};

/* How reclaim comes to the page. */
enum look {
	LOOK_REFERENCED, /* page_referenced() */
	LOOK_SWAP,	 /* reclaim_page(): to swap */
	LOOK_MIGRATE,	 /* migrate_page(): to another frame */
	LOOK_UNMAP,	 /* try_to_unmap() of a page that is locked, and in the swap cache */
	LOOK_LOCK,	 /* page_lock_anon_vma(), then see what the list leads to */
	LOOK_NR,
};
#define LOOKS(l)   (1U << LOOK_##l)
#define LOOKS_REAL (LOOKS(REFERENCED) | LOOKS(SWAP) | LOOKS(MIGRATE))

#define BY(d) (1U << DETECT_##d)

/* A scenario of forced_scenarios.c that shows the variant to be wrong. */
struct variant_catch {
	const char *scenarios; /* their names, a space around each; NULL: no more of these */
	u32 detectors;	       /* BY(), by any of which */
	u32 looks;	       /* LOOKS(), with which; 0: all */
	bool preempt_only;     /* classic RCU saves it */
	bool maybe;	       /* at times only: both are right */
};

struct anon_vma_variant {
	const char *id;			/* "V3f" */
	const char *author;		/* "Nick Piggin" */
	const char *date;		/* "2008-10-18" */
	const char *what;		/* one line: what it does */
	const struct anon_vma_ops *ops; /* ops->name is the word of the boot line: "v3f" */
	struct {
		enum expectation expect;
		const char *why;   /* one line; never NULL */
		bool preempt_only; /* caught with preemptible RCU, clean with classic */
	} mech[MECH_NR];
	/* Barriers as proposed; the memory manager's own readers have theirs under all variants. */
	enum order_edge publish; /* before the publishing store */
	bool seen;		 /* where a second fault finds the pointer: a dependency barrier */
	bool followed;		 /* where it is followed: the same */
	struct variant_catch catches[4]; /* the last one is empty */
};

/* What a test of ANON_VMA_VARIANT() is told: t->tc->data. */
struct variant_test {
	const char *variant; /* ops->name */
	enum mechanism mech;
};
void variant_test_forced(struct test *t);   /* forced_tests.c */
void variant_test_ordering(struct test *t); /* ordering.c */
void variant_test_free(struct test *t);	    /* free.c */

/* The variant that such a test is about; NULL, and @t has failed, if there is none. */
const struct anon_vma_variant *variant_under_test(struct test *t);

extern const char *const mechanism_names[MECH_NR];

extern const struct anon_vma_variant __variants_start[], __variants_end[];
#define for_each_anon_vma_variant(v) for (v = __variants_start; v < __variants_end; v++)

/* By ops->name ("v0"), or NULL. */
const struct anon_vma_variant *anon_vma_variant_find(const char *name);
/* The variant whose ops are in force; never NULL (the default is one too). */
const struct anon_vma_variant *anon_vma_variant_current(void);

/*
 * Go over to @v, with an empty cache, also if it is in force already: waits for RCU, then
 * anon_vma_set_ops(). Tries -ENOMEM again for a while, as the boot line may ask for failures. 0, or
 * -errno. Sleeps. CPU 0, while nobody uses the reverse map.
 */
int anon_vma_variant_set(const struct anon_vma_variant *v);

/* The anon_vma that @mapping, as read from page->mapping, names; or NULL. */
static inline struct anon_vma *anon_vma_of(const void *mapping)
{
	unsigned long val = (unsigned long)mapping;

	return val & PAGE_MAPPING_ANON ? (struct anon_vma *)(val - PAGE_MAPPING_ANON) : NULL;
}

/*
 * The anon_vma that @vma shall have: a neighbour's, then *@allocated is NULL; or a new one, then it
 * is in *@allocated too. NULL without memory. May sleep.
 */
struct anon_vma *anon_vma_choose(struct vm_area_struct *vma, struct anon_vma **allocated);
