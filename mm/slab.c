/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slabs and magazines.
 *
 * A slab is a block of pages cut into objects. Which of them are free is written behind the objects
 * (an array of numbers that makes a list), never in them: so type-safe objects stay as they are. In
 * front of the slabs each CPU has a magazine of free objects, used last in, first out; only when it
 * is empty or full do objects move, half a magazine at a time, from or to slabs, under the cache's
 * lock.
 *
 *	slab in list	empty	 no object is out; a few are kept, the rest given back
 *			partial	 some are out (in use or in a magazine)
 *			full	 all are out
 *
 * A slab goes back to the page allocator from the list "empty": at once, or (type-safe caches)
 * through call_rcu() with the rcu_head in its struct page. An object of a cache with
 * SLAB_FREE_BY_RCU goes to call_rcu() with an rcu_head behind the object, and to the magazine only
 * after the grace period.
 *
 * Locks, all with interrupts off (their order: docs/locking.md): caches.lock, the list of caches;
 * cache->lock, slabs, their lists and free lists. Pages are allocated and freed outside of
 * cache->lock. A magazine is used by its CPU only, interrupts off, and takes no lock.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/asan.h>
#include <kernel/busted.h>
#include <kernel/event.h>
#include <kernel/fail.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/smp.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/page_alloc.h>

#include "slab_internal.h"

#define SLAB_MIN_OBJECTS 8	 /* a slab of fewer takes more pages, if it may */
#define SLAB_EMPTY_KEPT	 2	 /* empty slabs that a cache keeps */
#define MAGAZINE_BYTES	 32768UL /* at most so much lies in one magazine */
#define FREE_LIST_END	 0xffff

static struct {
	struct spinlock lock;
	struct list_head list; /* under lock */
} caches = { .lock = SPINLOCK_INIT("caches"), .list = LIST_HEAD_INIT(caches.list) };

/* Interrupts are off, and stay so for as long as it is used. */
static struct magazine *this_magazine(struct kmem_cache *s)
{
	BUG_IF(!irqs_are_disabled(), "cache %s", s->name);
	return &s->magazine[smp_processor_id()];
}

/* ---- slabs ---- */

static u16 *slab_next(const struct kmem_cache *s, const struct page *slab)
{
	return (u16 *)((char *)page_address(slab) + s->next_off);
}

/*
 * For the address sanitizer: what lies behind an object in use belongs to nobody, up to an rcu_head
 * if it has one; a free one too, but a type-safe one, which readers may still look at. The
 * allocator itself may touch all of it in between (asan_unpoison() of s->size bytes).
 */
static void slab_fence_zone(struct kmem_cache *s, void *obj)
{
	size_t zone = ALIGN_UP(s->object_size, sizeof(u64));
	size_t end = s->flags & SLAB_FREE_BY_RCU ? s->rcu_off : s->size;

	asan_poison((char *)obj + zone, end - zone, ASAN_ZONE);
	asan_unpoison(obj, s->object_size);
}

static void slab_fence_free(struct kmem_cache *s, void *obj)
{
	slab_fence_zone(s, obj);
	if (!(s->flags & SLAB_DESTROY_BY_RCU))
		asan_poison(obj, ALIGN_UP(s->object_size, sizeof(u64)), ASAN_OBJECT);
}

static struct page *slab_make(struct kmem_cache *s, gfp_t gfp)
{
	struct page *slab = alloc_pages(gfp & ~__GFP_ZERO, s->order);

	if (!slab)
		return NULL;
	for (unsigned int i = 0; i < 1U << s->order; i++) {
		slab[i].slab_head = slab;
		slab[i].slab_cache = s;
		/* Nobody looks at the flags of a page that holds no object yet. */
		page_set_flag(&slab[i], PG_slab);
	}
	slab_debug_fresh(s, slab);
	slab->slab_inuse = 0;
	slab->slab_free = 0;
	for (u32 i = 0; i < s->objects; i++) {
		void *obj = slab_object(s, slab, i);

		slab_next(s, slab)[i] = i + 1 < s->objects ? i + 1 : FREE_LIST_END;
		slab_debug_init_object(s, slab, obj);
		if (s->ctor)
			s->ctor(obj);
		slab_fence_free(s, obj);
	}
	return slab;
}

