/* SPDX-License-Identifier: GPL-2.0-only */
/* Mutual exclusion by spinlocks and by each atomic operation; twins without must lose updates. */
#include <arch/atomic.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <test/balance.h>

#define ROUNDS 10000

enum how {
	HOW_NONE,
	HOW_SPINLOCK,
	HOW_TRYLOCK,
	HOW_FETCH_ADD32,
	HOW_FETCH_ADD64,
	HOW_CMPXCHG32,
	HOW_CMPXCHG64,
	HOW_XCHG_LOCK,
	NR_HOW
};

struct contest {
	enum how how;
	struct spinlock lock;
	u32 flag;
	u32 n32;
	u64 n64;
};

static struct contest contest;

static void count_plain(struct contest *c)
{
	u64 v = READ_ONCE(c->n64);

	/* Wide enough for a CPU of a busy host to be overtaken in. */
	for (int i = 0; i < 8; i++)
		barrier();
	WRITE_ONCE(c->n64, v + 1);
}

static void count_once(struct contest *c)
{
	u32 v32;
	u64 v64;

	switch (c->how) {
	case HOW_SPINLOCK:
		spin_lock(&c->lock);
		count_plain(c);
		spin_unlock(&c->lock);
		break;
	case HOW_TRYLOCK:
		spin_until_awake("a lock that is tried", spin_trylock(&c->lock));
		count_plain(c);
		spin_unlock(&c->lock);
		break;
	case HOW_FETCH_ADD32:
		fetch_add_relaxed(&c->n32, 1);
		break;
	case HOW_FETCH_ADD64:
		fetch_add(&c->n64, 1);
		break;
	case HOW_CMPXCHG32:
		do
			v32 = READ_ONCE(c->n32);
		while (cmpxchg_relaxed(&c->n32, v32, v32 + 1) != v32);
		break;
	case HOW_CMPXCHG64:
		do
			v64 = READ_ONCE(c->n64);
		while (cmpxchg(&c->n64, v64, v64 + 1) != v64);
		break;
	case HOW_XCHG_LOCK:
		/* acquire: pairs with the release in count_once(); tests: litmus.lock-MP */
		spin_until_awake("a lock by xchg", !xchg_acquire(&c->flag, 1));
		count_plain(c);
		/* release: pairs with the acquire in count_once(); tests: litmus.lock-MP */
		xchg_release(&c->flag, 0);
		break;
	default:
		count_plain(c);
	}
}

static void contest_run(unsigned int cpu, void *arg)
{
	struct contest *c = arg;

	for (int i = 0; i < ROUNDS; i++)
		count_once(c);
}

/* Let @racers CPUs count; returns by how much the count is short. */
static u64 contest_hold(enum how how, unsigned int racers)
{
	struct contest *c = &contest;

	*c = (struct contest){ .how = how };
	spin_lock_init(&c->lock, "contest");
	test_on_cpus(racers, contest_run, c);
	return (u64)racers * ROUNDS - c->n32 - c->n64;
}

/* No more than can run at once: a holder that the host has put aside would stop the others. */
static unsigned int nr_racers(void)
{
	return MAX(2U, MIN(smp_nr_online(), tests_racers()));
}

static void test_exclusion(struct test *t)
{
	for (enum how how = HOW_SPINLOCK; how < NR_HOW; how++) {
		u64 lost = contest_hold(how, nr_racers());

		EXPECT_MSG(t, lost == 0, "way %d lost %llu updates", how, (unsigned long long)lost);
	}
}
TEST(kernel, exclusion, TEST_RACE, test_exclusion, .min_cpus = 2);

/* The busted twin: with no lock at all, updates must be seen to be lost. */
static void test_exclusion_twin(struct test *t)
{
	struct patience patience;
	u64 lost = 0;

	patience_begin(&patience, 20000000000ULL, 0);
	/* As long as it takes: a busy host may keep the CPUs from running at the same time. */
	while (!lost && !patience_is_over(&patience))
		lost = contest_hold(HOW_NONE, nr_racers());
	EXPECT_MSG(t, lost != 0, "unlocked counting lost nothing");
}
TEST(kernel, exclusion_twin, TEST_RACE, test_exclusion_twin, .min_cpus = 2);

#define CHECK_OPS(t, type, order) \
	do { \
		type v = 5; \
		EXPECT(t, xchg##order(&v, 7) == 5 && v == 7); \
		EXPECT(t, cmpxchg##order(&v, 7, 9) == 7 && v == 9); \
		EXPECT(t, cmpxchg##order(&v, 7, 1) == 9 && v == 9); \
		EXPECT(t, fetch_add##order(&v, 3) == 9 && v == 12); \
		EXPECT(t, fetch_add##order(&v, (type)-13) == 12 && v == (type)-1); \
		EXPECT(t, fetch_add##order(&v, 1) == (type)-1 && v == 0); \
	} while (0)

/* What each operation returns and leaves, in every width and order; neighbours stay untouched. */
static void test_atomic_values(struct test *t)
{
	struct {
		u32 before, v, after;
	} n = { 0x11111111, 0xffffffff, 0x22222222 };
	int a, b;
	int *p = &a;

	CHECK_OPS(t, u32, );
	CHECK_OPS(t, u32, _relaxed);
	CHECK_OPS(t, u32, _acquire);
	CHECK_OPS(t, u32, _release);
	CHECK_OPS(t, u64, );
	CHECK_OPS(t, u64, _relaxed);
	CHECK_OPS(t, u64, _acquire);
	CHECK_OPS(t, u64, _release);
	EXPECT(t, fetch_add(&n.v, 1) == 0xffffffff && n.v == 0);
	EXPECT(t, n.before == 0x11111111 && n.after == 0x22222222);
	EXPECT(t, xchg(&p, &b) == &a && p == &b);
	EXPECT(t, cmpxchg(&p, &b, &a) == &b && p == &a);
}
TEST(kernel, atomic_values, TEST_ASSERT, test_atomic_values);

static void test_lock_state(struct test *t)
{
	struct raw_spinlock l = { .steps = 0xfffffffe };

	/* The count wraps around. */
	for (int i = 0; i < 3; i++) {
		raw_spin_lock(&l);
		EXPECT(t, raw_spin_is_locked(&l));
		EXPECT(t, !raw_spin_trylock(&l));
		raw_spin_unlock(&l);
		EXPECT(t, !raw_spin_is_locked(&l));
		EXPECT(t, raw_spin_trylock(&l));
		raw_spin_unlock(&l);
	}
}
TEST(kernel, lock_state, TEST_ASSERT, test_lock_state);
