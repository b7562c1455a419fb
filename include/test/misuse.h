/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wrong uses, each of which an assertion must notice: by name, so that none can be dropped or
 * weakened, and all of a directory, so that none is without its wrong use. An assertion that fires
 * ends the thread that tests, as it would end the run, with the locks that it holds released; or,
 * where it was lied to (task_struct.denies), it is passed over, for nothing is wrong.
 *
 * Debug builds only.
 */
#pragma once

#include <lib/report.h>
#include <test/test.h>

struct misuse {
	const char *file, *func, *cond; /* the assertion that must fire, as it stands there */
	void (*fn)(void);		/* in a thread of its own, on CPU 0 */
	const char *denies;		/* while it runs; see assert_denied() */
	void (*mend)(void);		/* after that, as if it denied nothing; optional */
};

/* For an fn() that goes on behind what it has provoked. */
#define DENIES_NOTHING ""

void misuse_run(struct test *t, const struct misuse *m);

/* Why an assertion cannot be made to fire by a test. */
struct misuse_excuse {
	const char *file, *func, *cond, *why;
};

/* Has every assertion of the sources @prefix fired, but for those excused, which have not? */
void misuse_expect_all(struct test *t, const char *prefix, const struct misuse_excuse *excuses,
		       unsigned int nr);
