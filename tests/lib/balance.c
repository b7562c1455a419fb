/* SPDX-License-Identifier: GPL-2.0-only */
/* See test/balance.h. */
#include <arch/atomic.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <test/balance.h>
#include <test/step.h>

static void add_objects(const struct kmem_cache_stats *st, void *arg)
{
	*(unsigned long *)arg += st->active + st->waiting;
}

void balance_take(struct balance *b)
{
	/* Callbacks free objects, whose slabs then become empty and wait in their turn. */
	rcu_barrier();
	kmem_cache_shrink_all();
	rcu_barrier();
	drain_pages();
	b->pages = nr_free_pages();
	b->objects = 0;
	kmem_cache_for_each(add_objects, &b->objects);
}

void balance_expect(struct test *t, const struct balance *b)
{
	struct balance now;

	balance_take(&now);
	EXPECT_MSG(t, now.objects == b->objects, "%lu objects were in use, now %lu", b->objects,
		   now.objects);
	EXPECT_MSG(t, now.pages == b->pages, "%lu pages were free, now %lu", b->pages, now.pages);
}

struct kmem_cache *test_cache_create(struct test *t, const char *name, size_t size, size_t align,
				     u32 flags, void (*ctor)(void *obj))
{
	struct kmem_cache *s = NULL;

	for (int i = 0; i < 100 && !s; i++)
		s = kmem_cache_create(name, size, align, flags, ctor);
	EXPECT_MSG(t, s, "cannot make the cache %s", name);
	return s;
}

static struct {
	void (*fn)(unsigned int cpu, void *arg);
	void *arg;
	u32 nr, ready;
} crowd;

static void crowd_run(void *unused)
{
	step_up(&crowd.ready);
	step_wait("the other CPUs", &crowd.ready, crowd.nr);
	crowd.fn(smp_processor_id(), crowd.arg);
}

void test_on_cpus(unsigned int nr, void (*fn)(unsigned int cpu, void *arg), void *arg)
{
	unsigned int cpu, n = 0;

	crowd.fn = fn;
	crowd.arg = arg;
	crowd.ready = 0;
	crowd.nr = nr ? MIN(nr, smp_nr_online()) : smp_nr_online();
	for_each_cpu_in(cpu, smp_online_mask()) {
		if (cpu && n < crowd.nr)
			cpu_work_start(cpu, crowd_run, NULL);
		n++;
	}
	crowd_run(NULL);
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		cpu_work_wait(cpu);
}
