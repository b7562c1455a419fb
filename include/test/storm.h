/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests share that let everything happen at once for a time. */
#pragma once

#include <lib/random.h>
#include <lib/types.h>

struct page;

/*
 * One turn of a storm: interrupt each CPU with a chance of one in four, now and then change the
 * rate of the ticks. storm_end() makes the ticks what they were.
 */
void storm_turn(struct rng *rng);
void storm_end(void);

/* Any page that address spaces use, with a reference, by @rng; or NULL. */
struct page *victim_pick(struct rng *rng);
/* Swap @page out, or (three times of four) move it elsewhere. Drops the reference. May sleep. */
void victim_disturb(struct page *page, struct rng *rng);

/* A digest of decisions, to see that the same seed made the same ones: add @dice to @digest. */
static inline u64 digest_add(u64 digest, u64 dice)
{
	return (digest ^ dice) * 0x100000001b3ULL; /* FNV-1a's, by words */
}
