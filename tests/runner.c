/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test runner: picks tests by glob, runs them one after the other on CPU 0, and reports each
 * as a KTAP line for people and a record for programs. Nothing is printed while a test runs.
 *
 * Records are JSON objects, one a line, behind "@NAME ", with a check sum (include/test/record.h).
 * END is the last thing a run says.
 */
#include <arch/atomic.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/busted.h>
#include <kernel/errata.h>
#include <kernel/fail.h>
#include <kernel/fixture.h>
#include <kernel/lock_order.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <kernel/watchdog.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <test/record.h>
#include <test/test.h>
#include <test/unattended.h>

#include <build_id.h>
#include <mm/boot_alloc.h>

extern const struct test_case __tests_start[], __tests_end[];

static char opt_accel[OPT_STRING_MAX] = "unknown";
static u64 opt_seed = 1;
static u64 opt_secs = 200000000ULL;
static u64 opt_timeout;

OPTION_CHOICE(accel, "accel", opt_accel, "tcg|kvm|silicon|unknown",
	      "what runs this machine, as the host says");
OPTION(seed, "seed", OPT_U64, &opt_seed, 0, 0, "seed of every decision of the harness");
OPTION(secs, "secs", OPT_TIME, &opt_secs, 1000000, 86400000000000ULL,
       "time that a timed test takes");
OPTION(timeout, "timeout", OPT_TIME, &opt_timeout, 0, 0, "a test that takes longer is a TIMEOUT");

static const char *const kind_names[] = {
	[TEST_ASSERT] = "assert",   [TEST_LITMUS] = "litmus", [TEST_RACE] = "race",
	[TEST_TORTURE] = "torture", [TEST_BENCH] = "bench",
};
static const char *const verdict_names[] = {
	[VERDICT_NONE] = "none", [VERDICT_PASS] = "pass",	[VERDICT_FAIL] = "fail",
	[VERDICT_SKIP] = "skip", [VERDICT_TIMEOUT] = "timeout", [VERDICT_CRASH] = "crash",
};

/* The run. CPU 0's, but for tests_abort() and tests_finish_now(): any CPU, and the last thing. */
static struct test current_test;
static struct test *running; /* &current_test while one runs; lockless readers in an emergency */
static unsigned int nr_planned, nr_started, nr_round;
static unsigned int tally[VERDICT_CRASH + 1];
static bool begun;
static u64 test_start; /* clock_ns() */

/* Protects test->reason against CPUs that fail at once. */
static struct raw_spinlock reason_lock = RAW_SPINLOCK_INIT;

unsigned int tests_racers(void)
{
	return cpus_at_once();
}

const char *tests_accel(void)
{
	return opt_accel;
}

/* The name of the running test, or NULL. Any context. */
static const char *tests_current(void)
{
	struct test *t = READ_ONCE(running);

	return t ? t->tc->name : NULL;
}

/* Words of the boot line that the host tool makes of options of its own. */
static bool is_host_word(const char *word, size_t len)
{
	static const char *const names[] = { "tests=",	"seed=",  "secs=", "timeout=",
					     "racers=", "accel=", "exit=" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (len >= strlen(names[i]) && !memcmp(word, names[i], strlen(names[i])))
			return true;
	return false;
}

/* What was appended to the boot line, between quotes; nothing if nothing was. */
static size_t rerun_append(char *buf, size_t size)
{
	const char *s = boot_info.cmdline;
	size_t n = 0;

	buf[0] = '\0';
	while (*s && n + 16 < size) {
		const char *blank = strchr(s, ' ');
		size_t len = blank ? (size_t)(blank - s) : strlen(s);

		if (len && !is_host_word(s, len) && n + len + 16 < size) {
			n += snprintf(buf + n, size - n, n ? " " : " APPEND='");
			memcpy(buf + n, s, len);
			n += len;
			buf[n] = '\0';
		}
		s += len + (blank != NULL);
	}
	if (n)
		n += snprintf(buf + n, size - n, "'");
	return n;
}

/* The line that runs the running test (or all that were asked for) once more. Any context. */
static void tests_rerun(char *buf, size_t size)
{
	unsigned long ms = opt_secs / 1000000;
	const char *name = tests_current();
	char append[256];

	rerun_append(append, sizeof(append));
	snprintf(buf, size, "make run ARCH=%s TESTS='%s' SMP=%u SEED=%llu SECS=%lu.%03lu%s%s",
		 ARCH_NAME, name ? name : tests_chosen(), nr_cpus_found,
		 (unsigned long long)opt_seed, ms / 1000, ms % 1000, append,
		 sync_points_enabled() ? "" : " DEBUG=0");
}

/* ---- what tests call ---- */

static void reason_set(struct test *t, const char *fmt, va_list ap)
{
	unsigned long flags = arch_irq_save();

	raw_spin_lock(&reason_lock);
	if (!t->reason[0])
		vsnprintf(t->reason, sizeof(t->reason), fmt, ap);
	raw_spin_unlock(&reason_lock);
	arch_irq_restore(flags);
}

void test_check(struct test *t)
{
	fetch_add_relaxed(&t->checks, 1);
}

void test_fail(struct test *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!fetch_add_relaxed(&t->failures, 1))
		reason_set(t, fmt, ap);
	va_end(ap);
}

