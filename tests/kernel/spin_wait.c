/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a CPU waits for another: a doze ends by the kick of who ends the wait, and not only by the
 * next tick; a long wait has its name; and a lock goes in the end to whoever has waited for long.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <test/others.h>
#include <test/test.h>

#define ROUNDS	  16
#define MOST	  (ROUNDS * 3 / 4)
#define LIMIT_NS  2000000000ULL /* of each wait here: a hang detector */
#define DOZE_SOON 1000		/* ns */

static struct patience limit_begin(void)
{
	struct patience limit;

	patience_begin(&limit, LIMIT_NS, 0);
	return limit;
}

/* ---- kicks ---- */

/* A wait of CPU 1, and how CPU 0 ends it. */
struct kick_case {
	void (*prepare)(u32 round); /* CPU 0, before the wait; may be NULL */
	void (*wait)(u32 round);    /* CPU 1 */
	void (*end)(u32 round);	    /* CPU 0 */
};

/* Both lockless, by release: CPU 0 has prepared this round; CPU 1 has waited in it. */
static u32 ready, waited;
static u32 by_ticks; /* CPU 1's: waits in which its timer ticked */

static void kick_waiter(void *arg)
{
	const struct kick_case *c = arg;

	for (u32 i = 1; i <= ROUNDS; i++) {
		unsigned long ticks;

		/* acquire: pairs with the release in kick_round(); tests: litmus.MP+rel+acq */
		spin_until_awake("a round", smp_load_acquire(&ready) >= i);
		ticks = this_cpu(timer_count);
		c->wait(i);
		by_ticks += this_cpu(timer_count) != ticks;
		/* release: pairs with the acquire in kick_round(); tests: litmus.MP+rel+acq */
		smp_store_release(&waited, i);
	}
}

/* Let CPU 1 doze, end its wait, see that it goes on. This CPU only looks: nobody kicks it. */
static bool kick_round(const struct kick_case *c, u32 i)
{
	struct patience limit = limit_begin();

	if (c->prepare)
		c->prepare(i);
	/* release: pairs with the acquire in kick_waiter(); tests: litmus.MP+rel+acq */
	smp_store_release(&ready, i);
	spin_until_awake_or("a doze", spin_dozers() & 2, patience_is_over(&limit));
	c->end(i);
	/* acquire: pairs with the release in kick_waiter(); tests: litmus.MP+rel+acq */
	return spin_until_awake_or("CPU 1 to go on", smp_load_acquire(&waited) == i,
				   patience_is_over(&limit));
}

/* How many of ROUNDS waits lasted until a tick; ROUNDS if one took too long. */
static u32 kick_rounds(const struct kick_case *c)
{
	bool ok = true;

	ready = waited = by_ticks = 0;
	spin_wait_pretend(true, DOZE_SOON);
	cpu_work_start(1, kick_waiter, (void *)c);
	for (u32 i = 1; i <= ROUNDS; i++)
		ok = kick_round(c, i) && ok;
	cpu_work_wait(1);
	spin_wait_pretend(false, 0);
	return ok ? by_ticks : ROUNDS;
}

static void expect_kicked(struct test *t, const struct kick_case *c)
{
	u32 n = kick_rounds(c);

	EXPECT_MSG(t, n < MOST, "%u of %d dozes were ended by a tick and not by a kick", n, ROUNDS);
}

static u32 over; /* the round that is over; lockless, by release */

static void plain_wait(u32 round)
{
	/* acquire: pairs with the release in plain_end(); tests: litmus.MP+rel+acq */
	spin_until_on("the end of a round", &over, smp_load_acquire(&over) == round);
}

static void plain_end(u32 round)
{
	/* release: pairs with the acquire in plain_wait(); tests: litmus.MP+rel+acq */
	smp_store_release(&over, round);
}

static void plain_kick(u32 round)
{
	plain_end(round);
	spin_kick(&over);
}

