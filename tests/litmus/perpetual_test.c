/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Perpetual settings of the engine: that each iteration runs once, on fresh cells, and is counted
 * once; and that they find no other outcomes than those with meetings can. How frames are counted
 * is tested on the host: tests/litmus/test_perpetual_gen.py.
 */
#include <kernel/printk.h>
#include <test/litmus.h>

#define SLICE_NS 2000000ULL

static u64 ran; /* iterations of the first thread, which adds to it */

/* Each thread counts in a cell of its own, and keeps what it found there. */
static void count_up(const struct litmus_args *a, unsigned long first, unsigned long end)
{
	u32 *cell = &LITMUS_CELL(a->var[0]);
	u64 *out = (u64 *)a->out;

	for (unsigned long i = first; i < end; i++) {
		out[i] = READ_ONCE(*cell);
		WRITE_ONCE(*cell, i + 1);
	}
}

LITMUS_BODY(body_first)
{
	count_up(a, first, end);
	ran += end - first;
}

LITMUS_BODY(body_second)
{
	count_up(a, first, end);
}

/* Key 0: found what the iteration before had left. */
static void tally_count(u64 *const *out, unsigned long n, u32 *hist, unsigned long first,
			unsigned long end)
{
	for (unsigned long i = first; i < end; i++)
		hist[out[0][i] != i || out[1][i] != i]++;
}

static const struct litmus_perpetual counting = {
	.body = { body_first, body_second },
	.tally = tally_count,
};

LITMUS_WEAK(missed, 1, 1)

static const struct litmus_test count = {
	.nr_threads = 2,
	.nr_vars = 2,
	.flags = LITMUS_PACKED,
	.thread = LITMUS_THREADS({ body_first, 1, { 0 } }, { body_second, 1, { 1 } }),
	.weak = missed,
	.perpetual = &counting,
};

static void test_perpetual(struct test *t)
{
	static struct litmus_slice slice;
	struct litmus_knobs k = { .batch_log2 = 9, .stride = 1, .perpetual = 1 };

	for (k.free = 0; k.free < 2; k.free++)
		for (k.place = 0; k.place < PLACE_NR; k.place++) {
			k.chunk = k.place & 1 ? 64 : 0;
			k.preload = k.place % PRELOAD_NR;
			ran = 0;
			if (!EXPECT(t,
				    litmus_slice_run(&count, &k, SLICE_NS, &t->rng, &slice) == 0))
				return;
			EXPECT_MSG(t, slice.late || (ran && slice.iterations == ran),
				   "%llu of %llu iterations were counted: place %u",
				   (unsigned long long)slice.iterations, (unsigned long long)ran,
				   k.place);
			EXPECT_MSG(t, !slice.weak,
				   "%llu of %llu iterations found what they should not: place %u",
				   (unsigned long long)slice.weak,
				   (unsigned long long)slice.iterations, k.place);
		}
}
TEST(engine, perpetual, TEST_ASSERT, test_perpetual, .min_cpus = 2);

/* Outcomes that no sequentially consistent execution has, but for the weak one. */
static u64 strangers(const struct litmus_test *lt, const struct litmus_slice *s)
{
	u64 n = s->iterations - s->weak;

	for (unsigned int i = 0; i < lt->nr_sc; i++)
		n -= litmus_histogram_count(&s->hist, lt->sc[i]);
	return n;
}

static void test_perpetual_outcomes(struct test *t)
{
	static const char *const names[] = { "litmus.SB",  "litmus.SB+mb+mb",
					     "litmus.MP",  "litmus.MP+wmb+rmb",
					     "litmus.LB",  "litmus.LB+data+data",
					     "litmus.CoRR" };
	static struct litmus_slice slice;
	struct litmus_knobs k = { .batch_log2 = 9, .stride = 1, .perpetual = 1 };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		const struct litmus_test *lt = litmus_find(names[i]);

		if (!EXPECT(t, lt && lt->perpetual) ||
		    !EXPECT(t, litmus_slice_run(lt, &k, SLICE_NS, &t->rng, &slice) == 0))
			return;
		EXPECT_MSG(t, !strangers(lt, &slice), "%s: %llu frames are no outcome of it",
			   names[i], (unsigned long long)strangers(lt, &slice));
		EXPECT_MSG(t, litmus_expected(lt) != LITMUS_FORBID || !slice.weak,
			   "%s: %llu of %llu are forbidden", names[i],
			   (unsigned long long)slice.weak, (unsigned long long)slice.iterations);
	}
}
TEST(engine, perpetual_outcomes, TEST_ASSERT, test_perpetual_outcomes, .min_cpus = 2);