void test_skip(struct test *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reason_set(t, fmt, ap);
	va_end(ap);
	t->verdict = VERDICT_SKIP;
}

bool switches_missing(struct test *t)
{
	if (busted_possible())
		return false;
	test_skip(t, "a release build has no switches for mistakes");
	return true;
}

int test_record(struct test *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->detail_len >= sizeof(t->detail) - 1)
		goto full;
	t->detail[t->detail_len] = ',';
	va_start(ap, fmt);
	n = vsnprintf(t->detail + t->detail_len + 1, sizeof(t->detail) - t->detail_len - 1, fmt,
		      ap);
	va_end(ap);
	if (n + 1 >= (int)(sizeof(t->detail) - t->detail_len)) {
		t->detail[t->detail_len] = '\0';
		goto full;
	}
	/* release: pairs with the acquire in report_test(), by who aborts the run meanwhile; what
	 * is in the record before its length; tests: litmus.MP+rel+acq */
	smp_store_release(&t->detail_len, t->detail_len + n + 1);
	return 0;
full:
	test_fail(t, "the test's record is longer than %d bytes", TEST_DETAIL_MAX);
	return -ENOSPC;
}

void test_record_ratio(struct test *t, const char *what, u64 a, u64 b)
{
	u64 hundredths = b ? a * 100 / b : 0;

	if (b)
		test_record(t, "\"ratio_%s\":%llu.%02llu", what,
			    (unsigned long long)hundredths / 100,
			    (unsigned long long)hundredths % 100);
}

/* ---- reporting ---- */

static void report_begin(unsigned int first)
{
	say_begin(opt_seed, opt_accel, nr_planned, first);
	say("KTAP version 1");
	say("1..%u", nr_planned);
	begun = true;
}

static void report_ktap(const struct test *t)
{
	const char *name = t->tc->name;
	char reason[sizeof(t->reason)];

	str_copy_printable(reason, sizeof(reason), t->reason, sizeof(t->reason));
	if (t->verdict == VERDICT_PASS)
		say_ktap("ok %u %s", nr_started, name);
	else if (t->verdict == VERDICT_SKIP)
		say_ktap("ok %u %s # SKIP %s", nr_started, name, reason);
	else
		say_ktap("not ok %u %s # %s%s", nr_started, name,
			 t->verdict == VERDICT_FAIL	 ? ""
			 : t->verdict == VERDICT_TIMEOUT ? "TIMEOUT "
							 : "CRASH ",
			 reason);
}

static void report_test(const struct test *t, u64 us)
{
	char reason[sizeof(t->reason) + 64], again[192], taint[256];
	const char *name = t->tc->name, *verdict = verdict_names[t->verdict];
	/* acquire: pairs with the release in test_record(); tests: litmus.MP+rel+acq */
	u32 detail_len = smp_load_acquire(&t->detail_len);

	json_escape(reason, sizeof(reason), t->reason);
	errata_taint(name, taint, sizeof(taint));
	snprintf(again, sizeof(again), "%s %s %s %s ", name, verdict, name, verdict);
	tally[t->verdict]++;
	report_ktap(t);
	say_record(again,
		   "@TEST {\"n\":%u,\"name\":\"%s\",\"kind\":\"%s\",\"verdict\":\"%s\","
		   "\"us\":%llu,\"reason\":\"%s\"%s%s%s%.*s",
		   nr_started, name, kind_names[t->tc->kind], verdict, (unsigned long long)us,
		   reason, *taint ? ",\"tainted\":\"" : "", taint, *taint ? "\"" : "",
		   (int)detail_len, t->detail);
}

