/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A slice of a race, as its parts share it: slice.c prepares it and sums up, engine.c and turns.c
 * run it. Private to the engine.
 */
#pragma once

#include "instances.h"

struct racer {
	/* Meetings this racer has come to. Written by it, read by the others. */
	u32 phase __aligned(ARCH_CACHE_LINE_MAX);
	/* It sleeps in a meeting: a hint to wait for it. Written and read as phase is. */
	u32 asleep;
	/* The racer's own, but `done`, which it releases to CPU 0. */
	struct litmus_args args __aligned(ARCH_CACHE_LINE_MAX);
	litmus_body_fn body;
	unsigned int index;
	unsigned int cpu;
	u32 rnd;
	u32 done;
	bool cut;	       /* gave up in the middle of a batch ... */
	unsigned long reached; /* ... having raced the instances before this */
	struct litmus_histogram hist;
};

/* engine.c explains them. */
enum scheme { SCHEME_MEET, SCHEME_FREE, SCHEME_TURNS };

extern struct job {
	struct racer racer[LITMUS_MAX];
	/* Constant during a slice. */
	const struct litmus_test *test __aligned(ARCH_CACHE_LINE_MAX);
	struct litmus_instances in;
	struct litmus_knobs knobs;
	unsigned int nr_racers;
	enum scheme scheme;
	unsigned long n;     /* instances */
	unsigned long chunk; /* instances between meetings */
	u64 end_ns;	     /* stop after the batch that passes this */
	u64 late_ns; /* do not wait beyond this: what was tallied counts, the batch is dropped */
	u64 dead_ns; /* a racer that is not back by then never will be */
	/* Lockless: written by racer 0 before a meeting, read by all after it. */
	u32 stop __aligned(ARCH_CACHE_LINE_MAX);
	/* Lockless, set once by anyone who gave up waiting; only flags, which order nothing. */
	u32 abort;
	u32 deadlock; /* within an instance: this batch is the slice's last */
} litmus_job;

/* What all racers had done of a batch that they gave up counts too. After they have ended. */
void race_tally_cut(void);
/* After a meeting: wait for a random time, as the knob says. */
void race_skew(struct racer *r);

/* A slice by each scheme, on CPU 0. 0, -ETIMEDOUT or -ENOMEM. */
int race_meeting(void);
int race_freely(void);
int race_in_turns(void);
