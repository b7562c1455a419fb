/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The claims about ordering: C2 to C6 and C8 to C12. Each is judged by what races here, on the
 * memory manager's own functions where the claim speaks of them, and by what the models of the
 * machines say that are not here (tests/litmus/shapes.tsv; Alpha's columns are derived, see
 * tests/litmus/PROVENANCE.md). The evidence keeps the two apart. C7: pairwise.c; C16: claim_rcu.c.
 *
 * A claim's test fails when an outcome is seen that this machine may not show, when a model does
 * not say what the claim's judgement rests on, or when an outcome that must show does not.
 */
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <lib/string.h>

#include "claims.h"

static struct claim claim;	    /* one test runs at a time */
static struct litmus_result result; /* the same */

/* Share of the budget of one of @n measurements. */
static u64 share(const struct test *t, unsigned int n)
{
	return MAX(t->budget_ns / n, 20000000ULL);
}

/*
 * C2: publishing wants a write barrier, following the pointer a dependency barrier. Columns of the
 * models: LKMM, x86, ARMv8, RVWMO, Power, Alpha with the fence of today's Linux, Alpha without.
 */
static void test_c2(struct test *t)
{
	struct claim *c = &claim;
	bool writer, reader;

	claim_begin(c, t, "C2", "Nick Piggin");
	if (!claim_litmus(c, "litmus.C2-wmb+depends", share(t, 4), &result) ||
	    !claim_litmus(c, "litmus.C2-po+depends", share(t, 4), &result) ||
	    !claim_litmus(c, "litmus.C2-wmb+plain", share(t, 4), &result) ||
	    !claim_race(c, "v1", SHAPE_TWO, EDGE_WMB, share(t, 4)))
		return;
	writer = claim_model(c, "MP+po+addr", "AFAAAAA") && claim_model(c, "MP+wmb+rmb", "FFFFFFF");
	reader = claim_model(c, "MP+wmb+addr", "FFFFFFA");
	claim_say(c, "so %s need the first, Alpha alone the second",
		  writer ? "all but x86" : "some");
	c->failed |= !(writer && reader);
	claim_end(c, "shown", claim_basis_both());
}
TEST(rmap, C2, TEST_RACE, test_c2, .min_cpus = 2);

/* C3: the reader's barrier belongs where the pointer is followed, not where it was first seen. */
static void test_c3(struct test *t)
{
	struct claim *c = &claim;
	bool first, follower;

	claim_begin(c, t, "C3", "Hugh Dickins");
	if (!claim_litmus(c, "litmus.C3-wmb+data+depends", share(t, 4), &result) ||
	    !claim_litmus(c, "litmus.C3-wmb+mb+plain", share(t, 4), &result) ||
	    !claim_litmus(c, "litmus.C3-po+mb+depends", share(t, 4), &result) ||
	    !claim_race(c, "v2", SHAPE_THREE, EDGE_WMB, share(t, 4)))
		return;
	first = claim_model(c, "ISA2+wmb+mb+addr", "FFFFFFA");
	follower = claim_model(c, "ISA2+wmb+mb+rmb", "FFFFFFF");
	claim_say(c, "on Alpha a full barrier where the pointer was first seen is not enough, one "
		     "where it is followed is what is missing");
	c->failed |= !(first && follower);
	claim_end(c, "shown", claim_basis_both());
}
TEST(rmap, C3, TEST_RACE, test_c3, .min_cpus = 3);

/*
 * C4: to lock the new object too makes barriers unnecessary. True of what the lock protects, which
 * readers see under the lock only; not of the lock itself, which the constructor made: C5.
 */
static void test_c4(struct test *t)
{
	struct claim *c = &claim;
	bool hole = order_expect(EDGE_LOCK) == LITMUS_ALLOW;

	claim_begin(c, t, "C4", "Nick Piggin");
	if (!claim_litmus(c, "litmus.C4-lock+lock", share(t, 3), &result) ||
	    !claim_litmus(c, "litmus.lock-MP", share(t, 3), &result) ||
	    !claim_race(c, "v5", SHAPE_TWO, EDGE_LOCK, share(t, 3)))
		return;
	claim_say(c,
		  "what is read under the lock is ordered; the lock itself is made before it is "
		  "taken, and %s: the claim %s",
		  order_why(EDGE_LOCK), hole ? "leaves that out here (C5)" : "holds here");
	claim_end(c, hole ? "refuted" : "shown", claim_basis_both());
}
TEST(rmap, C4, TEST_RACE, test_c4, .min_cpus = 2);

