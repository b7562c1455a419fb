/* SPDX-License-Identifier: GPL-2.0-only */
/* See test/slow_tick.h. A host can make a time longer, but never shorter: a few soon are enough. */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <test/slow_tick.h>

#define SLOW_HZ	  10
#define SLOWER_HZ 2
#define ROUNDS	  9
#define SOON_MIN  3 /* of these so many soon */
#define TRIES	  5
#define FAST	  3	     /* tries before the slower tick */
#define SETTLE_NS 1000000ULL /* for CPUs that the new beginning has woken to be idle again */

static unsigned int slow_hz = SLOW_HZ; /* CPU 0's */

u64 slow_tick_ns(void)
{
	return 1000000000ULL / slow_hz;
}

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
	tick_rate_at_once(slow_hz);
}

void slow_tick_end(void)
{
	tick_rate_at_once(0);
}

/* One try: so many of its rounds were soon; as many as are enough end it. */
static unsigned int soon_try(struct test *t, u64 (*once)(struct test *t), u64 *best)
{
	unsigned int in_time = 0;

	for (unsigned int r = 0; r < ROUNDS && in_time < SOON_MIN; r++) {
		u64 ns;

		slow_tick_begin();
		clock_delay_ns(SETTLE_NS);
		ns = once(t);
		in_time += ns < slow_tick_ns() / 4;
		*best = MIN(*best, ns);
	}
	return in_time;
}

bool soon(struct test *t, const char *what, u64 (*once)(struct test *t))
{
	unsigned int in_time = 0;
	u64 best = ~0ULL, tick = 0;

	for (int i = 0; i < TRIES && in_time < SOON_MIN && !t->failures; i++) {
		slow_hz = i < FAST ? SLOW_HZ : SLOWER_HZ;
		tick = slow_tick_ns();
		in_time = soon_try(t, once, &best);
	}
	slow_hz = SLOW_HZ;
	slow_tick_end();
	test_record(t, "\"%s_us\":%llu", what, (unsigned long long)best / 1000);
	return EXPECT_MSG(t, in_time >= SOON_MIN,
			  "%s: %u of %u within %llu us, the best in %llu us; a tick is %llu us",
			  what, in_time, ROUNDS, (unsigned long long)tick / 4000,
			  (unsigned long long)best / 1000, (unsigned long long)tick / 1000);
}
