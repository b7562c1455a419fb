/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slab caches on all CPUs at once: stamps in the objects, frees on other CPUs; and readers of a
 * type-safe cache against the return of its pages.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>

#define HELD	 40
#define BASKETS	 8
#define MIN_TRIP 64
#define SIZE	 120

struct storm {
	struct test *t;
	struct kmem_cache *cache;
	u64 seed, until;
	u64 *basket[BASKETS]; /* where one CPU leaves an object for another to free; by xchg */
	unsigned long trips;  /* atomic */
};

#define WORDS (SIZE / sizeof(u64))

static void object_stamp(u64 *o, u64 stamp)
{
	for (unsigned int i = 0; i < WORDS; i++)
		WRITE_ONCE(o[i], stamp + i);
}

static void object_end(struct storm *s, u64 *o)
{
	bool whole = true;

	for (unsigned int i = 1; i < WORDS; i++)
		whole &= READ_ONCE(o[i]) == o[0] + i;
	EXPECT_MSG(s->t, whole, "object %p lost its stamp", o);
	kmem_cache_free(s->cache, o);
}

static void storm_run(unsigned int cpu, void *arg)
{
	struct storm *s = arg;
	u64 *held[HELD] = { NULL };
	unsigned long trips = 0;
	struct rng rng;

	rng_seed(&rng, s->seed + cpu, "storm");
	for (; trips < MIN_TRIP || clock_ns() < s->until; trips++) {
		unsigned int i = rng_below(&rng, HELD);
		u64 *o = held[i];

		if (!o) {
			held[i] = kmem_cache_alloc(s->cache, GFP_KERNEL);
			if (held[i])
				object_stamp(held[i], rng_next(&rng));
			continue;
		}
		held[i] = NULL;
		/*
		 * full: pairs with itself on the CPU that takes the object out; the stamp before
		 * the object can be taken; tests: litmus.MP+rel+acq
		 */
		if (rng_below(&rng, 3) == 0)
			o = xchg(&s->basket[rng_below(&rng, BASKETS)], o);
		if (o)
			object_end(s, o);
		if (rng_below(&rng, 2000) == 0)
			kmem_cache_shrink(s->cache);
	}
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i])
			object_end(s, held[i]);
	fetch_add_relaxed(&s->trips, trips);
}

static void storm_hold(struct test *t, u32 flags)
{
	static struct storm s;

	memset(&s, 0, sizeof(s));
	s.t = t;
	s.seed = rng_next(&t->rng);
	s.cache = test_cache_create(t, "test_storm", SIZE, 0, flags, NULL);
	if (!s.cache)
		return;
	s.until = clock_ns() + t->budget_ns / 3;
	test_on_cpus(0, storm_run, &s);
	for (unsigned int i = 0; i < BASKETS; i++)
		if (s.basket[i])
			object_end(&s, s.basket[i]);
	test_record(t, "\"trips_%x\":%lu", flags, s.trips);
	EXPECT(t, kmem_cache_destroy(s.cache) == 0);
}

static void test_storm(struct test *t)
{
	struct balance b;

	balance_take(&b);
	storm_hold(t, 0);
	storm_hold(t, SLAB_DESTROY_BY_RCU);
	storm_hold(t, SLAB_FREE_BY_RCU);
	balance_expect(t, &b);
}
TEST(slab, all_cpus, TEST_RACE, test_storm);

/* ---- readers against the return of a type-safe cache's pages ---- */

struct typed {
	u64 magic; /* the constructor's; never changes while the memory is a struct typed */
	u64 pad[6];
};
#define TYPED_MAGIC 0x7e57ab1e7e57ab1eULL
#define LOOK_NS	    20000000ULL	   /* a reader looks at most so long */
#define PUBLISH_NS  5000000ULL	   /* the writer waits at most so long for a reader */
#define FIRST_NS    10000000000ULL /* a busy host may let no reader look for so long */

