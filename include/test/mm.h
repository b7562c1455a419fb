/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of address spaces share: balances, threads that run together, short-hands. */
#pragma once

#include <kernel/fail.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <lib/list.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/vma.h>
#include <test/balance.h>
#include <test/test.h>

#define RW (VM_READ | VM_WRITE)

/* Where tests map at fixed addresses: around a border of the lowest three levels of tables. */
#define TEST_ADDR (1UL << 30)

struct mm_balance {
	struct balance memory; /* pages and objects of caches */
	struct mm_usage usage;
	unsigned long lru; /* pages on the lists */
};

/* Until nobody is reclaiming pages, or for a second. May sleep. */
void reclaim_wait_idle(void);

/* Before the test's first allocation. May sleep. */
void balance_begin(struct test *t, struct mm_balance *b);
/* After its last: whatever was not given back fails @t. May sleep. */
void balance_end(struct test *t, const struct mm_balance *b);

#define CREW_MAX 16

/* Threads that start together. */
struct crew {
	void (*fn)(struct crew *c, unsigned int me);
	void *arg;
	struct test *t;
	unsigned int nr; /* of threads */
	struct wait_queue meeting;
	u32 arrived;	     /* at the start and at each crew_meet(), in all; atomic */
	u32 stop;	     /* see crew_stop() */
	u64 deadline;	     /* clock_ns(); 0: none */
	u32 turn[CREW_MAX];  /* meetings so far; each thread's own */
	u32 asked[CREW_MAX]; /* crew_done() so often; each thread's own */
	const struct task_struct *who[CREW_MAX]; /* each thread's own */
	struct rng rng[CREW_MAX];		 /* each thread's own */
	struct task_struct *task[CREW_MAX];
};

/*
 * So many threads can truly run at once: more would only stand in one another's way, since the host
 * puts one aside while it holds a lock. At least 2, but no more than CPUs.
 */
unsigned int crew_racers(void);
/*
 * Run @fn in @nr threads for @ns (0: until they return by themselves), and wait for them. Threads
 * up to crew_racers() have a CPU of their own, drawn at random; those beyond share these CPUs.
 */
void crew_run(struct test *t, unsigned int nr, void (*fn)(struct crew *c, unsigned int me),
	      void *arg, u64 ns);
/* The same, with thread n on CPU n. */
void crew_run_fixed(struct test *t, unsigned int nr, void (*fn)(struct crew *c, unsigned int me),
		    void *arg);
/*
 * Shall this thread of the crew end? Not before its first turn, however little time a busy host has
 * left it: a race with nobody in it would pass.
 */
bool crew_done(struct crew *c);
/*
 * Thread @me waits until all have come here. Who returns early calls crew_stop(). The CPU that
 * waits keeps what its TLB holds.
 */
void crew_meet(struct crew *c, unsigned int me);
void crew_stop(struct crew *c);

/* Read or write a user address of the current thread and expect what comes of it. Any CPU. */
void expect_read(struct test *t, unsigned long addr, u64 val, const char *what);
void expect_write(struct test *t, unsigned long addr, u64 val, const char *what);

/* The page that @addr is mapped to, or NULL. Without a reference: for looking at its counts. */
struct page *page_at(struct mm_struct *mm, unsigned long addr);

/*
 * Take memory away until no more than @leave pages are free, in the largest blocks that there are:
 * as quick on a large machine as on a small one. The blocks go onto @hog, the smallest first. With
 * hog_release() up to @nr of them, from the first on, are given back. Interrupts enabled.
 */
void hog_take(struct list_head *hog, unsigned long leave);
void hog_release(struct list_head *hog, unsigned int nr);
#define hog_release_all(hog) hog_release(hog, ~0U)
