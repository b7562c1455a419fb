/* SPDX-License-Identifier: GPL-2.0-only */
/* What the forced tests of RCU share: each runs in a flavour, which the runner puts back. */
#pragma once

#include <kernel/rcu.h>
#include <test/test.h>

#define MS 1000000ULL

static inline bool flavour_enter(struct test *t)
{
	return EXPECT(t, rcu_set_flavour(t->tc->data) == 0);
}

#define TEST_BOTH(nm, fn) \
	TEST(rcu, nm##_classic, TEST_RACE, fn, .data = "classic", .min_cpus = 2); \
	TEST(rcu, nm##_preempt, TEST_RACE, fn, .data = "preempt", .min_cpus = 2)
