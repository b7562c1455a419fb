/* SPDX-License-Identifier: GPL-2.0-only */
/* See test/slow_tick.h. A host can make a time longer, but never shorter: a few soon are enough. */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <test/slow_tick.h>

#define ROUNDS	  9
#define SOON_MIN  3 /* of these so many soon */
#define TRIES	  6
#define SETTLE_NS 1000000ULL /* for CPUs that the new beginning has woken to be idle again */

static void tick_restart(void *arg)
{
	tick_start_cpu();
}

void tick_rate_at_once(unsigned int hz)
{
	tick_set_rate(hz);
	on_each_cpu(tick_restart, NULL);
}

void slow_tick_begin(void)
{
	tick_rate_at_once(SLOW_TICK_HZ);
}

void slow_tick_end(void)
{
	tick_rate_at_once(0);
}

bool soon(struct test *t, const char *what, u64 (*once)(struct test *t))
{
	unsigned int in_time = 0;
	u64 ns, best = ~0ULL;

	for (int i = 0; i < TRIES && in_time < SOON_MIN && !t->failures; i++) {
		in_time = 0;
		for (unsigned int r = 0; r < ROUNDS; r++) {
			slow_tick_begin();
			clock_delay_ns(SETTLE_NS);
			ns = once(t);
			in_time += ns < SOON_NS;
			best = MIN(best, ns);
		}
	}
	slow_tick_end();
	test_record(t, "\"%s_us\":%llu", what, (unsigned long long)best / 1000);
	return EXPECT_MSG(t, in_time >= SOON_MIN,
			  "%s: %u of %u within %llu us, the best in %llu us; a tick is %llu us",
			  what, in_time, ROUNDS, SOON_NS / 1000, (unsigned long long)best / 1000,
			  SLOW_TICK_NS / 1000);
}
