/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the engine makes of bodies that do not race at all: each uses a variable of its own, and
 * what it returns follows from the number of the instance. So every count is known beforehand,
 * whatever the setting: a histogram that is not as it must be is a fault of the engine.
 */
#include <kernel/printk.h>
#include <lib/string.h>
#include <test/litmus.h>

#define SLICE_NS   2000000ULL
#define BATCH	   128 /* a multiple of 2^threads, which each place has room for */
#define TRIES	   20
#define BATCH_LOG2 8

/* What thread @t returns for instance @i: a combination in 2^threads instances. */
static u32 value_of(unsigned int t, unsigned long i)
{
	return 1 + (i >> t & 1);
}

static u32 turns[LITMUS_PACKED_MAX]; /* calls of each body that have ended; its own */
static u32 nr_threads, alone;	     /* calls that found another thread behind; atomic */

/* Has every thread been called as often as this one, as after a meeting? */
static void turn_begin(unsigned int me)
{
	/* full: pairs with the one in turn_end(); whoever was met has ended its last call;
	 * tests: litmus.MP+mb+mb */
	smp_mb();
	for (u32 t = 0; t < nr_threads; t++)
		if ((int)(READ_ONCE(turns[t]) - turns[me]) < 0)
			fetch_add_relaxed(&alone, 1);
}

static void turn_end(unsigned int me)
{
	WRITE_ONCE(turns[me], turns[me] + 1);
	/* full: pairs with the one in turn_begin(); tests: litmus.MP+mb+mb */
	smp_mb();
}

static void body(unsigned int me, const struct litmus_args *a, unsigned long first,
		 unsigned long end)
{
	turn_begin(me);
	for (unsigned long i = first; i < end; i++) {
		u32 *cell = &LITMUS_CELL(litmus_cell(a, 0, i));

		/* A cell that was not made fresh shows as a register that was not set. */
		a->out[i] = READ_ONCE(*cell) ? LITMUS_UNSET : value_of(me, i);
		WRITE_ONCE(*cell, value_of(me, i));
	}
	turn_end(me);
}