static struct {
	struct typed *shared; /* by rcu_assign_pointer() */
	u32 steps;	      /* the writer's; readers look on until it has made one */
	u32 stop;
	u32 holders;		    /* readers that have the object; atomic */
	unsigned long looks, wrong; /* the readers'; atomic */
} race;

static void typed_ctor(void *obj)
{
	((struct typed *)obj)->magic = TYPED_MAGIC;
}

static void race_reader(void *unused)
{
	while (!READ_ONCE(race.stop)) {
		u32 step = READ_ONCE(race.steps);
		u64 until = clock_ns() + LOOK_NS;
		unsigned long wrong = 0;
		struct typed *o;

		rcu_read_lock();
		/* dependency: pairs with rcu_assign_pointer() in race_writer_step();
		 * tests: litmus.C2-rcu */
		o = rcu_dereference(race.shared);
		if (o)
			fetch_add_relaxed(&race.holders, 1);
		/* The object may be free by now, but it must go on being one of its type. */
		while (o && READ_ONCE(race.steps) == step && clock_ns() < until)
			wrong += READ_ONCE(o->magic) != TYPED_MAGIC;
		if (o)
			wrong += READ_ONCE(o->magic) != TYPED_MAGIC;
		rcu_read_unlock();
		if (!o)
			continue;
		fetch_add_relaxed(&race.holders, -1);
		fetch_add_relaxed(&race.wrong, wrong);
		fetch_add_relaxed(&race.looks, 1);
	}
}

/* Free the object under the readers' eyes and put its page to another use. */
static void race_writer_step(struct test *t, struct kmem_cache *s)
{
	struct typed *o = kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT);
	u64 until = clock_ns() + PUBLISH_NS;
	struct page *page;

	if (!EXPECT(t, o))
		return;
	/* release: pairs with rcu_dereference() in race_reader(); tests: litmus.C2-rcu */
	rcu_assign_pointer(race.shared, o);
	spin_until_awake_or("a holder", READ_ONCE(race.holders), clock_ns() > until);
	WRITE_ONCE(race.shared, NULL);
	kmem_cache_free(s, o);
	kmem_cache_shrink(s);
	page = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	if (!EXPECT(t, page))
		return;
	memset(page_address(page), 0xee, PAGE_SIZE);
	WRITE_ONCE(race.steps, race.steps + 1);
	/* Keep it so until they have looked: a new slab might put everything right again. */
	until = clock_ns() + LOOK_NS;
	spin_until_awake_or("the holders' end", !READ_ONCE(race.holders), clock_ns() > until);
	__free_page(page);
}

/* Until @until; longer if nobody has looked yet. A twin ends when it was caught. */
static bool race_goes_on(u64 until, bool twin)
{
	u64 now = clock_ns();

	if (twin)
		return now < until && !READ_ONCE(race.wrong);
	return now < until || (now < until + FIRST_NS && !READ_ONCE(race.looks));
}

/* Returns how often a reader saw something else than an object; stops at the first if @twin. */
static unsigned long race_hold(struct test *t, bool twin)
{
	struct kmem_cache *s = test_cache_create(t, "test_typed", sizeof(struct typed), 0,
						 SLAB_DESTROY_BY_RCU, typed_ctor);
	u64 until = clock_ns() + (twin ? FIRST_NS : t->budget_ns);
	unsigned int cpu;

	if (!s)
		return 0;
	race.stop = 0;
	race.looks = race.wrong = 0;
	race.holders = 0;
	race.shared = NULL;
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_start(cpu, race_reader, NULL);
	for (unsigned int i = 1; race_goes_on(until, twin); i++) {
		race_writer_step(t, s);
		if (i % 16 == 0)
			rcu_barrier();
	}
	WRITE_ONCE(race.stop, 1);
	WRITE_ONCE(race.steps, race.steps + 1);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_wait(cpu);
	EXPECT(t, kmem_cache_destroy(s) == 0);
	test_record(t, "\"iterations\":%lu,\"wrong\":%lu", race.looks, race.wrong);
	return race.wrong;
}