static void test_spin_kick(struct test *t)
{
	static const struct kick_case kicked = { .wait = plain_wait, .end = plain_kick };
	static const struct kick_case quiet = { .wait = plain_wait, .end = plain_end };
	u32 n;

	expect_kicked(t, &kicked);
	n = kick_rounds(&quiet);
	EXPECT_MSG(t, n >= MOST, "without kicks only %u of %d dozes lasted to a tick", n, ROUNDS);
	EXPECT_MSG(t, !spin_dozers(), "CPUs %llx still doze", (unsigned long long)spin_dozers());
}
TEST(kernel, spin_kick, TEST_ASSERT, test_spin_kick, .min_cpus = 2);

static u32 awake_over; /* lockless, a flag */

static void stay_awake(void *unused)
{
	spin_until_awake("an order", READ_ONCE(awake_over));
}

/* A wait that shall stay awake does, while others could have dozed many times. */
static void test_spin_awake(struct test *t)
{
	struct patience limit = limit_begin();
	struct others o;

	awake_over = 0;
	spin_wait_pretend(true, DOZE_SOON);
	cpu_work_start(1, stay_awake, NULL);
	EXPECT(t, spin_until_awake_or("a wait", spin_waits_for(1), patience_is_over(&limit)));
	others_begin(&o);
	EXPECT(t, !spin_until_awake_or("a doze", spin_dozers() & 2, others_lived(&o)));
	WRITE_ONCE(awake_over, 1);
	cpu_work_wait(1);
	spin_wait_pretend(false, 0);
}
TEST(kernel, spin_awake, TEST_ASSERT, test_spin_awake, .min_cpus = 2);

static struct raw_spinlock lock;

static void lock_take(u32 round)
{
	raw_spin_lock(&lock);
}

static void lock_wait(u32 round)
{
	raw_spin_lock(&lock);
	raw_spin_unlock(&lock);
}

static void lock_release(u32 round)
{
	raw_spin_unlock(&lock);
}

static void test_lock_kick(struct test *t)
{
	static const struct kick_case c = { lock_take, lock_wait, lock_release };

	expect_kicked(t, &c);
}
TEST(kernel, lock_kick, TEST_ASSERT, test_lock_kick, .min_cpus = 2);

static unsigned long call_flags;

static void call_hold_off(u32 round)
{
	call_flags = arch_irq_save();
}

static void call_nothing(void *unused)
{
}

static void call_wait(u32 round)
{
	smp_call_function_single(0, call_nothing, NULL, true);
}

static void call_answer(u32 round)
{
	arch_irq_restore(call_flags);
}

static void test_call_kick(struct test *t)
{
	static const struct kick_case c = { call_hold_off, call_wait, call_answer };

	expect_kicked(t, &c);
}
TEST(kernel, call_kick, TEST_ASSERT, test_call_kick, .min_cpus = 2);

/* Ends as soon as CPU 0, which waits for that, dozes. */
static void work_until_dozed(void *unused)
{
	struct patience limit = limit_begin();

	spin_until_awake_or("a doze", spin_dozers() & 1, patience_is_over(&limit));
}

static void test_work_kick(struct test *t)
{
	u32 n = 0;

	spin_wait_pretend(true, DOZE_SOON);
	for (u32 i = 0; i < ROUNDS; i++) {
		unsigned long ticks;

		cpu_work_start(1, work_until_dozed, NULL);
		ticks = this_cpu(timer_count);
		cpu_work_wait(1);
		n += this_cpu(timer_count) != ticks;
	}
	spin_wait_pretend(false, 0);
	EXPECT_MSG(t, n < MOST, "%u of %d dozes were ended by a tick and not by a kick", n, ROUNDS);
}
TEST(kernel, work_kick, TEST_ASSERT, test_work_kick, .min_cpus = 2);

/* A CPU that dozes outside of any reader is in none: it holds no grace period off. */
static void gp_wait(void *unused)
{
	synchronize_rcu();
}

