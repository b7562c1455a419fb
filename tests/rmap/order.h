/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ordering, raced on the memory manager's own functions and structures: see order.c.
 */
#pragma once

#include <mm/rmap.h>
#include <test/litmus.h>

/* What the CPU that makes the anon_vma has between its constructor and its publication. */
enum order_edge {
	EDGE_LOCK,    /* lock acquisitions only */
	EDGE_WMB,     /* a write barrier */
	EDGE_RELEASE, /* a store-release */
	EDGE_BUSTED,  /* it publishes first, and constructs after */
	EDGE_NR,
};

enum order_shape {
	SHAPE_TWO,   /* first fault | second fault, and reclaim on the same CPU */
	SHAPE_THREE, /* first fault | second fault | reclaim */
	SHAPE_LRU,   /* the same, the page goes through the LRU lists and their lock */
	SHAPE_NR,
};

/* May the weak outcome occur on this architecture, by its model? */
enum litmus_expect order_expect(enum order_edge edge);
/* By which rule, in words. */
const char *order_why(enum order_edge edge);

/* The shape has so many threads. */
unsigned int order_threads(enum order_shape shape);

/*
 * Make the objects under @ops, which is in force until order_end(). False: @t is failed or skipped.
 * CPU 0, may sleep.
 */
bool order_begin(struct test *t, const struct anon_vma_ops *ops);
void order_end(struct test *t);

/* Race for @ns and add to @r, zeroed at first: weak outcomes are anon_vmas seen uninitialised. */
bool order_race(struct test *t, enum order_shape shape, enum order_edge edge, u64 ns,
		struct litmus_result *r);

/* How often the anon_vma was seen whole, without its area on the list; an interleaving. */
u64 order_incomplete(enum order_shape shape, const struct litmus_result *r);
/* How often the race got to its end: the anon_vma was found by who looked for it. */
u64 order_followed(enum order_shape shape, const struct litmus_result *r);

/*
 * ---- the same objects, one at a time; between order_begin() and order_end(), CPU 0 ----
 *
 * order_map(): first and second fault of instance @i, which is as order_poison() and a page that
 * nobody knows leave it. order_unmap(): its end, as exit has it, but the anon_vma is the caller's:
 * order_poison() is what comes of memory that is given back.
 */
#define ORDER_PAGES 64
void order_map(unsigned int i);
void order_unmap(unsigned int i);
void order_poison(unsigned int i);
struct page *order_page(unsigned int i);
/* Is any word of the anon_vma that @mapping, of a page, names poison? Any CPU. */
bool order_sees_poison(const void *mapping);

/* Ops that publish before the constructor runs: the busted twin. */
extern const struct anon_vma_ops order_busted_ops;
