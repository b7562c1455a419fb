/* SPDX-License-Identifier: GPL-2.0-only */
/* The switches of deliberate mistakes: what twins rely on. Nothing here runs what they break. */
#include <kernel/busted.h>
#include <kernel/fail.h>
#include <kernel/rcu.h>
#include <lib/string.h>
#include <test/test.h>

/* Only @s, or another one that the boot line planted, is in force. */
static void expect_only(struct test *t, enum busted_switch s, const bool *planted)
{
	for (enum busted_switch other = 0; other < NR_BUSTED; other++)
		EXPECT_MSG(t, busted(other) == (other == s || planted[other]), "switch %d with %d",
			   other, s);
}

static void test_switches(struct test *t)
{
	bool planted[NR_BUSTED];

	if (switches_missing(t)) {
		busted_set(BUSTED_LRU_NO_LOCK);
		EXPECT(t, !busted(BUSTED_LRU_NO_LOCK));
		return;
	}
	for (enum busted_switch s = 0; s < NR_BUSTED; s++)
		planted[s] = busted(s);
	for (enum busted_switch s = 0; s < NR_BUSTED; s++) {
		busted_set(s);
		expect_only(t, s, planted);
		busted_clear(s);
		EXPECT(t, busted(s) == planted[s]);
	}
	busted_set(BUSTED_LRU_NO_LOCK);
	busted_reset();
	expect_only(t, NR_BUSTED, planted);
}
TEST(kernel, switches, TEST_ASSERT, test_switches);

/* Leaves a switch on, which the runner puts out: whichever of the two comes second sees that. */
static void test_switch_left(struct test *t)
{
	static bool planted, asked;

	if (switches_missing(t))
		return;
	if (!asked)
		planted = busted(BUSTED_LRU_NO_LOCK);
	asked = true;
	EXPECT(t, busted(BUSTED_LRU_NO_LOCK) == planted);
	busted_set(BUSTED_LRU_NO_LOCK);
}
/* The same with a flavour of RCU. */
static void test_flavour_left(struct test *t)
{
	static const char *first;

	if (!first)
		first = rcu_flavour();
	EXPECT_MSG(t, rcu_flavour() == first, "%s, not %s", rcu_flavour(), first);
	EXPECT(t, !rcu_set_flavour(strcmp(first, "classic") ? "classic" : "preempt"));
}
TEST(kernel, flavour_left_a, TEST_ASSERT, test_flavour_left);
TEST(kernel, flavour_left_b, TEST_ASSERT, test_flavour_left);

/* The same with failures of allocation; so few that none comes. */
static void test_failures_left(struct test *t)
{
	static bool armed, asked;
	bool now = READ_ONCE(fail_armed) & (1U << FAIL_SLAB);

	if (!asked)
		armed = now;
	asked = true;
	EXPECT(t, now == armed);
	fail_inject(FAIL_SLAB, armed ? 0 : 1ULL << 62, 1);
}
TEST(kernel, failures_left_a, TEST_ASSERT, test_failures_left);
TEST(kernel, failures_left_b, TEST_ASSERT, test_failures_left);

TEST(kernel, switch_left_a, TEST_ASSERT, test_switch_left);
TEST(kernel, switch_left_b, TEST_ASSERT, test_switch_left);