static void test_spin_rcu(struct test *t)
{
	u64 start = clock_ns();

	spin_wait_pretend(true, DOZE_SOON);
	cpu_work_start(1, gp_wait, NULL);
	cpu_work_wait(1);
	spin_wait_pretend(false, 0);
	EXPECT_MSG(t, clock_ns() - start < LIMIT_NS, "a grace period took %llu ns",
		   (unsigned long long)(clock_ns() - start));
}
TEST(kernel, spin_rcu, TEST_ASSERT, test_spin_rcu, .min_cpus = 2);

/* ---- names ---- */

static const char *name_seen;

static void name_look(u32 round)
{
	name_seen = spin_waits_for(1);
	plain_kick(round);
}

static void test_spin_name(struct test *t)
{
	static const struct kick_case c = { .wait = plain_wait, .end = name_look };

	kick_rounds(&c);
	EXPECT_MSG(t, name_seen && !strcmp(name_seen, "the end of a round"), "it waits for '%s'",
		   name_seen ? name_seen : "");
	EXPECT(t, !spin_waits_for(1) && !spin_waits_for(0));
}
TEST(kernel, spin_name, TEST_ASSERT, test_spin_name, .min_cpus = 2);

static u32 outer_over, inner_over;

static void outer_wait(void *unused)
{
	spin_until("the outer one", READ_ONCE(outer_over));
}

static void inner_wait(void *unused)
{
	spin_until("the inner one", READ_ONCE(inner_over));
}

/* In time: is it @name that CPU 1 waits for (@is), or is it not? */
static bool cpu1_waits_for(const char *name, bool is)
{
	struct patience limit = limit_begin();
	const char *found;

	do
		found = spin_waits_for(1);
	while ((found && !strcmp(found, name)) != is && !patience_is_over(&limit));
	return (found && !strcmp(found, name)) == is;
}

/* An interrupt that waits, too, leaves the wait that it came into its name. */
static void test_spin_nested(struct test *t)
{
	outer_over = inner_over = 0;
	cpu_work_start(1, outer_wait, NULL);
	EXPECT(t, cpu1_waits_for("the outer one", true));
	smp_call_function_single(1, inner_wait, NULL, false);
	EXPECT(t, cpu1_waits_for("the inner one", true));
	WRITE_ONCE(inner_over, 1);
	EXPECT(t, cpu1_waits_for("the inner one", false));
	EXPECT(t, cpu1_waits_for("the outer one", true));
	WRITE_ONCE(outer_over, 1);
	cpu_work_wait(1);
	EXPECT(t, !spin_waits_for(1));
}
TEST(kernel, spin_nested, TEST_ASSERT, test_spin_nested, .min_cpus = 2);

/* ---- claims ---- */

static void claimer_run(void *got)
{
	raw_spin_lock(&lock);
	WRITE_ONCE(*(u32 *)got, 1);
	raw_spin_unlock(&lock);
}

/* Who waits for long claims the lock, and then nobody else comes first. */
static void test_lock_claim(struct test *t)
{
	struct patience limit = limit_begin();
	u32 got = 0;

	spin_wait_pretend(false, DOZE_SOON);
	raw_spin_lock(&lock);
	cpu_work_start(1, claimer_run, &got);
	spin_until_awake_or("a claim", READ_ONCE(lock.claim), patience_is_over(&limit));
	EXPECT(t, READ_ONCE(lock.claim) == 2);
	raw_spin_unlock(&lock);
	spin_until_awake_or("the lock", raw_spin_trylock(&lock), patience_is_over(&limit));
	EXPECT_MSG(t, READ_ONCE(got), "the lock was taken before who had claimed it");
	EXPECT(t, !READ_ONCE(lock.claim));
	raw_spin_unlock(&lock);
	cpu_work_wait(1);
	spin_wait_pretend(false, 0);
}
TEST(kernel, lock_claim, TEST_ASSERT, test_lock_claim, .min_cpus = 2);