/* What is known of an outcome here: forbidden or allowed, seen or unseen. */
static const char *outcome_word(enum litmus_expect expect, bool seen)
{
	if (expect == LITMUS_ALLOW)
		return seen ? "allowed-seen" : "allowed-unseen";
	return seen ? "forbidden-seen" : "forbidden-unseen"; /* unknown: claim_end() says so */
}

/* C5: does taking a lock keep the constructor's stores, before it, before the publishing one? */
static void test_c5(struct test *t)
{
	struct claim *c = &claim;
	enum litmus_expect expect = order_expect(EDGE_LOCK);

	claim_begin(c, t, "C5", "the hole behind V9");
	if (!claim_litmus(c, "litmus.C5-lock+release", share(t, 4), &result) ||
	    !claim_race(c, "v9", SHAPE_TWO, EDGE_RELEASE, share(t, 4)))
		return;
	EXPECT(t, !c->seen_weak); /* from here on it means the lock alone */
	if (!claim_litmus(c, "litmus.C5-lock+depends", share(t, 4), &result) ||
	    !claim_race(c, "v5", SHAPE_TWO, EDGE_LOCK, share(t, 4)))
		return;
	claim_say(c, "%s; the release store of V9 closes it everywhere", order_why(EDGE_LOCK));
	claim_end(c, outcome_word(expect, c->seen_weak), claim_basis_both());
}
TEST(rmap, C5, TEST_RACE, test_c5, .min_cpus = 2);

/* C6: with a fence on each CPU, order is passed on from CPU to CPU. */
static void test_c6(struct test *t)
{
	struct claim *c = &claim;
	u64 iterations = 0;
	bool models;

	claim_begin(c, t, "C6", "Nick Piggin, Paul Mackerras, Linus Torvalds");
	if (!claim_litmus(c, "litmus.C6-WRC+mb+mb", share(t, 5), &result))
		return;
	iterations += result.iterations;
	if (!claim_litmus(c, "litmus.C6-ISA2+mb+mb+mb", share(t, 5), &result))
		return;
	iterations += result.iterations;
	if (!claim_litmus(c, "litmus.C6-WRC+mb+rmb", share(t, 5), &result))
		return;
	iterations += result.iterations;
	EXPECT(t, !c->seen_weak && iterations);
	/* Without the fences: what the test looks for exists. */
	if (!claim_litmus(c, "litmus.WRC", share(t, 5), &result) ||
	    !claim_litmus(c, "litmus.ISA2", share(t, 5), &result))
		return;
	models = claim_model(c, "WRC+mb+mb", "FFFFFFF") &&
		 claim_model(c, "ISA2+mb+mb+mb", "FFFFFFF") && claim_model(c, "WRC", "AFAAAFA");
	if (!c->seen_weak)
		claim_say(c, "without fences not seen here either: %s",
			  result.expect == LITMUS_FORBID ? "x86 forbids it"
							 : "what runs this reorders too little");
	c->failed |= !models;
	claim_end(c, "forbidden-unseen", claim_basis_both());
}
TEST(rmap, C6, TEST_RACE, test_c6, .min_cpus = 3);

/* C8: Alpha is transitive, with fences; but a data dependency orders nothing there. */
static void test_c8(struct test *t)
{
	struct claim *c = &claim;
	bool transitive, dependencies;

	claim_begin(c, t, "C8", "Linus Torvalds");
	if (!claim_litmus(c, "litmus.C8-MP+wmb+addr", share(t, 2), &result))
		return;
	if (smp_nr_online() >= 3 && !claim_litmus(c, "litmus.C8-WRC+mb+mb", share(t, 2), &result))
		return;
	transitive = claim_model(c, "WRC+mb+mb", "FFFFFFF") &&
		     claim_model(c, "ISA2+mb+mb+mb", "FFFFFFF");
	dependencies = claim_model(c, "MP+wmb+addr", "FFFFFFA");
	claim_say(c, "there is no Alpha here: by model alone");
	c->failed |= !(transitive && dependencies);
	claim_end(c, "shown", "model");
}
TEST(rmap, C8, TEST_RACE, test_c8, .min_cpus = 2);

