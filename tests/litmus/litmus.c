/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A litmus test from the runner's side: spend the budget in slices where the search sends us, add
 * up the outcomes, compare with what the architecture allows, write the record.
 */
#include "outcomes.h"

#include <kernel/clock.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <test/litmus.h>

#define SLICE_MIN_NS	1000000ULL
#define SLICE_MAX_NS	25000000ULL
#define SLICES_A_TEST	24
#define SURE_SHARE	4	   /* of the budget, for a histogram of several settings */
#define SLEEPERS_MIN_NS 4000000ULL /* of threads that must be made first, and wait long */
#define DEADLOCKS_MAX	2 /* slices in which each instance was given up: so will be the next */
#define TEXT_MAX	512
#define SPREAD_MAX	256

static bool opt_verbose;
OPTION(litmus_verbose, "litmus_verbose", OPT_BOOL, &opt_verbose, 0, 0,
       "print what each setting of a litmus test brought");

static u64 opt_sightings;
OPTION(litmus_sightings, "litmus_sightings", OPT_U64, &opt_sightings, 0, 1000000,
       "an allowed outcome seen so often is enough: the test ends, after a quarter of secs=");
static u64 opt_longer;
OPTION(litmus_longer, "litmus_longer", OPT_TIME, &opt_longer, 0, 3600000000000ULL,
       "what was seen, and not litmus_sightings= times, is looked for up to this long");

static const char *const record_words[] = {
	[LITMUS_UNKNOWN] = "unknown",
	[LITMUS_ALLOW] = "allow",
	[LITMUS_FORBID] = "forbid",
};

/* Sum of a test. One test runs at a time, on CPU 0; too large for the stack. */
static struct {
	struct litmus_search search;
	struct litmus_slice slice;
	struct litmus_histogram hist;
	u64 iterations, weak, ns;
	cpumask_t cpus;
	unsigned int late, deadlocks; /* slices that were cut short */
	bool turns;
} sum;

/* What the test is about. In JSON the backslash of the operator /\ is written twice. */
static void record_names(struct test *t, const struct litmus_test *lt)
{
	char text[TEXT_MAX];
	const char *s = lt->weak_outcome;
	size_t n = 0;

	for (; *s && n + 3 < sizeof(text); s++) {
		if (*s == '\\')
			text[n++] = '\\';
		text[n++] = *s;
	}
	text[n] = '\0';
	test_record(t, "\"threads\":%u,\"weak_outcome\":\"%s\"", lt->nr_threads, text);
	if (lt->row)
		test_record(t, "\"row\":\"%s\"", lt->row);
	if (lt->claim)
		test_record(t, "\"claim\":\"%s\"", lt->claim);
}

/* How many outcomes that need no reordering did show; a harness that shows one only is no test. */
static void record_warning(struct test *t, const struct litmus_test *lt)
{
	unsigned int i, seen = 0;

	for (i = 0; i < lt->nr_sc; i++)
		seen += litmus_histogram_count(&sum.hist, lt->sc[i]) != 0;
	test_record(t, "\"sc_seen\":%u,\"sc_outcomes\":%u", seen, lt->nr_sc);
	if (lt->nr_sc > 1 && seen <= 1)
		test_record(t,
			    "\"warning\":\"of %u sequentially consistent outcomes %s seen: "
			    "the threads hardly met\"",
			    lt->nr_sc, seen ? "only one was" : "none was");
}

/* Outcomes that the filter left out. */
static u64 filtered(void)
{
	u64 all = 0;

	for (unsigned int i = 0; i < LITMUS_BUCKETS; i++)
		all += sum.hist.bucket[i].n;
	return all - sum.iterations;
}

/* What only tests of files have. */
static void record_file(struct test *t, const struct litmus_test *lt)
{
	test_record(t, "\"file\":true,\"filtered\":%llu,\"gave_up\":%llu,\"turns\":%s",
		    (unsigned long long)filtered(), (unsigned long long)sum.hist.given_up,
		    sum.turns ? "true" : "false");
	if (lt->nr_threads > smp_nr_online())
		test_record(t, "\"note\":\"%u threads took turns on %u CPUs\"", lt->nr_threads,
			    smp_nr_online());
}

/* Parts per million as a decimal fraction, since the kernel prints no floating point. */
static void print_share(char *buf, size_t size, u64 part, u64 whole)
{
	u64 ppm = whole ? part * 1000000 / whole : 0;

	snprintf(buf, size, "%llu.%06llu", (unsigned long long)ppm / 1000000,
		 (unsigned long long)ppm % 1000000);
}

static void record_spread(struct test *t)
{
	char rates[SPREAD_MAX];

	litmus_search_print(rates, sizeof(rates), &sum.search);
	test_record(t, "\"setting_rates\":[%s]", rates);
}

