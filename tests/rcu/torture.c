/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Readers and updaters in a crowd, for the time of a timed test: no reader ever sees an element
 * freed that it found published. The updaters free by all three ways; readers nest, spin and, where
 * they may, are switched away from. One variant changes the flavour all the while; in the busted
 * twins grace periods leave a CPU out, and a reader must be let down.
 *
 * Elements come from a pool: used -> published -> waiting -> freed -> used ... A reader that finds
 * an element freed, or used anew (its generation changed), has been let down.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <lib/string.h>
#include <test/test.h>

#define POOL	     64
#define READERS_MAX  16
#define UPDATERS     2
#define FAST_HZ	     500
#define STAY_NS	     50000 /* at most so long a reader spins */
#define READERS_TWIN 3
#define STAY_TWIN    500000000ULL   /* the same where grace periods do not wait for it */
#define TWIN_NS	     10000000000ULL /* a twin may take so long to be caught */

enum element_state { ELEMENT_LIVE = 0x600d, ELEMENT_FREED = 0xdead };

struct element {
	u32 state; /* enum element_state; written by its updater, read by readers */
	u32 generation;
	struct rcu_head rcu;
	struct element *next_free; /* lock */
};

static struct {
	struct element pool[POOL];
	struct element *published[UPDATERS]; /* one for each updater to replace */
	struct spinlock lock;
	struct element *free; /* lock */
	u32 stop;
	/* Atomically counted. */
	u64 reads, updates, let_down, given_way;
	u64 seed;
	bool twin;
} tor;

static void element_put(struct element *e)
{
	unsigned long flags;

	WRITE_ONCE(e->state, ELEMENT_FREED);
	flags = spin_lock_irqsave(&tor.lock);
	e->next_free = tor.free;
	tor.free = e;
	spin_unlock_irqrestore(&tor.lock, flags);
}

static struct element *element_get(void)
{
	unsigned long flags = spin_lock_irqsave(&tor.lock);
	struct element *e = tor.free;

	if (e)
		tor.free = e->next_free;
	spin_unlock_irqrestore(&tor.lock, flags);
	if (e) {
		WRITE_ONCE(e->generation, e->generation + 1);
		WRITE_ONCE(e->state, ELEMENT_LIVE);
	}
	return e;
}

static void element_put_rcu(struct rcu_head *head)
{
	element_put(container_of(head, struct element, rcu));
}

/* ---- readers ---- */

static bool element_gone(const struct element *e, u32 generation)
{
	return READ_ONCE(e->state) != ELEMENT_LIVE || READ_ONCE(e->generation) != generation;
}

/*
 * Spin in a reader; in a twin, on the CPU that is left out, until the element is gone. Nothing
 * switches away from this thread: grace periods would know of it by the list of blocked readers.
 */
static void reader_stay(struct rng *rng, const struct element *e, u32 generation)
{
	u64 start, ns = rng_below(rng, STAY_NS);

	if (!tor.twin) {
		clock_delay_ns(ns);
		return;
	}
	preempt_disable();
	if (smp_processor_id() == rcu_skip_cpu)
		ns = STAY_TWIN;
	start = clock_ns();
	spin_until_awake_or("the element's end", element_gone(e, generation) || READ_ONCE(tor.stop),
			    clock_ns() - start >= ns);
	preempt_enable();
}

static void read_once(struct rng *rng)
{
	unsigned int depth = 1 + rng_below(rng, 3);
	struct element *e;
	u32 generation;

	for (unsigned int i = 0; i < depth; i++)
		rcu_read_lock();
	/* dependency: pairs with rcu_assign_pointer() in update_once() */
	e = rcu_dereference(tor.published[rng_below(rng, UPDATERS)]);
	generation = READ_ONCE(e->generation);
	if (READ_ONCE(e->state) != ELEMENT_LIVE)
		fetch_add(&tor.let_down, 1);
	switch (rng_below(rng, 8)) {
	case 0:
		reader_stay(rng, e, generation);
		break;
	case 1:
		/* Switched away from, if the flavour lets readers be. */
		if (preemptible())
			fetch_add(&tor.given_way, 1);
		preempt_disable();
		WRITE_ONCE(current->need_resched, 1);
		preempt_enable();
		break;
	}
	if (element_gone(e, generation))
		fetch_add(&tor.let_down, 1);
	for (unsigned int i = 0; i < depth; i++)
		rcu_read_unlock();
	fetch_add(&tor.reads, 1);
}

static void reader(void *arg)
{
	struct rng rng;

	rng_seed(&rng, tor.seed + (unsigned long)arg, "reader");
	while (!READ_ONCE(tor.stop)) {
		read_once(&rng);
		if (!rng_below(&rng, 64))
			yield();
	}
}

/* ---- updaters ---- */

static void update_once(struct rng *rng, unsigned int which)
{
	struct element *e = element_get(), *old;

	if (!e) {
		rcu_barrier();
		return;
	}
	old = tor.published[which];
	/* release: pairs with the dependency in read_once() */
	rcu_assign_pointer(tor.published[which], e);
	/*
	 * In a twin one waits in each way: whatever is left to the RCU thread may take as long as a
	 * reader stays, if that thread is queued behind it.
	 */
	switch (tor.twin ? which : rng_below(rng, 8)) {
	case 0:
		synchronize_rcu();
		element_put(old);
		break;
	case 1:
		synchronize_rcu_expedited();
		element_put(old);
		break;
	default:
		call_rcu(&old->rcu, element_put_rcu);
	}
	fetch_add(&tor.updates, 1);
}

