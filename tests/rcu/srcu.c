/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SRCU: a grace period waits for the readers of its domain, wherever they end, and for none that
 * began after it; and for one that found the index of before and was late to count itself.
 */
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/rcu_pointer.h>
#include <kernel/srcu.h>
#include <test/test.h>

#define SOON_NS	  10000000ULL	 /* a grace period that does not wait for anybody is over by then */
#define BUSTED_NS 10000000000ULL /* so long may the twin take to be caught */
#define ROUNDS	  20
#define READERS_N 2

static struct srcu_struct domain;

static bool soon_is_over(u64 since)
{
	return clock_ns() - since > SOON_NS;
}

/* Does a grace period come to its end though nobody ends a reader? */
static bool ends_by_itself(void)
{
	return synchronize_srcu_or(&domain, soon_is_over, clock_ns());
}

static void test_waits(struct test *t)
{
	int first, second;

	srcu_init(&domain);
	EXPECT(t, ends_by_itself());
	first = srcu_read_lock(&domain);
	EXPECT(t, !ends_by_itself());
	/* It has gone over to the other index, or not: either way both are waited for. */
	second = srcu_read_lock(&domain);
	srcu_read_unlock(&domain, first);
	EXPECT(t, !ends_by_itself());
	srcu_read_unlock(&domain, second);
	EXPECT(t, ends_by_itself());
}
TEST(rcu, srcu_waits, TEST_ASSERT, test_waits);

/* It had read the index, the grace period came and went, and now it counts itself. */
static void test_late_reader(struct test *t)
{
	u32 index;

	srcu_init(&domain);
	index = domain.index & 1;
	synchronize_srcu(&domain);
	EXPECT(t, (domain.index & 1) != index);
	fetch_add_relaxed(&domain.count[0].begun[index], 1);
	EXPECT(t, !ends_by_itself());
	srcu_read_unlock(&domain, index);
	EXPECT(t, ends_by_itself());
}
TEST(rcu, srcu_late_reader, TEST_ASSERT, test_late_reader);

/* ---- readers, an updater that frees, and readers that look at what was freed ---- */

struct object {
	u32 alive;
};

static struct object objects[2];
static struct object *published;
static u32 stop, dead_seen;

static void read_once(void)
{
	int index = srcu_read_lock(&domain);
	/* dependency: pairs with the release in update(); tests: litmus.C2-rcu */
	struct object *o = rcu_dereference(published);

	yield();
	if (!READ_ONCE(o->alive))
		fetch_add_relaxed(&dead_seen, 1);
	srcu_read_unlock(&domain, index);
}

static void reader_run(void *arg)
{
	while (!READ_ONCE(stop))
		read_once();
}

static void update(unsigned int round)
{
	struct object *next = &objects[round & 1], *old = &objects[~round & 1];

	WRITE_ONCE(next->alive, 1);
	/* release: pairs with the dependency in read_once(); tests: litmus.C2-rcu */
	rcu_assign_pointer(published, next);
	synchronize_srcu(&domain);
	WRITE_ONCE(old->alive, 0);
	yield();
}

/* Returns how often a reader has seen an object that was dead. */
static u32 race(struct test *t, u64 ns)
{
	struct task_struct *reader[READERS_N];
	u64 start = clock_ns();
	unsigned int i, round;

	srcu_init(&domain);
	stop = dead_seen = 0;
	objects[1].alive = 1;
	published = &objects[1];
	for (i = 0; i < READERS_N; i++)
		reader[i] = thread_create("reader", ~0ULL, reader_run, NULL);
	for (round = 0; round < ROUNDS || (clock_ns() - start < ns && !dead_seen); round++)
		update(round);
	WRITE_ONCE(stop, 1);
	for (i = 0; i < READERS_N; i++)
		if (EXPECT(t, reader[i]))
			thread_join(reader[i]);
	return dead_seen;
}

static void test_srcu(struct test *t)
{
	u32 dead = race(t, t->budget_ns / 4);

	EXPECT_MSG(t, !dead, "%u readers have seen an object that was freed", dead);
}
TEST(rcu, srcu, TEST_RACE, test_srcu, .min_cpus = 2);

/* The same without the wait must be seen. */
static void test_srcu_busted(struct test *t)
{
	u32 dead;

	if (switches_missing(t))
		return;
	busted_set(BUSTED_SRCU_NO_WAIT);
	dead = race(t, BUSTED_NS);
	busted_clear(BUSTED_SRCU_NO_WAIT);
	EXPECT_MSG(t, dead, "no reader has seen an object that was freed too early");
}
TEST(rcu, srcu_busted, TEST_RACE, test_srcu_busted, .min_cpus = 2);
