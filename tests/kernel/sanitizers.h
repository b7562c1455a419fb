/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the two sanitizers share. Debug builds only. */
#pragma once

#include <kernel/asan.h>

#include "detectors.h"

/* As trap_begin() and trap_end(), and sanitizers report to the trap. CPU 0. */
static inline void san_begin(void)
{
	san_in_traps = true;
	trap_begin();
}

static inline void san_end(struct test *t, enum detector d, const char *words)
{
	san_in_traps = false;
	trap_end(t, d, words);
}
