/* SPDX-License-Identifier: GPL-2.0-only */
/* Speed of the slab allocator, each figure beside one that it can be compared with. */
#include <arch/atomic.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>

#define BATCH 16 /* objects held at a time */
#define SIZE  128

#define WAITING_MAX 20000 /* objects that may wait for a grace period: then wait for it */

struct bench {
	struct kmem_cache *cache; /* NULL: single pages */
	bool bounded;		  /* some objects wait for RCU */
	u64 ns;			  /* for so long */
	u64 rate; /* pairs of an allocation and a free a second, all CPUs together; atomic */
};

static unsigned long bench_batch(struct kmem_cache *s)
{
	void *obj[BATCH];
	unsigned int n;

	for (n = 0; n < BATCH; n++) {
		obj[n] = s ? kmem_cache_alloc(s, GFP_KERNEL | __GFP_NOINJECT)
			   : (void *)alloc_page(GFP_KERNEL | __GFP_NOINJECT);
		if (!obj[n])
			break;
	}
	for (unsigned int i = 0; i < n; i++)
		if (s)
			kmem_cache_free(s, obj[i]);
		else
			__free_page((struct page *)obj[i]);
	return n;
}

/* What waits for RCU must not pile up without end. */
static void bench_wait(struct kmem_cache *s)
{
	struct kmem_cache_stats st;

	kmem_cache_read_stats(s, &st);
	if (st.waiting > WAITING_MAX)
		rcu_barrier();
}

static void bench_run(unsigned int cpu, void *arg)
{
	struct bench *b = arg;
	u64 start = clock_ns(), now, pairs = 0;
	unsigned long rounds = 0;

	do {
		for (int i = 0; i < 8; i++)
			pairs += bench_batch(b->cache);
		if (cpu == 0 && b->bounded && ++rounds % 16 == 0)
			bench_wait(b->cache);
		now = clock_ns();
	} while (now - start < b->ns);
	/* Each by its own time: not all of them begin at once. */
	fetch_add_relaxed(&b->rate, pairs * 1000000000ULL / (now - start));
}

/* Pairs a second on @cpus CPUs (0: all). */
static u64 bench_rate(struct kmem_cache *s, bool bounded, unsigned int cpus, u64 ns)
{
	struct bench b = { .cache = s, .bounded = bounded, .ns = ns };

	test_on_cpus(cpus, bench_run, &b);
	return b.rate;
}

static void bench_slab_alloc_free(struct test *t)
{
	struct kmem_cache *s = test_cache_create(t, "bench", SIZE, 0, 0, NULL);
	u64 one, two, all, pages, ns = t->budget_ns / 4;

	if (!s)
		return;
	one = bench_rate(s, false, 1, ns);
	two = bench_rate(s, false, MIN(2U, smp_nr_online()), ns);
	all = bench_rate(s, false, 0, ns);
	pages = bench_rate(NULL, false, 1, ns);
	test_record(t,
		    "\"per_s_one_cpu\":%llu,\"per_s_all_cpus\":%llu,\"pages_per_s_one_cpu\":%llu",
		    (unsigned long long)one, (unsigned long long)all, (unsigned long long)pages);
	test_record(t, "\"cpus\":%u", smp_nr_online());
	if (smp_nr_online() > 1)
		test_record_ratio(t, "rate_2_cpus_to_1", two, one);
	test_record_ratio(t, "rate_all_cpus_to_1", all, one);
	test_record_ratio(t, "rate_objects_to_pages", one, pages);
	EXPECT(t, one && all && pages);
	EXPECT(t, kmem_cache_destroy(s) == 0);
}
TEST(bench, slab_alloc_free, TEST_BENCH, bench_slab_alloc_free);

/* The three ways to destroy, on one CPU and on all. */
static void bench_slab_destruction(struct test *t)
{
	static const struct {
		const char *name;
		u32 flags;
	} ways[] = { { "at_once", 0 },
		     { "typesafe", SLAB_DESTROY_BY_RCU },
		     { "object_by_rcu", SLAB_FREE_BY_RCU } };
	u64 one[3], all[3];
	struct kmem_cache_stats st;
	bool waits;

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		struct kmem_cache *s = test_cache_create(t, "bench", SIZE, 0, ways[i].flags, NULL);

		if (!s)
			return;
		waits = ways[i].flags & SLAB_FREE_BY_RCU;
		one[i] = bench_rate(s, waits, 1, t->budget_ns / 6);
		all[i] = bench_rate(s, waits, 0, t->budget_ns / 6);
		test_record(t, "\"%s_per_s_one_cpu\":%llu,\"%s_per_s_all_cpus\":%llu", ways[i].name,
			    (unsigned long long)one[i], ways[i].name, (unsigned long long)all[i]);
		kmem_cache_read_stats(s, &st);
		test_record(t, "\"%s_slabs\":%llu", ways[i].name,
			    (unsigned long long)st.slabs_made);
		EXPECT(t, kmem_cache_destroy(s) == 0);
	}
	test_record(t, "\"rcu\":\"%s\"", rcu_flavour());
	test_record_ratio(t, "rate_typesafe_to_object_by_rcu_one_cpu", one[1], one[2]);
	test_record_ratio(t, "rate_typesafe_to_object_by_rcu_all_cpus", all[1], all[2]);
	test_record_ratio(t, "rate_typesafe_to_at_once_one_cpu", one[1], one[0]);
}
TEST(bench, slab_destruction, TEST_BENCH, bench_slab_destruction);