/* Give the pages of a slab that is on no list back. */
static void slab_free_pages(struct page *slab)
{
	unsigned int order = slab->order;

	event("slab given back", page_address(slab));
	for (unsigned int i = 0; i < 1U << order; i++) {
		slab[i].slab_cache = NULL;
		page_clear_flag(&slab[i], PG_slab);
	}
	free_pages(slab, order);
}

static void slab_free_rcu(struct rcu_head *head)
{
	struct page *slab = container_of(head, struct page, rcu);
	struct kmem_cache *s = slab->slab_cache;

	slab_free_pages(slab);
	fetch_add_relaxed(&s->slabs_rcu, -1);
}

/* Do the slabs of @s wait for a grace period before they are free? */
static bool slab_waits(const struct kmem_cache *s)
{
	return (s->flags & SLAB_DESTROY_BY_RCU) && !busted(BUSTED_SLAB_NO_GRACE);
}

static void slab_destroy(struct kmem_cache *s, struct page *slab)
{
	asan_unpoison(page_address(slab), PAGE_SIZE << slab->order);
	slab_debug_check_slab(s, slab);
	if (slab_waits(s)) {
		fetch_add_relaxed(&s->slabs_rcu, 1);
		event("slab waits for RCU", page_address(slab));
		call_rcu(&slab->rcu, slab_free_rcu);
	} else {
		slab_free_pages(slab);
	}
}

/* Destroy the slabs of a private list. Returns how many pages they had. */
static unsigned long slab_destroy_list(struct kmem_cache *s, struct list_head *slabs)
{
	unsigned long nr = 0;
	struct page *slab, *next;

	list_for_each_entry_safe(slab, next, slabs, lru)
	{
		list_del(&slab->lru);
		nr += 1UL << s->order;
		slab_destroy(s, slab);
	}
	return nr;
}

/* Put the slab on the list where its count belongs. Cache locked. */
static void slab_file_locked(struct kmem_cache *s, struct page *slab)
{
	BUG_IF(!spin_is_mine(&s->lock), "cache %s", s->name);
	if (!slab->slab_inuse)
		list_move(&slab->lru, &s->empty);
	else if (slab->slab_inuse == s->objects)
		list_move(&slab->lru, &s->full);
	else
		list_move(&slab->lru, &s->partial);
}

/* Move empty slabs beyond @keep to @out. Cache locked. */
static void slab_trim_locked(struct kmem_cache *s, unsigned long keep, struct list_head *out)
{
	BUG_IF(!spin_is_mine(&s->lock), "cache %s", s->name);
	while (s->nr_empty > keep) {
		struct page *slab = list_last_entry(&s->empty, struct page, lru);

		list_move(&slab->lru, out);
		s->nr_empty--;
		s->nr_slabs--;
		s->slabs_freed++;
	}
}

/* ---- magazines: interrupts off ---- */

/* Take objects from @slab until the magazine has @want. Cache locked. */
static void slab_take_locked(struct kmem_cache *s, struct page *slab, struct magazine *m, u32 want)
{
	u16 *next = slab_next(s, slab);

	BUG_IF(!spin_is_mine(&s->lock), "cache %s", s->name);
	if (!slab->slab_inuse)
		s->nr_empty--;
	while (m->nr < want && slab->slab_free != FREE_LIST_END) {
		u16 i = slab->slab_free;

		slab->slab_free = next[i];
		slab->slab_inuse++;
		m->obj[m->nr++] = slab_object(s, slab, i);
	}
	slab_file_locked(s, slab);
}

/* Fill half the magazine from slabs that are there. */
static void magazine_refill(struct kmem_cache *s, struct magazine *m)
{
	u32 want = (m->limit + 1) / 2;

	spin_lock(&s->lock);
	while (m->nr < want) {
		struct list_head *from = !list_empty(&s->partial) ? &s->partial : &s->empty;

		if (list_empty(from))
			break;
		slab_take_locked(s, list_first_entry(from, struct page, lru), m, want);
	}
	spin_unlock(&s->lock);
	m->refills++;
}

/* Put one object back into its slab. Cache locked. */
static void slab_put_locked(struct kmem_cache *s, void *obj)
{
	struct page *slab = slab_of(obj);
	u32 i;

	BUG_IF(!spin_is_mine(&s->lock), "cache %s", s->name);
	BUG_WITH(!slab || slab->slab_cache != s, slab_panic("wrong cache", s, obj));
	i = slab_index(s, slab, obj);
	slab_next(s, slab)[i] = slab->slab_free;
	slab->slab_free = i;
	slab->slab_inuse--;
	if (!slab->slab_inuse)
		s->nr_empty++;
	if (!slab->slab_inuse || slab->slab_inuse == s->objects - 1)
		slab_file_locked(s, slab);
}

