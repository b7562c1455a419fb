/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the instances of a test's variables lie during a slice, and how an instance's outcome is
 * read from them. Private to the engine.
 */
#pragma once

#include <test/litmus.h>

#define LITMUS_BATCH_MAX 32768UL /* instances */

struct litmus_instances {
	const struct litmus_test *test;
	/* instance i of variable v is at base[v] + i * stride */
	char *base[LITMUS_MAX];
	unsigned long stride;
	unsigned long n;
	unsigned long line_step; /* instances from one cache line to the next */
	u8 *out[LITMUS_MAX];	 /* registers, by thread */
	u8 *given_up;		 /* of a test that is not packed: a byte an instance */
	const char *low;	 /* where cells may be, and no pages but those of the pool are */
	unsigned long span;

	/* One iteration after another in the same cells, or NULL: then @n of them. */
	const struct litmus_perpetual *perpetual;
	u64 *words[LITMUS_PACKED_MAX]; /* their registers, by thread */

	/* How a packed key is put together: threads that have registers, then last values. */
	unsigned int nr_outs, nr_finals;
	const u8 *key_out[LITMUS_PACKED_MAX];
	u8 out_shift[LITMUS_PACKED_MAX];
	u8 final_var[LITMUS_PACKED_MAX];
	u8 final_shift[LITMUS_PACKED_MAX];
};

/* Lay out as many instances as @k asks for and there is room for. 0 or -ENOMEM. CPU 0. */
int litmus_instances_place(struct litmus_instances *in, const struct litmus_test *lt,
			   const struct litmus_knobs *k);

/* Make the instances of @first to @end - 1 fresh. Nobody else may touch them meanwhile. */
void litmus_instances_reset(const struct litmus_instances *in, unsigned long first,
			    unsigned long end);

/* The same, when their outcomes were added to @h. */
void litmus_instances_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			    unsigned long first, unsigned long end);

/* ---- the two kinds: packed tests (packed.c), and with registers as words (words.c) ---- */

/* Where instances may lie. */
struct litmus_room {
	char *pool;
	unsigned long pool_size, skew, line;
	u8 *outs;
	unsigned long outs_size;
};

void litmus_packed_place(struct litmus_instances *in, const struct litmus_test *lt,
			 const struct litmus_knobs *k, const struct litmus_room *room);
void litmus_packed_reset(const struct litmus_instances *in, unsigned long first, unsigned long end);
void litmus_packed_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			 unsigned long first, unsigned long end);
void litmus_words_place(struct litmus_instances *in, const struct litmus_test *lt,
			const struct litmus_knobs *k, const struct litmus_room *room);
void litmus_words_reset(const struct litmus_instances *in, unsigned long first, unsigned long end);
void litmus_words_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			unsigned long first, unsigned long end);
