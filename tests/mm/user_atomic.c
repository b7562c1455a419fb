/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user_cmpxchg64() is atomic against itself on other CPUs: they count together in one word. In
 * rounds, each of which begins for all at once, until two have truly met: then attempts fail.
 */
#include <kernel/smp.h>
#include <test/mm.h>
#include <test/reclaim.h>

#define ROUNDS	   200
#define ENOUGH	   2000 /* attempts that failed */
#define INCREMENTS 300

struct counting {
	struct mm_struct *mm;
	u32 failed; /* atomic */
};

static void count(struct crew *c, struct counting *n)
{
	u64 old = 0, found;

	for (int i = 0; i < INCREMENTS;) {
		if (user_cmpxchg64(TEST_ADDR, old, old + 1, &found)) {
			test_fail(c->t, "the access failed");
			return;
		}
		if (found == old)
			i++;
		else
			fetch_add_relaxed(&n->failed, 1);
		old = found == old ? old + 1 : found;
	}
}

static void counting_thread(struct crew *c, unsigned int me)
{
	struct counting *n = c->arg;

	use_mm(n->mm);
	count(c, n);
	unuse_mm();
}

static void test_user_atomic(struct test *t)
{
	struct counting n = { NULL };
	struct mm_balance b;
	u64 sum = 0, expected = 0;

	balance_begin(t, &b);
	n.mm = space_begin(t, 1);
	if (!n.mm)
		return;
	EXPECT(t, user_write64(TEST_ADDR, 0) == 0);
	for (int i = 0; i < ROUNDS && n.failed < ENOUGH && !t->failures; i++) {
		crew_run_fixed(t, 2, counting_thread, &n);
		expected += 2 * INCREMENTS;
	}
	EXPECT(t, user_read64(TEST_ADDR, &sum) == 0);
	EXPECT_MSG(t, sum == expected, "%llu increments of %llu are there", (unsigned long long)sum,
		   (unsigned long long)expected);
	test_record(t, "\"increments\":%llu,\"failed\":%u", (unsigned long long)expected, n.failed);
	space_end(n.mm);
	balance_end(t, &b);
}
TEST(mm, user_atomic, TEST_RACE, test_user_atomic, .min_cpus = 2);