/* Put the @nr objects that were freed longest ago back into their slabs. */
static void magazine_flush(struct kmem_cache *s, struct magazine *m, u32 nr, unsigned long keep)
{
	LIST_HEAD(surplus);

	spin_lock(&s->lock);
	for (u32 i = 0; i < nr; i++)
		slab_put_locked(s, m->obj[i]);
	slab_trim_locked(s, keep, &surplus);
	spin_unlock(&s->lock);
	memmove(m->obj, m->obj + nr, (m->nr - nr) * sizeof(m->obj[0]));
	m->nr -= nr;
	m->flushes++;
	slab_destroy_list(s, &surplus);
}

/* ---- allocation ---- */

/* Both are empty, the magazine and the slabs: make one. Interrupts on if @gfp says so. */
static noinline bool slab_grow(struct kmem_cache *s, gfp_t gfp)
{
	struct page *slab = slab_make(s, gfp);
	unsigned long flags;

	if (!slab)
		return false;
	flags = spin_lock_irqsave(&s->lock);
	list_add(&slab->lru, &s->empty);
	s->nr_empty++;
	s->nr_slabs++;
	s->slabs_made++;
	spin_unlock_irqrestore(&s->lock, flags);
	return true;
}

static noinline void *slab_alloc_failed(struct kmem_cache *s)
{
	unsigned long flags = arch_irq_save();

	this_magazine(s)->failures++;
	arch_irq_restore(flags);
	return NULL;
}

void *slab_alloc(struct kmem_cache *s, gfp_t gfp, unsigned long pc)
{
	unsigned long flags;
	struct magazine *m;
	void *obj;

	gfp = gfp_check(gfp, "slab_alloc()");
	if (!(gfp & __GFP_NOINJECT) && fail_should(FAIL_SLAB))
		return slab_alloc_failed(s);
	for (;;) {
		flags = arch_irq_save();
		m = this_magazine(s);
		if (unlikely(!m->nr))
			magazine_refill(s, m);
		if (likely(m->nr))
			break;
		arch_irq_restore(flags);
		/* Another CPU may empty the new slab before we come to it: then once more. */
		if (!slab_grow(s, gfp))
			return slab_alloc_failed(s);
	}
	obj = m->obj[--m->nr];
	m->allocs++;
	arch_irq_restore(flags);
	asan_unpoison(obj, s->size);
	slab_debug_alloc(s, obj, pc);
	slab_fence_zone(s, obj);
	if (gfp & __GFP_ZERO)
		memset(obj, 0, s->object_size);
	return obj;
}

noinline void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	BUG_IF((gfp & __GFP_ZERO) && s->ctor, "cache %s has a constructor", s->name);
	return slab_alloc(s, gfp, (unsigned long)__builtin_return_address(0));
}

/* The object goes to the magazine, to be given out again. */
static inline void slab_free_now(struct kmem_cache *s, void *obj, unsigned long pc, s64 waited)
{
	unsigned long flags;
	struct magazine *m;

	asan_unpoison(obj, s->size);
	slab_debug_free(s, obj, pc);
	slab_fence_free(s, obj);
	flags = arch_irq_save();
	m = this_magazine(s);
	if (unlikely(m->nr == m->limit))
		magazine_flush(s, m, (m->limit + 1) / 2, SLAB_EMPTY_KEPT);
	BUG_IF(m->nr >= m->limit, "a magazine of %s holds %u objects", s->name, m->nr);
	m->obj[m->nr++] = obj;
	m->frees++;
	m->waiting -= waited;
	arch_irq_restore(flags);
}

/* After the grace period. */
static void slab_free_object_rcu(struct rcu_head *head)
{
	struct kmem_cache *s = slab_of(head)->slab_cache;

	slab_free_now(s, (char *)head - s->rcu_off, 0, 1);
}

void slab_free(struct kmem_cache *s, void *obj, unsigned long pc)
{
	unsigned long flags;

	if (!(s->flags & SLAB_FREE_BY_RCU)) {
		slab_free_now(s, obj, pc, 0);
		return;
	}
	slab_debug_wait(s, obj, pc);
	flags = arch_irq_save();
	this_magazine(s)->waiting++;
	arch_irq_restore(flags);
	call_rcu((struct rcu_head *)((char *)obj + s->rcu_off), slab_free_object_rcu);
}