static void record_knobs(struct test *t)
{
	struct litmus_arm *best = litmus_search_best(&sum.search);
	char knobs[160], share[24] = "0.000000", cpus[CPUMASK_TEXT_MAX];
	u64 best_part = 0, best_whole = 1;
	unsigned int i;

	for (i = 0; i < sum.search.nr_arms; i++) {
		const struct litmus_arm *a = &sum.search.arm[i];

		if (a->iterations >= LITMUS_RATE_MIN_ITERS &&
		    a->weak * 1000000 / a->iterations > best_part * 1000000 / best_whole) {
			best_part = a->weak;
			best_whole = a->iterations;
		}
	}
	print_share(share, sizeof(share), best_part, best_whole);
	litmus_knobs_print(knobs, sizeof(knobs), &best->knobs);
	cpumask_format(sum.cpus, cpus, sizeof(cpus));
	test_record(t, "\"knobs\":\"%s\",\"best_rate\":%s,\"cpus\":\"%s\"", knobs, share, cpus);
	test_record(t, "\"settings_tried\":%u,\"slices\":%u,\"slices_late\":%u", sum.search.nr_arms,
		    sum.search.slices, sum.late);
	test_record(t, "\"iters_per_s\":%llu,\"weak_per_s\":%llu",
		    (unsigned long long)(sum.iterations * 1000000000ULL / MAX(sum.ns, 1)),
		    (unsigned long long)(sum.weak * 1000000000ULL / MAX(sum.ns, 1)));
}

void litmus_slice_report(struct test *t, const struct litmus_knobs *k,
			 const struct litmus_slice *slice)
{
	char knobs[160];

	if (!opt_verbose)
		return;
	litmus_knobs_print(knobs, sizeof(knobs), k);
	pr_info("%s: %llu weak of %llu in %llu us%s: %s", t->tc->name,
		(unsigned long long)slice->weak, (unsigned long long)slice->iterations,
		(unsigned long long)slice->ns / 1000, slice->late ? " (late)" : "", knobs);
}

/* Nothing to count: in each instance a thread waited in vain, or the filter left all out. */
static void record_nothing(struct test *t, const struct litmus_test *lt)
{
	test_record(t, "\"iterations\":0,\"weak\":0,\"result\":\"%s\"",
		    sum.deadlocks ? "deadlock" : "filtered");
	record_names(t, lt);
	record_file(t, lt);
	if (sum.deadlocks)
		test_skip(t, "deadlock: each of %llu instances was given up",
			  (unsigned long long)sum.hist.given_up);
	else
		test_skip(t, "the filter leaves out all outcomes that were seen");
}

/* Beyond the budget, where nothing came of it or what must be seen was not. */
static bool spend_more(enum litmus_expect expect, u64 spent, u64 budget, u64 until_weak)
{
	if (!sum.iterations && sum.deadlocks >= DEADLOCKS_MAX)
		return false;
	if (opt_sightings && expect == LITMUS_ALLOW && sum.weak)
		return spent <
		       (sum.weak < opt_sightings ? MAX(budget, opt_longer) : budget / SURE_SHARE);
	if (spent < budget || (!sum.weak && spent < until_weak))
		return true;
	return !sum.iterations && sum.search.slices < SLICES_A_TEST;
}

/*
 * Nothing was completed: a fault of ours in a test of the table, whose threads are few. Many
 * threads of a file on a host that has no time for them say nothing.
 */
static void record_starved(struct test *t, const struct litmus_test *lt)
{
	unsigned long long ms = sum.ns / 1000000;

	if (lt->flags & LITMUS_FILE) {
		test_skip(t, "starved: not one iteration was completed in %llu ms", ms);
		return;
	}
	test_record(t, "\"iterations\":0,\"weak\":0,\"outcomes\":[]");
	test_record(t, "\"expected\":\"%s\",\"result\":\"%s-unseen\"",
		    record_words[litmus_expected(lt)], litmus_expect_word(litmus_expected(lt)));
	test_fail(t, "timeout: not one iteration was completed in %llu ms", ms);
}

/*
 * Spend @budget ns, or up to @until_weak. False: the test cannot go on, and the reason is set.
 */
