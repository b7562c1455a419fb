/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation failures made on purpose. Whether the n-th allocation of a stream fails depends on
 * the seed, the site, the stream and n, and on nothing else: not on time, nor on other CPUs.
 *
 * A thread draws from a stream of its own (numbered by a hash of its name) until fail_stream_set()
 * gives it another. Interrupt handlers draw from the stream of the thread they interrupted.
 *
 * The boot line (fail_page=, fail_slab=) is in force from the beginning of each test (a fixture).
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

enum fail_site { FAIL_PAGE, FAIL_SLAB, NR_FAIL_SITES };

/* A thread's place in its stream; the thread's own, interrupts disabled. Zero to begin with. */
struct fail_stream {
	u64 id; /* 0: by its name */
	u64 n[NR_FAIL_SITES];
	u32 epoch[NR_FAIL_SITES];
};

/*
 * From now on one decision in @one_in says "fail"; 0: none. Every stream begins again, and the
 * count. Any context; nobody may allocate meanwhile if decisions shall repeat.
 */
void fail_inject(enum fail_site site, u64 one_in, u64 seed);

/* This thread draws from the beginning of stream @id. */
void fail_stream_set(u64 id);

/* How many decisions said "fail" since fail_inject(). */
u64 fail_count(enum fail_site site);

extern u32 fail_armed; /* bit n: site n */
bool fail_decide(enum fail_site site);

/* Shall this allocation fail? */
static inline bool fail_should(enum fail_site site)
{
	return unlikely(READ_ONCE(fail_armed) & (1U << site)) && fail_decide(site);
}
