/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Windows: the moments in which code of mm/ has let go of a lock, or holds one, and another CPU may
 * change (or must not change) what it found. Each has a sync point. A test stops CPU 0 there and
 * lets CPU 1 do what the window is about:
 *
 *	CPU 0				CPU 1
 *					before()
 *	first()
 *	  passes @at	------------->	second()
 *	  (waits)	<-------------	  passes @until, or is through
 *	  goes on
 *	ends		------------->	after()
 *	check()
 *
 * Where a lock keeps CPU 1 out until CPU 0 goes on, the test says so (excluded), and it is a fault
 * if it does not.
 *
 *	static void writes(struct window_run *r) { ... }
 *	WINDOW(mm, fault_found_write, .at = "fault.found", .first = writes, .second = ...);
 */
#pragma once

#include <kernel/sync_point.h>
#include <test/reclaim.h>

/* The mapping of a window's space; the first page is written to beforehand: its first word is 1. */
#define WINDOW_PAGES 8
#define PAGE_0	     TEST_ADDR
#define PAGE_1	     (TEST_ADDR + PAGE_SIZE)

/* Whose address space a CPU uses. */
enum window_space { IN_PARENT, IN_CHILD, IN_NONE };

struct window_run {
	struct test *t;
	const struct window *w;
	struct mm_struct *mm, *child; /* child: of a family; who drops one clears it */
	struct page *page;	      /* that PAGE_0 was mapped to; nobody keeps it */
	struct page *held;	      /* the same with a reference, if @hold says so; or NULL */
	long err[2];		      /* of what first() and second() did last, for check() */
	bool stopped;		      /* CPU 0 has come to the window */
};

#define WINDOW_RULES 3

struct window {
	const char *at;	     /* CPU 0 stops here, the first time ... */
	const char *unlocks; /* ... at = "window.unlocked": behind a release of such a lock ... */
	const char *until;   /* ... until CPU 1 has passed this; NULL: until it is through */
	bool excluded;	     /* CPU 1 waits for CPU 0's lock, or reader: that ends the stop */
	bool family;	     /* there is a child, which shares the page */
	bool untouched;	     /* nothing was written before */
	bool hold;	     /* the page is held: see window_run */
	enum window_space first_in, second_in;
	void (*setup)(struct window_run *r);  /* current->mm is r->mm; optional */
	void (*first)(struct window_run *r);  /* CPU 0 */
	void (*before)(struct window_run *r); /* CPU 1, before first() begins; optional */
	void (*second)(struct window_run *r); /* CPU 1 */
	void (*look)(struct window_run *r);   /* CPU 0, at @at, before second() begins; optional */
	void (*after)(struct window_run *r);  /* CPU 1, when CPU 0 is through; optional */
	void (*check)(struct window_run *r);  /* as setup(); optional */
	struct sync_rule more[WINDOW_RULES];  /* stops besides, each of which must end */
};

#define WINDOW(suite, name, ...) \
	static const struct window __PASTE(window_##name##_, __LINE__) = { __VA_ARGS__ }; \
	TEST(suite, window_##name, TEST_RACE, window_test, \
	     .data = &__PASTE(window_##name##_, __LINE__), .min_cpus = 2)

void window_test(struct test *t);

/* ---- what actors are made of ---- */

/* Through the TLB alone: where the MMU does not permit it, it fails, and nothing waits. 0 or -1. */
int tlb_read(unsigned long addr, u64 *val);
int tlb_write(unsigned long addr, u64 val);

/* In the parent's space, by name (no thread of it is needed). */
void window_reclaims(struct window_run *r); /* the page at PAGE_0 to swap */
void window_migrates(struct window_run *r); /* to another frame */
void window_forks(struct window_run *r);    /* r->child */
void window_unmaps(struct window_run *r);   /* PAGE_0, of the current space */
void window_child_exits(struct window_run *r);
/* Write 2 to the second word of PAGE_0; 3 to its first word; the same of PAGE_1; read them. */
void window_writes_2(struct window_run *r);
void window_writes_3(struct window_run *r);
void window_writes_next_2(struct window_run *r);
void window_writes_next_3(struct window_run *r);
void window_reads(struct window_run *r);
void window_reads_next(struct window_run *r);
/* Look for the entries of r->held: takes the page-table lock of each. */
void window_looks(struct window_run *r);

/* What the space has at @addr: from the test's thread. */
void window_expect(struct window_run *r, struct mm_struct *mm, unsigned long addr, u64 val);
/* The words of PAGE_0 and PAGE_1, as window_writes_...() leave them. */
void window_expect_both(struct window_run *r);
void window_expect_next_both(struct window_run *r);
/* The parent's words 3 and 0, the child's 1 and 0. */
void window_expect_apart(struct window_run *r);
/* The first word of both is 1 still. */
void window_expect_same(struct window_run *r);
