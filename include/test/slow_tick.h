/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that something comes at once and not by the next tick, which would hide that it was
 * lost: a tick so slow that the difference shows on a crowded host.
 */
#pragma once

#include <test/test.h>

#define SLOW_TICK_HZ 10
#define SLOW_TICK_NS (1000000000ULL / SLOW_TICK_HZ)
#define SOON_NS	     (SLOW_TICK_NS / 4)

/* tick_set_rate() for all CPUs, at once. CPU 0, no lock held. */
void tick_rate_at_once(unsigned int hz);
/* The slow tick, and the normal one again. */
void slow_tick_begin(void);
void slow_tick_end(void);

/*
 * Does @once, which returns how long it took, take less than SOON_NS now and then, just after a
 * slow tick? Tries again for a busy host. Records the best time as @what, fails @t. CPU 0.
 */
bool soon(struct test *t, const char *what, u64 (*once)(struct test *t));
