/* SPDX-License-Identifier: GPL-2.0-only */
/* Between tests/litmus/litmus.c and outcomes.c. */
#pragma once

#include <test/litmus.h>

static inline bool litmus_key_is_weak(const struct litmus_test *lt, u64 key)
{
	return lt->wide ? lt->wide->weak(key) : (key & lt->weak_mask) == lt->weak_key;
}

/* Members of the record: the outcomes of @hist or, of a wide test, of @wide, as many as fit. */
void litmus_record_outcomes(struct test *t, const struct litmus_test *lt, const u64 *hist,
			    const struct litmus_histogram *wide);
