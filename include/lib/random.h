/* SPDX-License-Identifier: GPL-2.0-only */
/* Pseudo-random numbers for the harness: same seed, same decisions. Not for secrets. */
#pragma once

#include <lib/types.h>

struct rng {
	u64 s[2]; /* xoroshiro128+, Blackman and Vigna 2018 */
};

/* Seed from a number and a name, so that each test's stream is its own. */
void rng_seed(struct rng *r, u64 seed, const char *name);
u64 rng_next(struct rng *r);
/* Uniform in 0..n-1, for n > 0. */
u64 rng_below(struct rng *r, u64 n);
