/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for another CPU's turn (test/turns.h): who comes, who does not, and who could not. */
#include <kernel/smp.h>
#include <lib/string.h>
#include <test/test.h>
#include <test/turns.h>

#define TURNS	 3
#define SHORT_NS 2000000ULL

static struct {
	u64 count;
	u32 stop;
} comer;

static void comer_run(void *arg)
{
	while (!READ_ONCE(comer.stop))
		WRITE_ONCE(comer.count, comer.count + 1);
}

static void test_turns_taken(struct test *t)
{
	struct turns turns = { .missed = false };
	u64 before = 0;

	comer.stop = 0;
	comer.count = 0;
	EXPECT(t, cpu_work_start(1, comer_run, NULL) == 0);
	for (int i = 0; i < TURNS; i++) {
		EXPECT(t, turn_wait(&turns, 1, &comer.count, 2));
		EXPECT(t, READ_ONCE(comer.count) >= before + 2);
		before = READ_ONCE(comer.count);
	}
	WRITE_ONCE(comer.stop, 1);
	cpu_work_wait(1);
	EXPECT(t, !turns_missed(t, &turns));
}
TEST(kernel, turns_taken, TEST_RACE, test_turns_taken, .min_cpus = 2);

/* What is made of a CPU that had so many ticks and did not come. */
static bool judged(enum test_verdict v, unsigned long ticks)
{
	static struct test other;
	const struct turns turns = { .missed = true, .cpu = 1, .ticks = ticks, .ns = SHORT_NS };

	memset(&other, 0, sizeof(other));
	return turns_missed(&other, &turns) && other.verdict == v &&
	       other.failures == (v == VERDICT_NONE);
}

static void test_turns_missed(struct test *t)
{
	struct turns turns = { .limit_ns = SHORT_NS };
	u64 nobodys = 0;

	EXPECT(t, !turn_wait(&turns, 1, &nobodys, 1));
	EXPECT(t, turns.missed && turns.cpu == 1 && turns.ns >= SHORT_NS);
	/* Later waits are none, and do not hide the first. */
	EXPECT(t, !turn_wait(&turns, 0, &nobodys, 0));
	EXPECT(t, turns.missed && turns.cpu == 1);
	EXPECT(t, judged(VERDICT_SKIP, 0));
	EXPECT(t, judged(VERDICT_SKIP, TURN_LIVED_TICKS - 1));
	EXPECT(t, judged(VERDICT_NONE, TURN_LIVED_TICKS));
}
TEST(kernel, turns_missed, TEST_ASSERT, test_turns_missed, .min_cpus = 2);
