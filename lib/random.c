/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The harness's random numbers: xoroshiro128+ (David Blackman, Sebastiano Vigna: "Scrambled Linear
 * Pseudorandom Number Generators", 2018, constants 24, 16, 37), seeded through SplitMix64 as its
 * authors advise. A generator belongs to its user; nothing is shared, nothing is locked.
 */
#include <lib/random.h>
#include <lib/report.h>

static u64 rotate_left(u64 x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

/* One step of SplitMix64 (Steele, Lea, Flood 2014): spreads every bit of @state over 64. */
static u64 splitmix64(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void rng_seed(struct rng *r, u64 seed, const char *name)
{
	u64 hash = 0xcbf29ce484222325ULL; /* FNV-1a, 64 bits */
	u64 state;

	for (; name && *name; name++)
		hash = (hash ^ (u8)*name) * 0x100000001b3ULL;
	state = splitmix64(&seed) ^ hash;
	r->s[0] = splitmix64(&state);
	r->s[1] = splitmix64(&state);
	if (!r->s[0] && !r->s[1])
		r->s[0] = 1; /* all zeros is the one state that it never leaves */
}

u64 rng_next(struct rng *r)
{
	u64 s0 = r->s[0], s1 = r->s[1];
	u64 result = s0 + s1;

	s1 ^= s0;
	r->s[0] = rotate_left(s0, 24) ^ s1 ^ s1 << 16;
	r->s[1] = rotate_left(s1, 37);
	return result;
}

u64 rng_below(struct rng *r, u64 n)
{
	unsigned __int128 product;
	u64 low, unfair;

	BUG_ON(!n);
	/*
	 * The upper half of a 64x64 multiplication lies in 0..n-1; products whose lower half is
	 * below 2^64 mod n are drawn again, else some results would be likelier (Daniel Lemire:
	 * "Fast Random Integer Generation in an Interval", 2019). It takes the generator's upper
	 * bits, which are its better ones.
	 */
	product = (unsigned __int128)rng_next(r) * n;
	low = (u64)product;
	if (low < n) {
		unfair = -n % n;
		while (low < unfair) {
			product = (unsigned __int128)rng_next(r) * n;
			low = (u64)product;
		}
	}
	return product >> 64;
}