/* C9: control dependencies order no loads, except on x86; Alpha orders neither kind. */
static void test_c9(struct test *t)
{
	struct claim *c = &claim;
	bool control, alpha, stores;

	claim_begin(c, t, "C9", "Linus Torvalds");
	if (!claim_litmus(c, "litmus.C9-MP+wmb+ctrl", share(t, 2), &result) ||
	    !claim_litmus(c, "litmus.C9-S+wmb+ctrl", share(t, 2), &result))
		return;
	control = claim_model(c, "MP+wmb+ctrl", "AFAAA.A");
	alpha = claim_model(c, "MP+wmb+addr", "FFFFFFA");
	stores = claim_model(c, "S+wmb+ctrl", "FFFFFFA");
	claim_say(c, "a control dependency does order later stores, on all but Alpha");
	c->failed |= !(control && alpha && stores);
	claim_end(c, "shown", claim_basis_both());
}
TEST(rmap, C9, TEST_RACE, test_c9, .min_cpus = 2);

#define C10_LIMIT_NS 15000000000ULL /* a busy host seldom runs two CPUs at once */

/* Store buffering, until it is seen; false: it could not run. */
static bool c10_measure(struct test *t, struct claim *c, struct litmus_result *sb)
{
	const struct litmus_test *lt = litmus_find("litmus.C10-SB");
	struct patience patience;

	patience_begin(&patience, C10_LIMIT_NS, 0);
	*sb = (struct litmus_result){ 0 };
	if (!EXPECT(t, lt != NULL))
		return false;
	do {
		if (!litmus_measure(t, lt, "litmus.C10-SB", share(t, 2), sb))
			return false;
	} while (!sb->weak && !patience_is_over(&patience));
	claim_rests_on(c, "litmus.C10-SB");
	claim_say(c, "SB allowed, seen %llu times in %llu", (unsigned long long)sb->weak,
		  (unsigned long long)sb->iterations);
	/* The hosts that this is made for have store buffers, and QEMU lets them show. */
	EXPECT_MSG(t, sb->weak || LITMUS_OWN_MODEL != MODEL_X86_64,
		   "store buffering was not seen in %llu", (unsigned long long)sb->iterations);
	return true;
}

/* C10: x86, too, lets a load pass an earlier store; a full barrier stops it. To be seen. */
static void test_c10(struct test *t)
{
	struct claim *c = &claim;
	static struct litmus_result sb;
	const char *found = "unobservable";
	bool models;

	claim_begin(c, t, "C10", "Linus Torvalds");
	if (litmus_nr_racers() < 2) {
		claim_say(c, "one CPU runs at a time here, and its store buffer is empty when it "
			     "is another's turn: by model alone");
	} else {
		if (!c10_measure(t, c, &sb))
			return;
		found = sb.weak ? "allowed-seen" : "allowed-unseen";
	}
	if (!claim_litmus(c, "litmus.C10-SB+mb+mb", share(t, 2), &result))
		return;
	models = claim_model(c, "SB", "AAAAAAA") && claim_model(c, "SB+mb+mb", "FFFFFFF");
	c->failed |= !models;
	claim_end(c, found, claim_basis_both());
}
TEST(rmap, C10, TEST_RACE, test_c10, .min_cpus = 2);

