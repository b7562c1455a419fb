/* SPDX-License-Identifier: GPL-2.0-only */
/* How many runs of a translation shape a second has: of the slowest row, and of the middle one. */
#include <lib/string.h>
#include <test/translation.h>

#define ROWS_MAX   256
#define ROW_MIN_NS 10000000ULL

extern const struct test_case __tests_start[], __tests_end[];

static u64 rates[ROWS_MAX];

/* Rows of two threads that this machine runs: those with more depend on the host's cores. */
static bool is_measured(const struct test_case *tc)
{
	const struct litmus_test *lt = tc->data;
	const struct trans_row *row;

	if (tc->fn != trans_run || lt->nr_threads != 2)
		return false;
	row = lt->data;
	return !row->not_here[LITMUS_OWN_MODEL];
}

static unsigned int count_rows(void)
{
	unsigned int n = 0;

	for (const struct test_case *tc = __tests_start; tc < __tests_end; tc++)
		n += is_measured(tc);
	return n;
}

/* Insert @rate where it belongs among the first @n. */
static void note(u64 rate, unsigned int n)
{
	for (; n && rates[n - 1] > rate; n--)
		rates[n] = rates[n - 1];
	rates[n] = rate;
}

static void bench_translation(struct test *t)
{
	const struct test_case *tc, *slowest = NULL;
	unsigned int n = 0, rows = count_rows();
	u64 ns;

	if (!EXPECT(t, rows && rows <= ROWS_MAX))
		return;
	ns = MAX(t->budget_ns / rows, ROW_MIN_NS);
	for (tc = __tests_start; tc < __tests_end; tc++) {
		static struct litmus_result r;
		u64 rate;

		if (!is_measured(tc))
			continue;
		memset(&r, 0, sizeof(r));
		if (!litmus_measure(t, tc->data, tc->name, ns, &r))
			return;
		rate = r.iterations * 1000000000ULL / MAX(r.ns, 1ULL);
		note(rate, n++);
		if (rates[0] == rate)
			slowest = tc;
	}
	EXPECT(t, n == rows && rates[0] <= rates[n / 2] && rates[n / 2] <= rates[n - 1]);
	test_record(t, "\"rows\":%u,\"runs_per_s_slowest\":%llu,\"runs_per_s_median\":%llu", n,
		    (unsigned long long)rates[0], (unsigned long long)rates[n / 2]);
	test_record(t, "\"slowest\":\"%s\"", slowest->name);
}
TEST(bench, translation, TEST_BENCH, bench_translation, .min_cpus = 2);
