/* SPDX-License-Identifier: GPL-2.0-only */
/* Atomic operations on 32 bits, whatever stands above them in a register; exchanges that race. */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <test/test.h>

/* @low as the lower half of a register whose upper half is something else. */
static u32 narrow(u32 low)
{
	u64 wide = 0xdeadbeef00000000ULL | low;

	OPTIMIZER_HIDE_VAR(wide);
	return (u32)wide;
}

#define CHECK_NARROW(t, low, order) \
	do { \
		u32 v = narrow(low); \
\
		EXPECT(t, cmpxchg##order(&v, narrow(low), narrow(5)) == (low) && v == 5); \
		EXPECT(t, cmpxchg##order(&v, narrow(low), narrow(6)) == 5 && v == 5); \
		EXPECT(t, xchg##order(&v, narrow(low)) == 5 && v == (low)); \
		EXPECT(t, fetch_add##order(&v, narrow(1)) == (low) && v == (low) + 1); \
	} while (0)

static void test_narrow(struct test *t)
{
	static const u32 values[] = { 0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff };

	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_NARROW(t, values[i], );
		CHECK_NARROW(t, values[i], _relaxed);
		CHECK_NARROW(t, values[i], _acquire);
		CHECK_NARROW(t, values[i], _release);
	}
}
TEST(kernel, atomic_narrow, TEST_ASSERT, test_narrow);

/*
 * Tokens in a ring of one place: each CPU gives the one that it has for the one that lies there. An
 * exchange that does not take place loses one and doubles another.
 */
#define MEETINGS 3000 /* tokens of the other's that a CPU got */
#define LIMIT_NS 2000000000ULL

static struct {
	u32 place32;
	u64 place64;
	u32 held32[2], met; /* by CPU, at the end; atomic */
	u64 held64[2];
	u32 count32, turns[2]; /* by all, atomic; by CPU, at the end */
	u64 count64;
	u32 enough;
} ring;

/* Two tokens pass a CPU by turns when the other is not there. */
static void exchange(void *arg)
{
	unsigned int me = arg != NULL;
	u32 token32 = 1 + me, before32 = 0, own32, turns = 0;
	u64 token64 = 1ULL << (40 + me);

	while (!READ_ONCE(ring.enough)) {
		own32 = token32;
		token32 = xchg(&ring.place32, token32);
		token64 = xchg(&ring.place64, token64);
		if (token32 != before32)
			fetch_add_relaxed(&ring.met, 1);
		before32 = own32;
		fetch_add(&ring.count32, 1);
		fetch_add_relaxed(&ring.count64, 1);
		turns++;
	}
	ring.turns[me] = turns;
	ring.held32[me] = token32;
	ring.held64[me] = token64;
}

static void exchange_until_met(void *unused)
{
	struct patience patience;

	patience_begin(&patience, LIMIT_NS, 0);
	sleep_ns(1000000);
	while (READ_ONCE(ring.met) < MEETINGS && !patience_is_over(&patience))
		sleep_ns(1000000);
	WRITE_ONCE(ring.enough, 1);
}

static void test_exchange_race(struct test *t)
{
	struct task_struct *watch;
	u32 sum32;
	u64 sum64;

	ring.place32 = 4;
	ring.place64 = 1ULL << 42;
	ring.met = ring.enough = ring.count32 = 0;
	ring.count64 = 0;
	watch = thread_create("watch", smp_online_mask() & ~2ULL, exchange_until_met, NULL);
	if (!EXPECT(t, watch && cpu_work_start(1, exchange, &ring) == 0))
		return;
	exchange(NULL);
	cpu_work_wait(1);
	thread_join(watch);
	sum32 = ring.place32 + ring.held32[0] + ring.held32[1];
	sum64 = ring.place64 + ring.held64[0] + ring.held64[1];
	EXPECT_MSG(t, sum32 == 7, "the tokens are %u, %u, %u", ring.place32, ring.held32[0],
		   ring.held32[1]);
	EXPECT_MSG(t, sum64 == 7ULL << 40, "the tokens are %llx in all", (unsigned long long)sum64);
	EXPECT_MSG(t, ring.count32 == ring.turns[0] + ring.turns[1] && ring.count64 == ring.count32,
		   "%u and %u turns, counted as %u and %llu", ring.turns[0], ring.turns[1],
		   ring.count32, (unsigned long long)ring.count64);
	test_record(t, "\"met\":%u", ring.met);
}
TEST(kernel, exchange_race, TEST_RACE, test_exchange_race, .min_cpus = 2);