/* C11: that the page passes through lru_lock does not mend a barrier that the first CPU lacks. */
static void test_c11(struct test *t)
{
	struct claim *c = &claim;
	bool without, with;

	claim_begin(c, t, "C11", "Nick Piggin, against Hugh Dickins");
	if (!claim_litmus(c, "litmus.C11-wmb+lock+lock", share(t, 4), &result) ||
	    !claim_race(c, "v1", SHAPE_LRU, EDGE_WMB, share(t, 4)) ||
	    !claim_litmus(c, "litmus.C11-po+lock+lock", share(t, 4), &result) ||
	    !claim_race(c, "v5", SHAPE_LRU, EDGE_LOCK, share(t, 4)))
		return;
	without = claim_model(c, "ISA2+po+rel+acq", "AFAAAAA");
	with = claim_model(c, "ISA2+wmb+rel+acq", "FFFFFFF");
	claim_say(c, "the two sections of lru_lock order the second CPU and the third, not the "
		     "first; x86 needs no help");
	c->failed |= !(without && with);
	claim_end(c, "shown", claim_basis_both());
}
TEST(rmap, C11, TEST_RACE, test_c11, .min_cpus = 3);

/* ---- C12; variables: the lock, x ---- */

/* Steps from the unlock to the store: the host may put a CPU aside there, for others to see. */
#define LATE_STEPS 300

/* The busted twin: unlocks, and writes after. */
LITMUS_BODY(unlock_early)
{
	unsigned long i;

	LITMUS_LOOP(i, first, end)
	{
		struct raw_spinlock *l = (struct raw_spinlock *)litmus_cell(a, 0, i);

		raw_spin_lock(l);
		raw_spin_unlock(l);
		for (unsigned int n = LATE_STEPS; n; n--)
			barrier();
		WRITE_ONCE(LITMUS_CELL(litmus_cell(a, 1, i)), 1);
	}
}

LITMUS_BODY(watch_unlock)
{
	unsigned long i;

	LITMUS_LOOP(i, first, end)
	{
		struct raw_spinlock *l = (struct raw_spinlock *)litmus_cell(a, 0, i);
		/* acquire: as in raw_spin_take(); orders the look at the lock before the look at x;
		 * tests: litmus.C12-unlock */
		unsigned int r0 = smp_load_acquire(&l->steps) / 2;

		a->out[i] = r0 | READ_ONCE(LITMUS_CELL(litmus_cell(a, 1, i))) << 2;
	}
}

LITMUS_WEAK(late_store, 0xf, 0x1)

static const struct litmus_test unlock_early_twin = {
	.nr_threads = 2,
	.nr_vars = 2,
	.nr_fields = 2,
	.flags = LITMUS_PACKED,
	.thread = LITMUS_THREADS({ unlock_early, 0, { 0, 1 } }, { watch_unlock, 2, { 0, 1 } }),
	.field = LITMUS_FIELDS(LITMUS_REG(0, 1, 0), LITMUS_REG(1, 1, 1)),
	.weak = late_store,
	.weak_outcome = "1:r0=1 /\\ 1:r1=0",
	.nr_sc = 4,
	.sc = LITMUS_KEYS(0x0, 0x1, 0x4, 0x5),
};

#define C12_ROUNDS 50

/* C12: what was stored in a critical section is visible no later than its end. */
static void test_c12(struct test *t)
{
	struct claim *c = &claim;
	static struct litmus_result twin;
	bool model;

	claim_begin(c, t, "C12", "Nick Piggin");
	if (!claim_litmus(c, "litmus.C12-unlock", share(t, 3), &result) ||
	    !claim_litmus(c, "litmus.lock-MP", share(t, 3), &result) ||
	    !claim_litmus(c, "litmus.lock-half", share(t, 3), &result))
		return;
	twin = (struct litmus_result){ 0 };
	for (int i = 0; i < C12_ROUNDS && !twin.weak; i++)
		if (!litmus_measure(t, &unlock_early_twin, t->tc->name, share(t, 3), &twin))
			return;
	EXPECT_MSG(t, twin.weak, "a store after the unlock was not seen to be late in %llu",
		   (unsigned long long)twin.iterations);
	claim_say(c, "a store put after the unlock is late %llu times in %llu",
		  (unsigned long long)twin.weak, (unsigned long long)twin.iterations);
	model = claim_model(c, "MP+rel+acq", "FFFFFFF");
	c->failed |= !model;
	claim_end(c, "forbidden-unseen", claim_basis_both());
}
TEST(rmap, C12, TEST_RACE, test_c12, .min_cpus = 2);