noinline void kmem_cache_free(struct kmem_cache *s, void *obj)
{
	slab_free(s, obj, (unsigned long)__builtin_return_address(0));
}

/* ---- giving memory back ---- */

static void shrink_this_cpu(void *arg)
{
	struct kmem_cache *s = arg;
	unsigned long flags = arch_irq_save();
	struct magazine *m = this_magazine(s);

	if (m->nr)
		magazine_flush(s, m, m->nr, ~0UL);
	arch_irq_restore(flags);
}

static unsigned long slab_shrink_empty(struct kmem_cache *s)
{
	LIST_HEAD(surplus);
	unsigned long flags = spin_lock_irqsave(&s->lock);

	slab_trim_locked(s, 0, &surplus);
	spin_unlock_irqrestore(&s->lock, flags);
	if (!list_empty(&surplus))
		sync_point_on("slab.trimmed", s);
	return slab_destroy_list(s, &surplus);
}

unsigned long kmem_cache_shrink(struct kmem_cache *s)
{
	on_each_cpu(shrink_this_cpu, s);
	sync_point_on("slab.drained", s);
	return slab_shrink_empty(s);
}

static void shrink_all_this_cpu(void *unused)
{
	unsigned long flags = spin_lock_irqsave(&caches.lock);
	struct kmem_cache *s;

	list_for_each_entry(s, &caches.list, node) shrink_this_cpu(s);
	spin_unlock_irqrestore(&caches.lock, flags);
}

unsigned long kmem_cache_shrink_all(void)
{
	unsigned long flags, nr = 0;
	struct kmem_cache *s;

	on_each_cpu(shrink_all_this_cpu, NULL);
	flags = spin_lock_irqsave(&caches.lock);
	list_for_each_entry(s, &caches.list, node)
	{
		unsigned long pages = slab_shrink_empty(s);

		nr += slab_waits(s) ? 0 : pages;
	}
	spin_unlock_irqrestore(&caches.lock, flags);
	return nr;
}

unsigned long kmem_cache_pages_waiting(void)
{
	unsigned long flags = spin_lock_irqsave(&caches.lock), nr = 0;
	struct kmem_cache *s;

	list_for_each_entry(s, &caches.list, node) nr += READ_ONCE(s->slabs_rcu) << s->order;
	spin_unlock_irqrestore(&caches.lock, flags);
	return nr;
}

/* ---- caches ---- */

static u32 per_slab(const struct kmem_cache *s, u32 order)
{
	/* Behind the objects, aligned: for each a record (debug) and a link of the free list. */
	size_t room = (PAGE_SIZE << order) - sizeof(void *);

	return room / (s->size + SLAB_TRACK_SIZE + sizeof(u16));
}

static void cache_lay_out(struct kmem_cache *s, size_t size, size_t align, u32 flags)
{
	size_t end = size;

	align = MAX(align, sizeof(void *));
	if (flags & SLAB_HWCACHE_ALIGN)
		align = MAX(align, (size_t)ARCH_CACHE_LINE_MAX);
	if (flags & SLAB_RED_ZONE)
		end = ALIGN_UP(end, sizeof(void *)) + SLAB_ZONE_BYTES;
	s->zone_end = end;
	if (flags & SLAB_FREE_BY_RCU) {
		s->rcu_off = ALIGN_UP(end, sizeof(void *));
		end = s->rcu_off + sizeof(struct rcu_head);
	} else if (flags & SLAB_RED_ZONE) {
		/* What alignment adds belongs to the red zone. */
		s->zone_end = ALIGN_UP(end, align);
	}
	s->flags = flags;
	s->object_size = size;
	s->align = align;
	s->size = ALIGN_UP(end, align);
	while (s->order < SLAB_MAX_ORDER && per_slab(s, s->order) < SLAB_MIN_OBJECTS)
		s->order++;
	s->objects = per_slab(s, s->order);
	s->track_off = ALIGN_UP(s->objects * s->size, sizeof(void *));
	s->next_off = s->track_off + s->objects * SLAB_TRACK_SIZE;
}

struct kmem_cache *slab_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *obj), gfp_t gfp)
{
	size_t bytes = sizeof(struct kmem_cache) + nr_cpus_found * sizeof(struct magazine);
	struct kmem_cache *s;
	unsigned long irq;

