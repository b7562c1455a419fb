/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of which every CPU shall have its share: CPU 0 waits for the turns of one after the
 * other, and what they need stays as it is meanwhile. Left to chance, a host of fewer cores may
 * give a CPU its time only when it can do nothing, for however long.
 *
 * Who does not come in CPU 0's time (struct patience) fails the test, unless the host has hardly
 * run it, which its own ticks tell: then the test is skipped, with these figures.
 */
#pragma once

#include <lib/types.h>

struct test;

#define TURN_LIVED_TICKS 25 /* of 500: who had so many was there, and did not come */

/* Who was waited for in vain; zeroed at the beginning. CPU 0's. */
struct turns {
	u64 limit_ns; /* of one wait, a hang detector; 0: ten seconds */
	bool missed;
	unsigned int cpu;
	unsigned long ticks; /* that this CPU had meanwhile */
	u64 ns;		     /* how long it was waited for, by the clock */
};

/*
 * Wait until @cpu has counted @n more of @count, a word of its own. False: it has not, which @turns
 * keeps; or another one had not before, and nothing was waited for.
 */
bool turn_wait(struct turns *turns, unsigned int cpu, const u64 *count, u64 n);

/* Has somebody not come? Then @t has failed, or is skipped. CPU 0, when no other CPU is at work. */
bool turns_missed(struct test *t, const struct turns *turns);
