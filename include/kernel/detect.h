/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detectors: checks that say what went wrong, where a plain kernel would hang or go on with wrong
 * data. A detector that finds something calls
 *
 *	if (detect(DETECT_LIST_UNLOCKED, anon_vma, "area %p added by cpu %u", vma, cpu))
 *		... what keeps the kernel standing ...
 *
 * Normally that is the end of the run: a report (events in columns, verdict) and panic. A test that
 * provokes a fault sets a trap before it. Then the first report is kept for the test, the events
 * are frozen, and detect() returns true: the caller must contain the damage (not take the lock, not
 * walk the list), so that the test can clean up and try again.
 *
 * A release build has the detectors that cost nothing; see each.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

enum detector {
	DETECT_NONE,
	DETECT_SELF_DEADLOCK, /* "self-deadlock": spin_lock() of a lock that this CPU holds */
	DETECT_LOCK_ORDER,    /* "lock-order": two classes of locks taken in both orders */
	DETECT_LOCK_LEAKED,   /* "lock-leaked": returned with a lock still held */
	DETECT_LOCK_STOLEN,   /* "lock-stolen": held lock initialised, or unlocked by another */
	DETECT_LOCK_FREED,    /* "lock-held-at-free": memory given back with a held lock in it */
	DETECT_LOCK_TYPE,     /* "type-canary": lock taken in memory that is no lock any more */
	DETECT_UNINIT,	      /* "uninitialised-use": object used before its constructor is seen */
	DETECT_LIST_UNLOCKED, /* "list-unlocked": list changed without the lock that guards it */
	DETECT_LIST_CORRUPT,  /* "list-check": links that contradict one another */
	DETECT_RMAP_INCOMPLETE, /* "rmap-incomplete": walk under the lock missed entries */
	DETECT_PAGE_MAPPED,	/* "page-freed-mapped": page given back while mapped */
	DETECT_STAMP,		/* "content-stamp": wrong data in a page */
	DETECT_POISON,		/* "slab-poison": freed memory was written to */
	DETECT_CONTEXT,		/* "wrong-context": called where the caller may not call it */
	DETECT_ASSERT,		/* "assertion": a variant's own BUG_ON() */
	DETECT_ADDRESS,		/* "address-sanitizer": SAN=address, memory that is not there */
	DETECT_UNDEFINED,	/* "undefined-behaviour": SAN=undefined, the C standard's */
	DETECT_NR,
};

/* The name in quotes above. */
const char *detector_name(enum detector d);

struct detection {
	enum detector detector; /* DETECT_NONE: nothing was found */
	unsigned int cpu;
	u64 ns;		  /* clock_ns() */
	const void *obj;  /* what it is about */
	unsigned long pc; /* who called detect() */
	char text[160];
};

struct detect_trap {
	struct detection first; /* the first report since the trap was set */
	u32 count;		/* reports since; atomic */
	/*
	 * If set: called by the CPU that reports first, after the report was printed, instead of
	 * letting it go on; does not return. For free-running tests, which nothing could contain.
	 */
	void (*finish)(const struct detection *d) __noreturn;
	u32 claimed; /* internal: a CPU is the first; atomic */
};

/*
 * Report. True: a trap is set, contain the damage and go on. False is never returned: without a
 * trap it prints and panics. Any context but NMI. Other CPUs' reports meanwhile are counted only.
 */
bool detect(enum detector d, const void *obj, const char *fmt, ...) __printf(3, 4);

/*
 * Set @trap (cleared first, but for finish) until detect_trap_clear(); events are noted anew. One
 * at a time. CPU 0 sets and clears it, while no other CPU runs what may report.
 */
void detect_trap_set(struct detect_trap *trap);
/* Forgets the events too: print a report before. */
void detect_trap_clear(void);
/* Has somebody reported since the trap was set? Any CPU. */
bool detect_trapped(void);
/* Is a trap set? Any CPU. */
bool detect_trap_is_set(void);

/*
 * Print @d as people write races: events in columns, the verdict, and the line that runs it again.
 * Lines begin with '#'. Not between racing operations. Any context; one CPU at a time.
 */
void detection_print(const struct detection *d);
