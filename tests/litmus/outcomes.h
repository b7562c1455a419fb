/* SPDX-License-Identifier: GPL-2.0-only */
/* Between tests/litmus/litmus.c and outcomes.c. */
#pragma once

#include <test/litmus.h>

/* Members of the record: the outcomes of @hist, as many as fit. */
void litmus_record_outcomes(struct test *t, const struct litmus_test *lt,
			    const struct litmus_histogram *hist);
