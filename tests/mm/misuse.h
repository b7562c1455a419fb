/* SPDX-License-Identifier: GPL-2.0-only */
/* The wrong uses of memory that tests/mm/misuse.c provokes. Debug builds only. */
#pragma once

#include <test/misuse.h>

#ifdef CONFIG_DEBUG

/* Rows of a list: a misuse of a function of mm/ that @cond notices, and what mends it ... */
#define MISUSE(file, func, cond, fn, mend) \
	{ \
		"mm/" file, func, cond, fn, NULL, mend \
	}
/* ... and one that is found where nothing is denied, and leaves nothing to mend. */
#define FOUND(file, func, cond, fn) \
	{ \
		"mm/" file, func, cond, fn, DENIES_NOTHING, NULL \
	}

struct misuse_list {
	const struct misuse *list;
	unsigned int nr;
};

extern const struct misuse_list misuse_unheld; /* what must be held, disabled, and is not */
extern const struct misuse_list misuse_pages;  /* pages, slots, lists of pages */
extern const struct misuse_list misuse_blocks; /* pages and objects given out, and back */
extern const struct misuse_list misuse_spaces; /* address spaces, their areas and tables */

#endif
