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

#include <mm/rmap.h>

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
};

extern const char *const mechanism_names[MECH_NR];

extern const struct anon_vma_variant anon_vma_variants[];
extern const unsigned int nr_anon_vma_variants;

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

extern const struct anon_vma_ops anon_vma_ops_v0, anon_vma_ops_v1, anon_vma_ops_v2, anon_vma_ops_v3,
	anon_vma_ops_v3f, anon_vma_ops_v4, anon_vma_ops_v5, anon_vma_ops_v6, anon_vma_ops_v7,
	anon_vma_ops_v8, anon_vma_ops_v9, anon_vma_ops_v10, anon_vma_ops_w1, anon_vma_ops_w2,
	anon_vma_ops_w3, anon_vma_ops_w4;

/* ---- what variants have in common ---- */

/*
 * The anon_vma that @vma shall have: a neighbour's, then *@allocated is NULL; or a new one, then it
 * is in *@allocated too. NULL without memory. May sleep.
 */
struct anon_vma *anon_vma_choose(struct vm_area_struct *vma, struct anon_vma **allocated);

/* The anon_vma that @mapping, as read from page->mapping, names; or NULL. */
static inline struct anon_vma *anon_vma_of(const void *mapping)
{
	unsigned long val = (unsigned long)mapping;

	return val & PAGE_MAPPING_ANON ? (struct anon_vma *)(val - PAGE_MAPPING_ANON) : NULL;
}

int anon_vma_prepare_v3(struct vm_area_struct *vma);  /* also of V4 */
int anon_vma_prepare_v5(struct vm_area_struct *vma);  /* also of V6, V7, V8, V10, W1, W3, W4 */
struct anon_vma *anon_vma_lock_v0(struct page *page); /* one look, before the lock: also of V1, V2,
							 V5, V10, W2, W4 */
void anon_vma_unlock_v0(struct anon_vma *anon_vma);   /* the lock, then the RCU reader */
void anon_vma_unlock_v7(struct anon_vma *anon_vma);   /* the lock alone: also of W3 */
