/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the instances of a test's variables lie during a slice, and how an instance's outcome is
 * read from them. Private to the engine.
 */
#pragma once

#include <test/litmus.h>

struct litmus_instances {
	/* instance i of variable v is at base[v] + i * stride */
	char *base[LITMUS_WIDE_MAX];
	unsigned long stride;
	unsigned long n;
	unsigned long line_step;  /* instances from one cache line to the next */
	u8 *out[LITMUS_WIDE_MAX]; /* a byte an instance, by thread; of a wide test its words */
	u8 *given_up;		  /* of a wide test: a byte an instance */
	const char *low;	  /* where cells may be, and no pages but those of the pool are */
	unsigned long span;
	const struct litmus_wide *wide;

	/* One iteration after another in the same cells, or NULL: then @n of them. */
	const struct litmus_perpetual *perpetual;
	u8 weak_key, weak_mask;
	u64 *words[LITMUS_MAX_THREADS]; /* their registers, by thread */

	/* How a key is put together: threads that have registers, then final values. */
	unsigned int nr_vars, nr_outs, nr_finals;
	void (*reset)(unsigned long first, unsigned long end); /* the test's own, or NULL */
	const u8 *key_out[LITMUS_MAX_THREADS];
	u8 out_shift[LITMUS_MAX_THREADS];
	u8 final_var[LITMUS_MAX_FINALS];
	u8 final_shift[LITMUS_MAX_FINALS];
};

/* Lay out as many instances as @k asks for and there is room for. 0 or -ENOMEM. CPU 0. */
int litmus_instances_place(struct litmus_instances *in, const struct litmus_test *lt,
			   const struct litmus_knobs *k);

/* Set all variables of instances first..end-1 to 0. Nobody else may touch them meanwhile. */
void litmus_instances_reset(const struct litmus_instances *in, unsigned long first,
			    unsigned long end);

/* Add the outcomes of instances first..end-1 to @hist, and reset them. As above. */
void litmus_instances_tally(const struct litmus_instances *in, u32 *hist, unsigned long first,
			    unsigned long end);

/* ---- wide tests (wide.c) ---- */

/* Where instances may lie. */
struct litmus_room {
	char *pool;
	unsigned long pool_size, skew, line;
	u8 *outs;
	unsigned long outs_size;
};

/* The same three. */
void litmus_wide_place(struct litmus_instances *in, const struct litmus_test *lt,
		       const struct litmus_knobs *k, const struct litmus_room *room);
void litmus_wide_reset(const struct litmus_instances *in, unsigned long first, unsigned long end);
void litmus_wide_tally(const struct litmus_instances *in, struct litmus_histogram *h,
		       unsigned long first, unsigned long end);
