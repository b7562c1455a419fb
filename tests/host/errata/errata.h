/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of errata of each port, and kernel/errata.c which reads them, against cores as their
 * makers number them. Written from the makers' notices and from Linux' tables: no number is shared.
 */
#pragma once

#include "../check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the C library; the kernel has its own. */
#undef __always_inline

#define WORDS_MAX 4

struct core {
	const char *what;
	uint64_t word[WORDS_MAX]; /* by which it names itself: what they are is the port's matter */
	const char *names;	  /* of what it has, with blanks between */
	const char *done;	  /* what is switched on: work_arounds() */
	const char *tainting;	  /* of these who spoils "tlb.access", with commas between */
};

/* Of each port's file. */
extern const struct core cores[];
extern const size_t nr_cores;
extern const char port[];

void be_core(const uint64_t word[WORDS_MAX]);
const char *work_arounds(void); /* that are switched on, with blanks between */
void test_port(void);		/* what else there is to test */
