/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The search for productive settings of the knobs: a bandit with few arms. First the settings that
 * were good in earlier tests of this run, then a short list of usually good ones, then mostly the
 * best so far, with mutations of it and random draws in between. What was tried follows from the
 * seed and from the rates measured; the list below was found by bench.sb on the four ISAs.
 */
#include <kernel/printk.h>
#include <lib/string.h>
#include <test/litmus.h>

#define NR_KEPT 4

/* Good settings of earlier tests with at most racers= threads; CPU 0's. */
static struct litmus_arm kept[NR_KEPT];
static unsigned int nr_kept;

/* place, stride, preload, chunk, skew, fence, free, log2 of the batch, choice of CPUs */
#define SETTING(pl, st, pre, ch, sk, fe, fr, ba, ro) \
	{ \
		.place = pl, .stride = st, .preload = pre, .chunk = ch, .skew = sk, .fence = fe, \
		.free = fr, .batch_log2 = ba, .rotate = ro \
	}

static const struct litmus_knobs seeds[] = {
	SETTING(PLACE_SAME_LINE, 1, PRELOAD_NONE, 16, 7, 0, 0, 12, 0),
	SETTING(PLACE_SAME_LINE, 1, PRELOAD_NONE, 64, 7, 0, 0, 10, 0),
	SETTING(PLACE_FAR, 1, PRELOAD_SHARE, 8, 7, 1, 0, 12, 1),
	SETTING(PLACE_NEXT_LINE, 1, PRELOAD_PREFETCH, 4, 0, 1, 0, 11, 2),
	SETTING(PLACE_SAME_LINE, 2, PRELOAD_SHARE, 0, 31, 0, 0, 13, 0),
	SETTING(PLACE_SAME_LINE, 1, PRELOAD_NONE, 2, 7, 0, 0, 11, 3),
	SETTING(PLACE_NEXT_LINE, 1, PRELOAD_SHARE, 128, 0, 0, 0, 12, 0),
	SETTING(PLACE_PACKED, 1, PRELOAD_NONE, 0, 0, 0, 0, 12, 1),
};

/* Where the test has that form: few meetings, the threads keep near each other by themselves. */
#define PERPETUAL(pl, st, ch, sk, ba, ro) \
	{ \
		.place = pl, .stride = st, .chunk = ch, .skew = sk, .batch_log2 = ba, \
		.rotate = ro, .perpetual = 1 \
	}

static const struct litmus_knobs perpetual_seeds[] = {
	PERPETUAL(PLACE_NEXT_LINE, 1, 0, 0, 12, 0),
	PERPETUAL(PLACE_SAME_LINE, 1, 0, 0, 12, 0),
	PERPETUAL(PLACE_PAGES, 1, 0, 0, 13, 1),
	PERPETUAL(PLACE_NEXT_LINE, 2, 512, 7, 11, 0),
};

/* Without meetings: long batches, else the threads run one after another. */
static const struct litmus_knobs free_seeds[] = {
	SETTING(PLACE_PACKED, 1, PRELOAD_NONE, 0, 0, 0, 1, 15, 0),
	SETTING(PLACE_FAR, 1, PRELOAD_NONE, 0, 0, 0, 1, 14, 1),
	SETTING(PLACE_NEXT_LINE, 1, PRELOAD_NONE, 0, 511, 0, 1, 13, 2),
};

static bool free_running(unsigned int nr_threads)
{
	return nr_threads > litmus_nr_racers();
}

int litmus_knobs_print(char *buf, size_t size, const struct litmus_knobs *k)
{
	static const char *const place[] = { "same-line", "next-line", "far", "packed", "pages" };
	static const char *const preload[] = { "none", "share", "prefetch", "flush" };
	static const char *const noise[] = { "none", "tick", "ipi" };

	return snprintf(buf, size,
			"place=%s stride=%u preload=%s chunk=%u skew=%u fence=%u batch=%u noise=%s "
			"cpus=%u%s%s",
			place[k->place], k->stride, preload[k->preload], k->chunk, k->skew,
			k->fence, 1U << k->batch_log2, noise[k->noise], k->rotate,
			k->perpetual ? " perpetual" : "", k->free ? " free" : "");
}

