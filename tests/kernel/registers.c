/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an interrupt finds in the registers is there again when it returns: a computation that needs
 * them all goes on while the tick, which comes often, does another one that needs them all too.
 */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <test/mix.h>
#include <test/test.h>

#define RATE_HZ	   1000
#define TICKS	   150
#define TICKS_MIN  30		/* on a host that serves no more of them */
#define LIMIT_NS   500000000ULL /* of time lived through, in which there should be 500 */
#define GAP_NS	   1000000ULL	/* looks at the clock that lie farther apart: put aside */
#define SEED	   999
#define TICKS_SEED 12345

MIX_FUNCTION(mix, 500, (void)round)
MIX_FUNCTION(mix_shortly, 2, (void)round)

static u64 tick_sum;

static void mix_in_tick(const void *obj)
{
	WRITE_ONCE(tick_sum, mix_shortly(TICKS_SEED));
}

static void test_interrupt_keeps(struct test *t)
{
	static const struct sync_rule rule = { .at = "tick", .cpu = 0, .call = mix_in_tick };
	u64 alone = mix(SEED), in_tick = mix_shortly(TICKS_SEED), sum = alone;
	unsigned long first = READ_ONCE(per_cpu(timer_count, 0)), ticks = 0;
	struct patience patience;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	tick_sum = 0;
	sync_rules_arm(&rule, 1, 1);
	tick_set_rate(RATE_HZ);
	tick_start_cpu();
	patience_begin(&patience, LIMIT_NS, GAP_NS);
	while (sum == alone && ticks < TICKS && !patience_is_over(&patience)) {
		sum = mix(SEED);
		ticks = READ_ONCE(per_cpu(timer_count, 0)) - first;
	}
	tick_set_rate(0);
	sync_rules_disarm();
	EXPECT_MSG(t, sum == alone, "%llx, and %llx without ticks", (unsigned long long)sum,
		   (unsigned long long)alone);
	EXPECT_MSG(t, !ticks || tick_sum == in_tick, "the last of %lu ticks made %llx", ticks,
		   (unsigned long long)tick_sum);
	if (ticks < TICKS_MIN)
		test_skip(t, "the host has served %lu ticks in %llu ms of this CPU's time", ticks,
			  (unsigned long long)patience.spent / 1000000);
}
TEST(kernel, interrupt_keeps, TEST_RACE, test_interrupt_keeps);