static void updater(void *arg)
{
	unsigned int which = (unsigned long)arg;
	struct rng rng;

	rng_seed(&rng, tor.seed + which, "updater");
	while (!READ_ONCE(tor.stop))
		update_once(&rng, which);
}

/* ---- the crowd ---- */

enum crowd { CROWD_SOUND, CROWD_CHANGES_FLAVOUR, CROWD_BUSTED };

static void torture_init(struct test *t, enum crowd how)
{
	memset(&tor, 0, sizeof(tor));
	spin_lock_init(&tor.lock, "rcu_torture");
	tor.seed = rng_next(&t->rng);
	tor.twin = how == CROWD_BUSTED;
	for (unsigned int i = 0; i < POOL; i++)
		element_put(&tor.pool[i]);
	for (unsigned int i = 0; i < UPDATERS; i++)
		tor.published[i] = element_get();
}

/* A crowded host may not have let anybody come to an end by @until. */
static bool torture_goes_on(enum crowd how, u64 until, struct patience *patience)
{
	if (how == CROWD_BUSTED)
		return clock_ns() < until && !READ_ONCE(tor.let_down);
	return clock_ns() < until ||
	       (!(READ_ONCE(tor.reads) && READ_ONCE(tor.updates)) && !patience_is_over(patience));
}

static void torture_wait(struct test *t, enum crowd how)
{
	u64 until = clock_ns() + (how == CROWD_BUSTED ? TWIN_NS : t->budget_ns);
	struct patience patience;
	bool classic = false;

	patience_begin(&patience, TWIN_NS, 0);
	while (torture_goes_on(how, until, &patience)) {
		if (how == CROWD_CHANGES_FLAVOUR) {
			EXPECT(t, rcu_set_flavour(classic ? "classic" : "preempt") == 0);
			classic = !classic;
		}
		sleep_ns(1000000);
	}
	WRITE_ONCE(tor.stop, 1);
}

static void torture_run(struct test *t, enum crowd how)
{
	struct task_struct *task[READERS_MAX + UPDATERS];
	unsigned int readers = MIN(2 * smp_nr_online(), (unsigned int)READERS_MAX), n = 0;
	unsigned int in_pool = 0;
	/*
	 * In a twin the reader that is left out has its CPU for itself: it would hold up others.
	 * And these are few, so that grace periods are soon over on a busy host too.
	 */
	cpumask_t left_out = how == CROWD_BUSTED ? 1ULL << rcu_skip_cpu : ~0ULL;
	cpumask_t others = how == CROWD_BUSTED ? ~left_out : ~0ULL;

	if (how == CROWD_BUSTED)
		readers = READERS_TWIN;
	torture_init(t, how);
	tick_set_rate(FAST_HZ);
	for (unsigned long i = 0; i < readers; i++)
		task[n++] = thread_create("rcu_reader", i ? others : left_out, reader, (void *)i);
	for (unsigned long i = 0; i < UPDATERS; i++)
		task[n++] = thread_create("rcu_updater", others, updater, (void *)i);
	torture_wait(t, how);
	for (unsigned int i = 0; i < n; i++)
		if (EXPECT(t, task[i] != NULL))
			thread_join(task[i]);
	busted_clear(BUSTED_RCU_SKIP_CPU);
	rcu_barrier();
	tick_set_rate(0);
	for (struct element *e = tor.free; e; e = e->next_free)
		in_pool++;
	EXPECT_MSG(t, in_pool == POOL - UPDATERS, "%u of %u elements came back", in_pool,
		   POOL - UPDATERS);
	EXPECT_MSG(t, !tor.let_down == (how != CROWD_BUSTED),
		   "%llu times a reader saw an element freed", (unsigned long long)tor.let_down);
	EXPECT(t, tor.reads > 0 && tor.updates > 0);
	test_record(t, "\"reads\":%llu,\"updates\":%llu,\"given_way\":%llu",
		    (unsigned long long)tor.reads, (unsigned long long)tor.updates,
		    (unsigned long long)tor.given_way);
}

static void test_torture(struct test *t)
{
	struct rcu_stats before, after;

	if (!EXPECT(t, rcu_set_flavour(t->tc->data) == 0))
		return;
	rcu_get_stats(&before);
	torture_run(t, CROWD_SOUND);
	rcu_get_stats(&after);
	test_record(t, "\"grace_periods\":%lu,\"expedited\":%lu",
		    after.grace_periods - before.grace_periods, after.expedited - before.expedited);
}
TEST(rcu, torture_classic, TEST_TORTURE, test_torture, .data = "classic");
TEST(rcu, torture_preempt, TEST_TORTURE, test_torture, .data = "preempt");

/* The busted twins: grace periods leave out a CPU, whose readers must be seen to be let down. */
static void test_torture_twin(struct test *t)
{
	if (switches_missing(t) || !EXPECT(t, rcu_set_flavour(t->tc->data) == 0))
		return;
	rcu_skip_cpu = 1;
	busted_set(BUSTED_RCU_SKIP_CPU);
	torture_run(t, CROWD_BUSTED);
}
TEST(rcu, torture_twin_classic, TEST_RACE, test_torture_twin, .data = "classic", .min_cpus = 2);
TEST(rcu, torture_twin_preempt, TEST_RACE, test_torture_twin, .data = "preempt", .min_cpus = 2);

static void test_torture_change(struct test *t)
{
	const char *before = rcu_flavour();

	torture_run(t, CROWD_CHANGES_FLAVOUR);
	EXPECT(t, rcu_set_flavour(before) == 0);
}
TEST(rcu, torture_change, TEST_TORTURE, test_torture_change);