static void draw_one(struct rng *rng, bool free, unsigned int which, struct litmus_knobs *k)
{
	static const u16 skews[] = { 0, 0, 7, 31, 127, 511 };

	switch (which) {
	case 0:
		k->place = rng_below(rng, PLACE_NR);
		k->stride = 1 + rng_below(rng, 3);
		break;
	case 1:
		/* Sharing is what lets loads overtake stores: draw it as often as all others. */
		k->preload = rng_below(rng, 2) ? PRELOAD_SHARE : rng_below(rng, PRELOAD_NR);
		break;
	case 2:
		k->chunk = free || rng_below(rng, 8) == 0 ? 0 : 1 << rng_below(rng, 10);
		break;
	case 3:
		k->skew = skews[rng_below(rng, ARRAY_SIZE(skews))];
		break;
	case 4:
		k->batch_log2 = free ? 12 + rng_below(rng, 4) : 9 + rng_below(rng, 5);
		break;
	case 5:
		k->fence = rng_below(rng, 2);
		break;
	case 6:
		k->noise = rng_below(rng, 4) ? NOISE_NONE : rng_below(rng, NOISE_NR);
		break;
	default:
		k->rotate = rng_below(rng, 256);
	}
}

#define NR_DRAWS 8 /* cases of draw_one() */

void litmus_knobs_draw(struct rng *rng, unsigned int nr_threads, struct litmus_knobs *k)
{
	unsigned int which;

	memset(k, 0, sizeof(*k));
	for (which = 0; which < NR_DRAWS; which++)
		draw_one(rng, free_running(nr_threads), which, k);
}

void litmus_knobs_mutate(struct rng *rng, unsigned int nr_threads, struct litmus_knobs *k)
{
	draw_one(rng, free_running(nr_threads), rng_below(rng, NR_DRAWS), k);
}

void litmus_search_init(struct litmus_search *s, bool perpetual)
{
	memset(s, 0, sizeof(*s));
	s->perpetual = perpetual;
}

static u64 per_second(u64 count, u64 ns)
{
	return ns ? count * 1000000000ULL / ns : 0;
}

static bool arm_better(const struct litmus_arm *a, const struct litmus_arm *b)
{
	u64 wa = per_second(a->weak, a->ns), wb = per_second(b->weak, b->ns);

	if (wa != wb)
		return wa > wb;
	return per_second(a->minority, a->ns) > per_second(b->minority, b->ns);
}

struct litmus_arm *litmus_search_best(struct litmus_search *s)
{
	struct litmus_arm *best = NULL;
	unsigned int i;

	for (i = 0; i < s->nr_arms; i++)
		if (!best || arm_better(&s->arm[i], best))
			best = &s->arm[i];
	return best;
}

/* A new arm; when all are taken, in the place of the worst. */
static struct litmus_arm *arm_add(struct litmus_search *s, const struct litmus_knobs *k)
{
	struct litmus_arm *a = &s->arm[0];
	unsigned int i;

	if (s->nr_arms < LITMUS_ARMS_MAX) {
		a = &s->arm[s->nr_arms++];
	} else {
		for (i = 1; i < s->nr_arms; i++)
			if (arm_better(a, &s->arm[i]))
				a = &s->arm[i];
	}
	memset(a, 0, sizeof(*a));
	a->knobs = *k;
	return a;
}

/* The next of the settings that were good in earlier tests and serve this one, or NULL. */
static const struct litmus_knobs *next_kept(struct litmus_search *s)
{
	while (s->nr_seeds < nr_kept) {
		const struct litmus_knobs *k = &kept[s->nr_seeds++].knobs;

		if (s->perpetual || !k->perpetual)
			return k;
	}
	return NULL;
}