	gfp = gfp_check(gfp, "kmem_cache_create()");
	if (!name || !size || size > KMALLOC_MAX_CACHE_SIZE || (align & (align - 1)) ||
	    align > PAGE_SIZE || (flags & SLAB_DESTROY_BY_RCU && flags & SLAB_FREE_BY_RCU))
		return NULL;
	s = alloc_pages_exact(bytes, PAGE_SIZE, gfp | __GFP_ZERO);
	if (!s)
		return NULL;
	s->name = name;
	s->ctor = ctor;
	s->bytes = bytes;
	cache_lay_out(s, size, align, (flags | SLAB_FORCED_FLAGS) & SLAB_KEPT_FLAGS);
	spin_lock_init(&s->lock, "kmem_cache");
	INIT_LIST_HEAD(&s->empty);
	INIT_LIST_HEAD(&s->partial);
	INIT_LIST_HEAD(&s->full);
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++)
		s->magazine[cpu].limit =
			MIN(MAX(MAGAZINE_BYTES / s->size, 2UL), (unsigned long)MAGAZINE_MAX);
	irq = spin_lock_irqsave(&caches.lock);
	list_add_tail(&s->node, &caches.list);
	spin_unlock_irqrestore(&caches.lock, irq);
	return s;
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *obj))
{
	return slab_cache_create(name, size, align, flags, ctor, GFP_KERNEL);
}

int kmem_cache_destroy(struct kmem_cache *s)
{
	bool waits = s->flags & (SLAB_DESTROY_BY_RCU | SLAB_FREE_BY_RCU);
	struct kmem_cache_stats st;
	unsigned long flags;

	might_sleep("kmem_cache_destroy()");
	/* Objects first: their callbacks fill magazines; then the slabs' own. */
	if (s->flags & SLAB_FREE_BY_RCU)
		rcu_barrier();
	kmem_cache_shrink(s);
	kmem_cache_read_stats(s, &st);
	if (st.slabs) {
		pr_warn("cache %s is to be destroyed with %lu objects in use\n", s->name,
			st.active);
		slab_debug_report_used(s);
		return -EBUSY;
	}
	/*
	 * Off the list before the barrier: kmem_cache_shrink_all(), for reclaim, may have taken
	 * slabs out that it hands to RCU only now, under caches.lock. Their callbacks need @s.
	 */
	flags = spin_lock_irqsave(&caches.lock);
	list_del(&s->node);
	spin_unlock_irqrestore(&caches.lock, flags);
	if (waits)
		rcu_barrier();
	sync_point_on("slab.waited", s);
	free_pages_exact(s, s->bytes);
	return 0;
}

void kmem_cache_read_stats(struct kmem_cache *s, struct kmem_cache_stats *st)
{
	unsigned long flags;
	s64 waiting = 0;

	*st = (struct kmem_cache_stats){
		.name = s->name,
		.object_size = s->object_size,
		.size = s->size,
		.per_slab = s->objects,
		.order = s->order,
	};
	for (unsigned int cpu = 0; cpu < nr_cpus_found; cpu++) {
		const struct magazine *m = &s->magazine[cpu];

		st->allocs += READ_ONCE(m->allocs);
		st->frees += READ_ONCE(m->frees);
		st->failures += READ_ONCE(m->failures);
		st->refills += READ_ONCE(m->refills);
		st->flushes += READ_ONCE(m->flushes);
		waiting += READ_ONCE(m->waiting);
	}
	st->waiting = waiting;
	st->active = st->allocs - st->frees - waiting;
	flags = spin_lock_irqsave(&s->lock);
	st->slabs = s->nr_slabs;
	st->slabs_empty = s->nr_empty;
	st->slabs_made = s->slabs_made;
	st->slabs_freed = s->slabs_freed;
	spin_unlock_irqrestore(&s->lock, flags);
	st->slabs_rcu = READ_ONCE(s->slabs_rcu);
}

void kmem_cache_for_each(void (*fn)(const struct kmem_cache_stats *st, void *arg), void *arg)
{
	unsigned long flags = spin_lock_irqsave(&caches.lock);
	struct kmem_cache_stats st;
	struct kmem_cache *s;

	list_for_each_entry(s, &caches.list, node)
	{
		kmem_cache_read_stats(s, &st);
		fn(&st, arg);
	}
	spin_unlock_irqrestore(&caches.lock, flags);
}
