/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests. TEST(suite, name, kind, fn, ...) puts a description into the section .tests; the runner
 * picks those whose "suite.name" matches the globs of the boot line's tests=.
 *
 *	static void test_null(struct test *t)
 *	{
 *		EXPECT(t, probe_read(NULL, NULL) == -EFAULT);
 *	}
 *	TEST(pgtable, null_page, TEST_ASSERT, test_null);
 *
 * A test says that it failed with test_fail() or EXPECT(), that it cannot run here with
 * test_skip(); else it has passed. A test which checked nothing is a failure.
 */
#pragma once

#include <arch/power.h>
#include <kernel/clock.h>
#include <lib/compiler.h>
#include <lib/random.h>
#include <lib/types.h>

enum test_kind { TEST_ASSERT, TEST_LITMUS, TEST_RACE, TEST_TORTURE, TEST_BENCH };
enum test_verdict {
	VERDICT_NONE,
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_SKIP,
	VERDICT_TIMEOUT,
	VERDICT_CRASH
};

#define TEST_MANUAL   0x1 /* only when a glob equals its name (tests that fail on purpose) */
#define TEST_EXTENDED 0x2 /* only with extended=1, or when a glob equals its name */

struct test;

struct test_case {
	const char *name; /* "suite.name" */
	enum test_kind kind;
	unsigned int flags;
	void (*fn)(struct test *t);
	const void *data;      /* for the function; t->tc->data */
	unsigned int min_cpus; /* 0 to this - 1 are online, or the runner SKIPs it */
};

#define TEST(suite, nm, knd, func, ...) \
	static const struct test_case __PASTE(__test_##suite##_##nm##_, \
					      __LINE__) __used __section(".tests") \
		__aligned(8) = { .name = #suite "." #nm, .kind = knd, .fn = func, ##__VA_ARGS__ }

#define TEST_DETAIL_MAX 8192

/* A running test. Owned by the runner; only CPU 0 touches it but where noted. */
struct test {
	const struct test_case *tc;
	struct rng rng; /* seeded from seed= and the test's name */
	u64 budget_ns;	/* how long a timed test shall take: secs= */
	enum test_verdict verdict;
	unsigned long checks;	/* atomically counted: any CPU */
	unsigned long failures; /* atomically counted: any CPU */
	char reason[256];	/* of the first failure, or of the skip; guarded by test_lock */
	/* JSON members to add to the record, such as "\"weak\":3,": see test_record() */
	char detail[TEST_DETAIL_MAX];
	size_t detail_len;
	/*
	 * If set: what a panic makes of the test, which has provoked it: called with the reason, by
	 * the CPU that panics; may call test_record(), and returns the verdict. Such a test ends
	 * the run as tests_finish_now() does. Set by the test while it provokes, NULL else.
	 */
	enum test_verdict (*on_panic)(struct test *t, const char *why);
};

/* Record a failure; the test goes on. Any CPU. */
void test_fail(struct test *t, const char *fmt, ...) __printf(2, 3);
/* The test cannot run here: say why. CPU 0; the function must return after it. */
void test_skip(struct test *t, const char *fmt, ...) __printf(2, 3);
/* A twin in a build without switches (kernel/busted.h): true, and @t is skipped. CPU 0. */
bool switches_missing(struct test *t);
/* Count a check that held. Any CPU. */
void test_check(struct test *t);

#define EXPECT(t, cond) \
	__extension__({ \
		bool __ok = (cond); \
		test_check(t); \
		if (!__ok) \
			test_fail(t, "%s:%d: expected %s", __FILE__, __LINE__, #cond); \
		__ok; \
	})
/* The same with values: EXPECT_MSG(t, n == 4, "n is %u", n) */
#define EXPECT_MSG(t, cond, fmt, ...) \
	__extension__({ \
		bool __ok = (cond); \
		test_check(t); \
		if (!__ok) \
			test_fail(t, "%s:%d: expected %s: " fmt, __FILE__, __LINE__, #cond, \
				  ##__VA_ARGS__); \
		__ok; \
	})

/*
 * Add members to the test's machine-readable record: JSON text without the outer braces, each call
 * one or more whole members ("\"weak\":%lu,\"iterations\":%lu"); commas between calls are added.
 * -ENOSPC when the record is full, which fails the test. CPU 0.
 */
int test_record(struct test *t, const char *fmt, ...) __printf(2, 3);
/* The member "ratio_@what": @a divided by @b, two figures of this run; none if @b is 0. CPU 0. */
void test_record_ratio(struct test *t, const char *what, u64 a, u64 b);

/* ---- what the boot line chooses (tests/choose.c) ---- */

/* The list of globs. Any context. */
const char *tests_chosen(void);

/* Does a glob of the list name the test and no "-GLOB" leave it out? A list that begins with "-"
 * has all else. Any context. */
bool test_is_chosen(const struct test_case *tc);

/* Is there a word of the list that fits no test? Then @why names the first. Any context. */
bool tests_word_is_idle(char *why, size_t size);

/* ---- the runner (tests/runner.c) ---- */

/*
 * The running test has what it wanted, and the machine is beyond repair: finish the test with @v
 * (and @why, if it failed), say in its record that it was the last ("last":true), write END, and
 * power off. Tests that were planned after it are not run; END says how many were. Any CPU, any
 * context but NMI; others may still be at work, or panic: whoever comes first ends the run.
 */
void tests_finish_now(enum test_verdict v, const char *why) __noreturn;

/* How many CPUs can truly run at once (racers=), and what runs the machine (accel=), as told. */
unsigned int tests_racers(void);
const char *tests_accel(void);