/* The next of the known-good settings, or NULL. */
static const struct litmus_knobs *next_seed(struct litmus_search *s, unsigned int nr_threads)
{
	const struct litmus_knobs *k = free_running(nr_threads) ? NULL : next_kept(s);
	unsigned int n;

	if (k)
		return k;
	n = s->nr_seeds++;
	if (free_running(nr_threads))
		return n < ARRAY_SIZE(free_seeds) ? &free_seeds[n] : NULL;
	n -= nr_kept;
	if (s->perpetual) {
		if (n < ARRAY_SIZE(perpetual_seeds))
			return &perpetual_seeds[n];
		n -= ARRAY_SIZE(perpetual_seeds);
	}
	return n < ARRAY_SIZE(seeds) ? &seeds[n] : NULL;
}

struct litmus_arm *litmus_search_next(struct litmus_search *s, struct rng *rng,
				      unsigned int nr_threads)
{
	const struct litmus_knobs *seed = next_seed(s, nr_threads);
	struct litmus_arm *best = litmus_search_best(s);
	struct litmus_knobs k;

	s->slices++;
	if (s->late && rng_below(rng, 2))
		return arm_add(s, &free_seeds[rng_below(rng, ARRAY_SIZE(free_seeds))]);
	if (seed)
		return arm_add(s, seed);
	/* Until something shows clearly, look around more than dwell. */
	switch (rng_below(rng, best->weak * 1000 > best->iterations ? 10 : 5)) {
	case 0:
		litmus_knobs_draw(rng, nr_threads, &k);
		k.perpetual = s->perpetual && rng_below(rng, 2);
		return arm_add(s, &k);
	case 1:
	case 2:
		k = best->knobs;
		litmus_knobs_mutate(rng, nr_threads, &k);
		return arm_add(s, &k);
	case 3:
		/* Its first slice may have fallen into a bad moment of the host. */
		return &s->arm[rng_below(rng, s->nr_arms)];
	default:
		return best;
	}
}

void litmus_search_note(struct litmus_search *s, struct litmus_arm *arm,
			const struct litmus_slice *slice)
{
	s->late = slice->late;
	arm->iterations += slice->iterations;
	arm->weak += slice->weak;
	arm->minority += slice->minority;
	arm->ns += slice->ns;
}

void litmus_search_print(char *buf, size_t size, const struct litmus_search *s)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < s->nr_arms; i++) {
		const struct litmus_arm *a = &s->arm[i];
		char rate[24];
		int n;

		if (a->iterations < LITMUS_RATE_MIN_ITERS)
			continue;
		n = snprintf(rate, sizeof(rate), "%s%llu", len ? "," : "",
			     (unsigned long long)(a->weak * 1000000000 / a->iterations));
		if (len + n >= size)
			break;
		len += snprintf(buf + len, size - len, "%s", rate);
	}
}

void litmus_search_keep(struct litmus_search *s, unsigned int nr_threads)
{
	struct litmus_arm *best = litmus_search_best(s);
	unsigned int i, at;

	if (!best || !best->weak || nr_threads < 2 || free_running(nr_threads))
		return;
	/* Where it belongs in the order; its former self, if it is there, goes out. */
	for (i = 0; i < nr_kept; i++)
		if (!memcmp(&kept[i].knobs, &best->knobs, sizeof(best->knobs)))
			break;
	if (i < nr_kept) {
		memmove(&kept[i], &kept[i + 1], (nr_kept - i - 1) * sizeof(kept[0]));
		nr_kept--;
	}
	for (at = 0; at < nr_kept && !arm_better(best, &kept[at]); at++)
		;
	if (at == NR_KEPT)
		return;
	if (nr_kept < NR_KEPT)
		nr_kept++;
	memmove(&kept[at + 1], &kept[at], (nr_kept - at - 1) * sizeof(kept[0]));
	kept[at] = *best;
}
