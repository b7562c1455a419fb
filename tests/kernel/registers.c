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
#define LIMIT_NS   3000000000ULL
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
	patience_begin(&patience, LIMIT_NS, 0);
	while (sum == alone && ticks < TICKS && !patience_is_over(&patience)) {
		sum = mix(SEED);
		ticks = READ_ONCE(per_cpu(timer_count, 0)) - first;
	}
	tick_set_rate(0);
	sync_rules_disarm();
	EXPECT_MSG(t, sum == alone, "%llx, and %llx without ticks", (unsigned long long)sum,
		   (unsigned long long)alone);
	EXPECT_MSG(t, ticks >= TICKS && tick_sum == in_tick, "%lu ticks, the last made %llx", ticks,
		   (unsigned long long)tick_sum);
}
TEST(kernel, interrupt_keeps, TEST_RACE, test_interrupt_keeps);