static bool spend(struct test *t, const struct litmus_test *lt, u64 budget, u64 until_weak)
{
	u64 start = clock_ns(), slice_ns = budget / SLICES_A_TEST;

	memset(&sum, 0, sizeof(sum));
	slice_ns = MIN(MAX(slice_ns, SLICE_MIN_NS), SLICE_MAX_NS);
	if (lt->flags & LITMUS_SLEEPS)
		slice_ns = MAX(slice_ns, SLEEPERS_MIN_NS);
	litmus_search_init(&sum.search, lt->perpetual);
	do {
		struct litmus_arm *arm = litmus_search_next(&sum.search, &t->rng, lt->nr_threads);
		int err = litmus_slice_run(lt, &arm->knobs, slice_ns, &t->rng, &sum.slice);

		if (err == -ENOMEM) {
			test_skip(t, "too little memory for the instances");
			return false;
		}
		if (err) {
			test_fail(t, "timeout: a CPU did not come back from a race (error %d)",
				  err);
			return false;
		}
		litmus_search_note(&sum.search, arm, &sum.slice);
		litmus_histogram_merge(&sum.hist, &sum.slice.hist);
		sum.iterations += sum.slice.iterations;
		sum.weak += sum.slice.weak;
		sum.late += sum.slice.late;
		sum.deadlocks += sum.slice.deadlock;
		sum.turns |= sum.slice.turns;
		sum.cpus |= sum.slice.cpus;
		litmus_slice_report(t, &arm->knobs, &sum.slice);
		/* On a busy host one more slice without meetings does bring iterations. */
	} while (spend_more(litmus_expected(lt), clock_ns() - start, budget, until_weak));
	sum.ns = clock_ns() - start;
	if (!sum.iterations && (sum.deadlocks || filtered())) {
		record_nothing(t, lt);
		return false;
	}
	if (!sum.iterations) {
		record_starved(t, lt);
		return false;
	}
	litmus_search_keep(&sum.search, lt->nr_threads);
	return true;
}

bool litmus_measure(struct test *t, const struct litmus_test *lt, const char *name, u64 ns,
		    struct litmus_result *r)
{
	unsigned int i;

	if (!spend(t, lt, ns, 0))
		return false;
	litmus_histogram_merge(&r->hist, &sum.hist);
	r->iterations += sum.iterations;
	r->weak += sum.weak;
	r->ns += sum.ns;
	r->expect = litmus_expected(lt);
	r->defect = r->expect == LITMUS_FORBID && r->weak ? litmus_known_defect(name) : NULL;
	r->sc_seen = 0;
	for (i = 0; i < lt->nr_sc; i++)
		r->sc_seen += litmus_histogram_count(&r->hist, lt->sc[i]) != 0;
	return true;
}

extern const struct test_case __tests_start[], __tests_end[];

const struct litmus_test *litmus_find(const char *name)
{
	const struct test_case *tc;

	for (tc = __tests_start; tc < __tests_end; tc++)
		if (tc->fn == litmus_run && !strcmp(tc->name, name))
			return tc->data;
	return NULL;
}

char litmus_verdict(const char *row, enum litmus_model model)
{
	unsigned int i;

	for (i = 0; i < nr_litmus_verdicts; i++)
		if (!strcmp(litmus_verdicts[i].row, row))
			return litmus_verdicts[i].verdict[model];
	return 0;
}

const char *litmus_expect_word(enum litmus_expect expect)
{
	static const char *const words[] = {
		[LITMUS_UNKNOWN] = "unknown",
		[LITMUS_ALLOW] = "allowed",
		[LITMUS_FORBID] = "forbidden",
	};

	return words[expect];
}

bool litmus_run_until_weak(struct test *t, u64 ns, u64 *iterations)
{
	const struct litmus_test *lt = t->tc->data;
	enum litmus_expect expect = litmus_expected(lt);
	bool forbid = expect == LITMUS_FORBID;
	const char *defect = NULL;
	char result[24];

	*iterations = 0;
	if (!spend(t, lt, t->budget_ns, ns))
		return false;
	*iterations = sum.iterations;
	test_check(t);
	if (forbid && sum.weak)
		defect = litmus_known_defect(t->tc->name);
	if (defect)
		snprintf(result, sizeof(result), "known-defect");
	else
		snprintf(result, sizeof(result), "%s-%s", litmus_expect_word(expect),
			 sum.weak ? "seen" : "unseen");

	test_record(t, "\"iterations\":%llu,\"weak\":%llu,\"expected\":\"%s\",\"result\":\"%s\"",
		    (unsigned long long)sum.iterations, (unsigned long long)sum.weak,
		    record_words[expect], result);
	record_names(t, lt);
	record_knobs(t);
	record_spread(t);
	litmus_record_outcomes(t, lt, &sum.hist);
	if (lt->flags & LITMUS_FILE)
		record_file(t, lt);
	record_warning(t, lt);

	if (defect)
		test_skip(t, "known emulator defect: %s (seen %llu times in %llu)", defect,
			  (unsigned long long)sum.weak, (unsigned long long)sum.iterations);
	else if (expect == LITMUS_UNKNOWN)
		test_skip(t, "no model of %s says whether %s may be seen (%llu times in %llu)",
			  ARCH_NAME, lt->weak_outcome, (unsigned long long)sum.weak,
			  (unsigned long long)sum.iterations);
	else if (forbid && sum.weak)
		test_fail(t, "forbidden outcome %s seen %llu times in %llu iterations",
			  lt->weak_outcome, (unsigned long long)sum.weak,
			  (unsigned long long)sum.iterations);
	return sum.weak;
}

void litmus_run(struct test *t)
{
	u64 iterations;

	litmus_run_until_weak(t, 0, &iterations);
}