static void test_typesafe_race(struct test *t)
{
	struct balance b;
	unsigned long wrong;

	balance_take(&b);
	wrong = race_hold(t, false);
	EXPECT_MSG(t, wrong == 0, "%lu looks at something else than an object", wrong);
	EXPECT_MSG(t, race.looks, "no reader looked at an object");
	balance_expect(t, &b);
}
TEST(slab, typesafe_race, TEST_RACE, test_typesafe_race, .min_cpus = 2);

/* The busted twin: slab pages freed without RCU must be seen to become something else. */
static void test_typesafe_race_twin(struct test *t)
{
	struct balance b;

	if (switches_missing(t))
		return;
	balance_take(&b);
	busted_set(BUSTED_SLAB_NO_GRACE);
	EXPECT_MSG(t, race_hold(t, true) > 0, "no reader noticed in %lu looks", race.looks);
	busted_clear(BUSTED_SLAB_NO_GRACE);
	balance_expect(t, &b);
}
TEST(slab, typesafe_race_twin, TEST_RACE, test_typesafe_race_twin, .min_cpus = 2);

/* ---- reclaim against the end of a cache ---- */

#define POINT_US   10000000
#define LOOK_PAGES 64

static void shrinks_all(void *unused)
{
	sync_point("test.shrinks");
	kmem_cache_shrink_all();
}

/* Pages that were freed last are given out, which finds what was written to them since. */
static void look_at_free_pages(void)
{
	static struct page *page[LOOK_PAGES];

	for (unsigned int i = 0; i < LOOK_PAGES; i++)
		page[i] = alloc_page(GFP_KERNEL | __GFP_NOINJECT);
	for (unsigned int i = 0; i < LOOK_PAGES; i++)
		if (page[i])
			__free_page(page[i]);
}

/*
 * Reclaim has taken the last slab out of a cache that is being destroyed, and hands it to RCU only
 * then; the callback counts in the cache:
 *
 *	CPU 0, kmem_cache_destroy()		CPU 1, kmem_cache_shrink_all()
 *	magazines drained
 *						caches.lock; the slab is off the list
 *	no slab is left
 *	caches.lock: waits
 *						call_rcu(); unlock
 *	off the list of caches; rcu_barrier()
 *						callback
 *	the cache's memory is freed
 */
static void test_destroy_race(struct test *t)
{
	static const struct sync_rule rules[] = {
		{ "test.shrinks", 1, "slab.drained", 0, POINT_US },
		{ "slab.drained", 0, "slab.trimmed", 1, POINT_US },
		{ "slab.trimmed", 1, "slab.waited", 0, POINT_US },
	};
	struct kmem_cache *s;
	struct sync_stats last, all;
	struct balance b;

	if (switches_missing(t))
		return;
	balance_take(&b);
	s = test_cache_create(t, "test_ended", SIZE, 0, SLAB_DESTROY_BY_RCU, NULL);
	if (!s)
		return;
	kmem_cache_free(s, kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT));
	sync_rules_arm(rules, ARRAY_SIZE(rules), 1);
	cpu_work_start(1, shrinks_all, NULL);
	EXPECT(t, kmem_cache_destroy(s) == 0);
	cpu_work_wait(1);
	sync_rules_disarm();
	sync_rule_stats_read(2, &last);
	sync_stats_read(&all);
	EXPECT_MSG(t, last.excluded == 1 && all.met == 2 && !all.timed_out,
		   "excluded %lu of 1, met %lu of 2, timed out %lu", last.excluded, all.met,
		   all.timed_out);
	rcu_barrier();
	look_at_free_pages();
	balance_expect(t, &b);
}
TEST(slab, destroy_race, TEST_RACE, test_destroy_race, .min_cpus = 2);
