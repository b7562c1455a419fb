/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Speed of the litmus engine on plain SB, and the twin that shows that it can see a forbidden
 * outcome: the same SB with an expectation that says "never".
 */
#include <kernel/clock.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <test/litmus.h>

#define BENCH_SLICE_NS	20000000ULL
#define BENCH_MIN_ITERS 10000 /* for the best share: fewer say nothing */

extern const struct test_case __tests_start[], __tests_end[];

static const struct litmus_test *find_litmus(const char *name)
{
	const struct test_case *tc;

	for (tc = __tests_start; tc < __tests_end; tc++)
		if (tc->kind == TEST_LITMUS && !strcmp(tc->name, name))
			return tc->data;
	return NULL;
}

static u64 rate(u64 count, u64 ns)
{
	return ns ? count * 1000000000ULL / ns : 0;
}

/* Three figures, each of the setting that is best at it. */
static void report_arms(struct test *t, const struct litmus_search *s)
{
	const struct litmus_arm *fast = NULL, *weak = NULL, *share = NULL;
	char knobs[160];
	unsigned int i;

	for (i = 0; i < s->nr_arms; i++) {
		const struct litmus_arm *a = &s->arm[i];

		if (a->iterations < BENCH_MIN_ITERS)
			continue;
		if (!fast || rate(a->iterations, a->ns) > rate(fast->iterations, fast->ns))
			fast = a;
		if (!weak || rate(a->weak, a->ns) > rate(weak->weak, weak->ns))
			weak = a;
		if (!share ||
		    a->weak * 1000000 / a->iterations > share->weak * 1000000 / share->iterations)
			share = a;
	}
	if (!EXPECT_MSG(t, fast, "no setting brought %u iterations", BENCH_MIN_ITERS))
		return;
	test_record(t, "\"best_iters_per_s\":%llu,\"best_weak_per_s\":%llu",
		    (unsigned long long)rate(fast->iterations, fast->ns),
		    (unsigned long long)rate(weak->weak, weak->ns));
	test_record(t, "\"weak_share_best\":0.%06llu,\"iters_per_s_at_best_weak\":%llu",
		    (unsigned long long)(share->weak * 1000000 / (share->iterations + 1)),
		    (unsigned long long)rate(weak->iterations, weak->ns));
	litmus_knobs_print(knobs, sizeof(knobs), &weak->knobs);
	test_record(t, "\"knobs\":\"%s\"", knobs);
	litmus_knobs_print(knobs, sizeof(knobs), &share->knobs);
	test_record(t, "\"knobs_best_share\":\"%s\"", knobs);
	litmus_knobs_print(knobs, sizeof(knobs), &fast->knobs);
	test_record(t, "\"knobs_fastest\":\"%s\"", knobs);
}

static void bench_sb(struct test *t)
{
	static struct litmus_search search;
	static struct litmus_slice slice;
	const struct litmus_test *lt = find_litmus("litmus.SB");
	u64 start = clock_ns(), iterations = 0, weak = 0, ns;

	if (!EXPECT(t, lt))
		return;
	litmus_search_init(&search, lt->perpetual);
	do {
		struct litmus_arm *arm = litmus_search_next(&search, &t->rng, lt->nr_threads);

		if (!EXPECT(t, litmus_slice_run(lt, &arm->knobs, BENCH_SLICE_NS, &t->rng, &slice) ==
				       0))
			return;
		litmus_search_note(&search, arm, &slice);
		iterations += slice.iterations;
		weak += slice.weak;
		litmus_slice_report(t, &arm->knobs, &slice);
		ns = clock_ns() - start;
	} while (ns < t->budget_ns);
	litmus_search_keep(&search, lt->nr_threads);

	test_record(t, "\"iterations\":%llu,\"weak\":%llu", (unsigned long long)iterations,
		    (unsigned long long)weak);
	test_record(t, "\"iters_per_s\":%llu,\"weak_per_s\":%llu",
		    (unsigned long long)rate(iterations, ns), (unsigned long long)rate(weak, ns));
	report_arms(t, &search);
}

TEST(bench, sb, TEST_BENCH, bench_sb, .min_cpus = 2);

/* SB, with an expectation that is the same for all models. */
static void run_sb_as(struct test *t, enum litmus_expect expect)
{
	static struct litmus_test twin;
	static struct test_case twin_case;
	const struct litmus_test *lt = find_litmus("litmus.SB");

	if (!EXPECT(t, lt))
		return;
	twin = *lt;
	memset(twin.expect, expect, sizeof(twin.expect));
	twin_case = *t->tc;
	twin_case.data = &twin;
	t->tc = &twin_case;
	litmus_run(t);
}

/* Must FAIL with forbidden-seen wherever SB can be seen: run by name only. */
static void litmus_twin(struct test *t)
{
	run_sb_as(t, LITMUS_FORBID);
}
TEST(self, litmus_twin, TEST_LITMUS, litmus_twin, .flags = TEST_MANUAL, .min_cpus = 2);

/* Must SKIP, whatever is seen, since nobody knows: run by name only. */
static void litmus_unknown(struct test *t)
{
	run_sb_as(t, LITMUS_UNKNOWN);
}
TEST(self, litmus_unknown, TEST_LITMUS, litmus_unknown, .flags = TEST_MANUAL, .min_cpus = 2);