static unsigned int nr_failed_cpus(void)
{
	unsigned int n = 0;

	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		n += cpu_table[cpu].state == CPU_FAILED;
	return n;
}

static enum run_verdict report_end(bool config_error)
{
	unsigned int ran = 0;
	enum run_verdict v = RUN_PASS;
	const char *word = "pass";

	for (unsigned int i = 0; i < ARRAY_SIZE(tally); i++)
		ran += tally[i];
	if (config_error) {
		v = RUN_CONFIG;
		word = "config";
	} else if (tally[VERDICT_CRASH] || !begun) {
		v = RUN_CRASH;
		word = "crash";
	} else if (tally[VERDICT_FAIL] || tally[VERDICT_TIMEOUT] || nr_failed_cpus()) {
		v = RUN_FAIL;
		word = "fail";
	}
	say_record("",
		   "@END "
		   "{\"planned\":%u,\"run\":%u,\"pass\":%u,\"fail\":%u,\"skip\":%u,\"timeout\":%u,"
		   "\"crash\":%u,\"verdict\":\"%s\"",
		   nr_planned, ran, tally[VERDICT_PASS], tally[VERDICT_FAIL], tally[VERDICT_SKIP],
		   tally[VERDICT_TIMEOUT], tally[VERDICT_CRASH], word);
	return v;
}

static void __noreturn tests_config_error(const char *why)
{
	char text[1024];

	json_escape(text, sizeof(text), why);
	say_record("", "@CONFIG {\"error\":\"%s\"", text);
	report_end(true);
	run_end(RUN_CONFIG);
}

/* Finish the running test, which is the last, and the run. */
static enum run_verdict finish_last(struct test *t, enum test_verdict v, const char *why)
{
	t->verdict = v;
	strscpy(t->reason, v == VERDICT_PASS ? "" : why, sizeof(t->reason));
	test_record(t, "\"last\":true");
	report_test(t, (clock_ns() - test_start) / 1000);
	return report_end(false);
}

/* Finish the running test with @v, write its lines and END; what to turn the machine off with. */
static enum run_verdict tests_abort(enum test_verdict v, const char *why)
{
	struct test *t = READ_ONCE(running);
	char text[1024];

	if (t && v == VERDICT_CRASH && t->on_panic)
		return finish_last(t, t->on_panic(t, why), why);
	json_escape(text, sizeof(text), why);
	say_record("", "@CRASH {\"name\":\"%s\",\"why\":\"%s\"", t ? t->tc->name : "", text);
	if (t) {
		t->verdict = v;
		strscpy(t->reason, why, sizeof(t->reason));
		report_test(t, 0);
	} else {
		tally[v]++;
	}
	return report_end(false);
}

static enum run_verdict tests_crashed(const char *why)
{
	return tests_abort(VERDICT_CRASH, why);
}

static enum run_verdict tests_hung(const char *why)
{
	return tests_abort(VERDICT_TIMEOUT, why);
}

void tests_finish_now(enum test_verdict v, const char *why)
{
	u32 owner;

	arch_irq_disable();
	owner = panic_claim();
	if (owner && owner != smp_processor_id() + 1)
		panic_stand_by();
	printk_enter_emergency();
	run_end(finish_last(READ_ONCE(running), v, why));
}

/* ---- running ---- */

static u64 test_limit_ns(const struct test *t)
{
	if (opt_timeout)
		return opt_timeout;
	/* A timed test may take a few times its budget; an untimed one half a minute. */
	return 30000000000ULL + 4 * t->budget_ns;
}

/*
 * All tests but litmus tests, which choose among the CPUs that are there, use CPUs 0 to
 * min_cpus - 1 by their numbers: one that did not come up would be waited for until the deadline
 * ends the run.
 */