#define BODY(n) \
	LITMUS_BODY(body_##n) \
	{ \
		body(n, a, first, end); \
	}
BODY(0)
BODY(1)
BODY(2)
BODY(3)

#define THREAD(n) [n] = { .fn = body_##n, .nr_regs = 1, .var = { n } }

LITMUS_WEAK(two_weak, 0x0f, 0x06)  /* both registers: 2 and 1 */
LITMUS_WEAK(four_weak, 0x33, 0x21) /* those of threads 0 and 2: 1 and 2 */
LITMUS_WEAK(never_weak, 0, 1)

static const struct litmus_test two = {
	.nr_threads = 2,
	.nr_vars = 2,
	.nr_fields = 4,
	.flags = LITMUS_PACKED,
	.max_instances = BATCH,
	.thread = LITMUS_THREADS(THREAD(0), THREAD(1)),
	.field = LITMUS_FIELDS(LITMUS_REG(0, 0, 0), LITMUS_REG(1, 1, 0), LITMUS_LAST(2, 0, "x"),
			       LITMUS_LAST(3, 1, "y")),
	.weak = two_weak,
};
static const struct litmus_test four = {
	.nr_threads = 4,
	.nr_vars = 4,
	.nr_fields = 4,
	.flags = LITMUS_PACKED,
	.max_instances = BATCH,
	.thread = LITMUS_THREADS(THREAD(0), THREAD(1), THREAD(2), THREAD(3)),
	.field = LITMUS_FIELDS(LITMUS_REG(0, 0, 0), LITMUS_REG(1, 1, 0), LITMUS_REG(2, 2, 0),
			       LITMUS_REG(3, 3, 0)),
	.weak = four_weak,
};

/* Writes to all variables, and says that it has one: what it leaves behind is not fresh. */
LITMUS_BODY(body_dirty)
{
	for (unsigned long i = first; i < end; i++)
		for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
			WRITE_ONCE(LITMUS_CELL(litmus_cell(a, v, i)), LITMUS_UNSET);
}

static const struct litmus_test dirty = {
	.nr_threads = 1,
	.nr_vars = 1,
	.flags = LITMUS_PACKED,
	.max_instances = BATCH,
	.thread = LITMUS_THREADS({ .fn = body_dirty, .var = { 0, 1, 2, 3 } }),
	.weak = never_weak,
};

static unsigned int key_of(const struct litmus_test *lt, unsigned long i)
{
	unsigned int key = 0;

	for (unsigned int t = 0; t < lt->nr_threads; t++)
		key |= value_of(t, i) << 2 * t;
	for (unsigned int f = lt->nr_threads; f < lt->nr_fields; f++)
		key |= value_of(lt->field[f].var, i) << lt->field[f].shift;
	return key;
}

/* Of a slice that was cut short the last batch may be a part of one. */
static void check_counts(struct test *t, const struct litmus_test *lt, const struct litmus_slice *s,
			 const char *knobs)
{
	u64 each = s->iterations >> lt->nr_threads, rest = s->late ? BATCH : 0;
	u64 known = 0, weak = 0;

	for (unsigned long i = 0; i < 1UL << lt->nr_threads; i++) {
		u64 n = litmus_histogram_count(&s->hist, key_of(lt, i));

		known += n;
		EXPECT_MSG(t, n + rest >= each && n <= each + rest, "%llu of outcome %x, %llu: %s",
			   (unsigned long long)n, key_of(lt, i), (unsigned long long)each, knobs);
		if (lt->weak(key_of(lt, i)))
			weak += n;
	}
	EXPECT_MSG(t, s->iterations && known == s->iterations, "%llu of %llu are outcomes: %s",
		   (unsigned long long)known, (unsigned long long)s->iterations, knobs);
	EXPECT_MSG(t, s->weak == weak, "%llu are weak, not %llu: %s", (unsigned long long)weak,
		   (unsigned long long)s->weak, knobs);
}

/* Where the host took a CPU away, a slice may end before its first batch: once more, then. */
static int race_slice(const struct litmus_test *lt, const struct litmus_knobs *k, struct rng *rng,
		      struct litmus_slice *out)
{
	int err;

	for (unsigned int n = 0; n < TRIES; n++) {
		err = litmus_slice_run(lt, k, SLICE_NS, rng, out);
		if (err || out->iterations || !out->late)
			break;
	}
	return err;
}

static void check_slice(struct test *t, const struct litmus_test *lt, const struct litmus_knobs *k)
{
	static struct litmus_slice slice;
	bool meets = !k->free && lt->nr_threads <= litmus_nr_racers();
	char knobs[160];

	if (!EXPECT(t, litmus_slice_run(&dirty, k, 0, &t->rng, &slice) == 0))
		return;
	nr_threads = lt->nr_threads;
	alone = 0;
	memset(turns, 0, sizeof(turns));
	litmus_knobs_print(knobs, sizeof(knobs), k);
	if (!EXPECT(t, race_slice(lt, k, &t->rng, &slice) == 0))
		return;
	check_counts(t, lt, &slice, knobs);
	EXPECT_MSG(t, !meets || !alone, "%u times a thread did not wait for another: %s", alone,
		   knobs);
}

static void test_counts(struct test *t)
{
	struct litmus_knobs k = { .batch_log2 = BATCH_LOG2, .stride = 1 };

	for (k.free = 0; k.free < 2; k.free++)
		for (k.place = 0; k.place < PLACE_NR; k.place++) {
			k.chunk = k.place & 1 ? 8 : 0;
			k.preload = k.place % PRELOAD_NR;
			k.rotate = k.place;
			check_slice(t, &two, &k);
			if (t->tc->min_cpus >= 4)
				check_slice(t, &four, &k);
		}
}
TEST(engine, counts, TEST_ASSERT, test_counts, .min_cpus = 2);
TEST(engine, counts_four, TEST_ASSERT, test_counts, .min_cpus = 4);

/* The rates of the settings that were tried, whole numbers only: what does not fit is left out. */
static void test_spread(struct test *t)
{
	static struct litmus_search s;
	char text[32];

	litmus_search_init(&s, false);
	litmus_search_print(text, sizeof(text), &s);
	EXPECT(t, !strcmp(text, ""));
	s.nr_arms = 5;
	s.arm[0] = (struct litmus_arm){ .iterations = 1000000000, .weak = 3 };
	s.arm[1] = (struct litmus_arm){ .iterations = LITMUS_RATE_MIN_ITERS - 1, .weak = 7 };
	s.arm[2] = (struct litmus_arm){ .iterations = LITMUS_RATE_MIN_ITERS };
	s.arm[3] = (struct litmus_arm){ .iterations = 4000, .weak = 1000 };
	s.arm[4] = (struct litmus_arm){ .iterations = 5000, .weak = 5000 };
	litmus_search_print(text, sizeof(text), &s);
	EXPECT_MSG(t, !strcmp(text, "3,0,250000000,1000000000"), "%s", text);
	litmus_search_print(text, 24, &s);
	EXPECT_MSG(t, !strcmp(text, "3,0,250000000"), "%s", text);
}
TEST(engine, spread, TEST_ASSERT, test_spread);
