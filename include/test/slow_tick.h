/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that something comes at once and not by the next tick, which would hide that it was
 * lost: a tick so slow that the difference shows on a crowded host.
 */
#pragma once

#include <test/test.h>

/* How long the slow tick is now: a tenth of a second, or more where soon() has found that short. */
u64 slow_tick_ns(void);

/* tick_set_rate() for all CPUs, at once. CPU 0, no lock held. */
void tick_rate_at_once(unsigned int hz);
/* The slow tick, and the normal one again. */
void slow_tick_begin(void);
void slow_tick_end(void);

/*
 * Does @once, which returns how long it took, take less than a quarter of a slow tick now and then,
 * just after one? Tries again for a busy host, in the end with slower ticks, whose quarter is as
 * long as a crowded host may take to give every CPU a share. Records the best time as @what, fails
 * @t. CPU 0.
 */
bool soon(struct test *t, const char *what, u64 (*once)(struct test *t));