static bool cpu_is_missing(const struct test_case *tc)
{
	cpumask_t wanted = tc->min_cpus ? ~0ULL >> (NR_CPUS - tc->min_cpus) : 0;

	return tc->kind != TEST_LITMUS && (wanted & ~smp_online_mask());
}

static void fixtures_setup(void)
{
	const struct fixture *f;
	const char *wrong;

	for_each_fixture(f) {
		wrong = f->setup ? f->setup() : NULL;
		if (wrong)
			tests_config_error(wrong);
	}
}

static void fixtures_begin(u64 seed)
{
	const struct fixture *f;

	for_each_fixture(f)
		if (f->begin)
			f->begin(seed);
}

static void fixtures_end(void)
{
	const struct fixture *f;

	for_each_fixture_reverse(f)
		if (f->end)
			f->end();
}

/* What came of @t, which has ended by itself. */
static void test_judge(struct test *t)
{
	if (t->failures)
		t->verdict = VERDICT_FAIL;
	else if (t->verdict == VERDICT_NONE)
		t->verdict = VERDICT_PASS;
	if (t->verdict == VERDICT_PASS && !t->checks) {
		t->verdict = VERDICT_FAIL;
		strscpy(t->reason, "the test checked nothing", sizeof(t->reason));
	}
}

static void test_run(const struct test_case *tc)
{
	struct test *t = &current_test;

	memset(t, 0, sizeof(*t));
	t->tc = tc;
	t->budget_ns = opt_secs;
	rng_seed(&t->rng, opt_seed, tc->name);
	fixtures_begin(t->rng.s[0]);
	unattended_at(nr_round, ++nr_started);
	say_record("", "@START {\"n\":%u,\"name\":\"%s\",\"kind\":\"%s\"", nr_started, tc->name,
		   kind_names[tc->kind]);
	WRITE_ONCE(running, t);
	test_start = clock_ns();
	watchdog_set_limit(test_limit_ns(t));
	watchdog_set_activity((unsigned long)tc->fn);
	if (tc->min_cpus > smp_nr_online())
		test_skip(t, "needs %u CPUs, %u are online", tc->min_cpus, smp_nr_online());
	else if (cpu_is_missing(tc))
		test_skip(t, "needs CPUs 0 to %u, and one of them is not online", tc->min_cpus - 1);
	else
		tc->fn(t);
	fixtures_end();
	watchdog_set_activity(0);
	watchdog_set_limit(0);
	/* It may have ended while another CPU reports its end: then it is the last. */
	panic_stop_if_claimed();
	WRITE_ONCE(running, NULL);
	test_judge(t);
	report_test(t, (clock_ns() - test_start) / 1000);
}

/* The plan from test @first on, with its report. */
static enum run_verdict plan_run(unsigned int first)
{
	const struct test_case *tc;
	unsigned int n = 0;

	memset(tally, 0, sizeof(tally));
	nr_started = first - 1;
	report_begin(first);
	for (tc = __tests_start; tc < __tests_end; tc++)
		if (test_is_chosen(tc) && ++n >= first)
			test_run(tc);
	unattended_at(nr_round, 0);
	lock_order_print();
	return report_end(false);
}

static void __noreturn tests_run(void)
{
	enum run_verdict v, worst = RUN_PASS;
	const struct test_case *tc;
	unsigned int first;
	char why[256];

	for (tc = __tests_start; tc < __tests_end; tc++)
		nr_planned += test_is_chosen(tc);
	if (!nr_planned)
		tests_config_error("no test matches the globs of tests=");
	if (tests_word_is_idle(why, sizeof(why)))
		tests_config_error(why);
	fixtures_setup();
	first = unattended_begin(nr_planned, opt_seed, &nr_round);
	opt_seed += nr_round;
	for (;; first = 1, nr_round++, opt_seed++) {
		v = plan_run(first);
		worst = MAX(worst, v);
		if (!unattended_more())
			run_end(worst);
	}
}

RUN_OPS(tests_run_ops) = {
	.start = tests_run,
	.config_error = tests_config_error,
	.crashed = tests_crashed,
	.hung = tests_hung,
	.ended = unattended_ended,
	.tick = unattended_tick,
	.name = tests_current,
	.rerun = tests_rerun,
};
