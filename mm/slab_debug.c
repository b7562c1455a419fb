/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a debug build checks of slab objects. Beside each object is a red zone, whose bytes say
 * whether the object is in use; behind the objects, at the end of the slab, is a record for each of
 * its state and of who allocated and freed it last. The bodies of free objects are filled with
 * poison, but for caches whose objects have a state of their own: those with a constructor, and
 * type-safe ones, which readers may look at (and lock) while they are free.
 *
 * The state changes by cmpxchg, so that of two CPUs that free one object at once one is caught.
 */
#include <arch/atomic.h>
#include <kernel/detect.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/poison.h>
#include <lib/string.h>

#include "slab_internal.h"

#define REPORT_MAX 8

#ifdef CONFIG_DEBUG

static const char *symbol(unsigned long pc, unsigned long *off)
{
	const char *fn;

	*off = 0;
	/* A return address may lie behind the end of the function that called. */
	fn = pc ? ksym_lookup(pc - 1, off, NULL) : NULL;
	return fn ? fn : "nobody";
}

static struct slab_track *slab_track(const struct kmem_cache *s, const struct page *slab, u32 i)
{
	return (struct slab_track *)((char *)page_address(slab) + s->track_off) + i;
}

void slab_panic(const char *what, struct kmem_cache *s, const void *obj)
{
	struct page *slab = slab_of(obj);
	struct kmem_cache *owner = slab ? slab->slab_cache : NULL;
	unsigned long freed_off, alloc_off;
	const char *freed, *allocated;
	struct slab_track *t;
	u32 i;

	if (!owner)
		panic("slab: %s: object %p, cache %s: the address is in no slab", what, obj,
		      s ? s->name : "kmalloc");
	i = slab_index(owner, slab, obj);
	if (i >= owner->objects)
		panic("slab: %s: object %p, cache %s: the address is behind the objects", what, obj,
		      owner->name);
	t = slab_track(owner, slab, i);
	freed = symbol(t->free_pc, &freed_off);
	allocated = symbol(t->alloc_pc, &alloc_off);
	panic("slab: %s: object %p, cache %s%s%s, freed last by %s+0x%lx, allocated last by "
	      "%s+0x%lx",
	      what, obj, owner->name, s && s != owner ? ", not of cache " : "",
	      s && s != owner ? s->name : "", freed, freed_off, allocated, alloc_off);
}

static bool is_poisoned(const struct kmem_cache *s)
{
	return (s->flags & SLAB_POISON) && !s->ctor && !(s->flags & SLAB_DESTROY_BY_RCU);
}

static bool bytes_are(const u8 *p, size_t n, u8 v)
{
	while (n--)
		if (*p++ != v)
			return false;
	return true;
}

static void zone_fill(const struct kmem_cache *s, void *obj, u8 v)
{
	if (s->flags & SLAB_RED_ZONE)
		memset((char *)obj + s->object_size, v, s->zone_end - s->object_size);
}

static void zone_check(struct kmem_cache *s, void *obj, u8 v)
{
	BUG_WITH((s->flags & SLAB_RED_ZONE) &&
			 !bytes_are((u8 *)obj + s->object_size, s->zone_end - s->object_size, v),
		 slab_panic("red zone overwritten", s, obj));
}

static void poison_fill(const struct kmem_cache *s, void *obj)
{
	if (!is_poisoned(s))
		return;
	memset(obj, POISON_FREE, s->object_size);
	((u8 *)obj)[s->object_size - 1] = POISON_END;
}

/* A free object is not what it should be. Trapped: it will be filled anew. */
static void poison_report(struct kmem_cache *s, void *obj)
{
	if (!detect_trap_is_set())
		slab_panic("written to after it was freed", s, obj);
	detect(DETECT_POISON, obj, "object %p of cache %s was written to after it was freed", obj,
	       s->name);
}

static void poison_check(struct kmem_cache *s, void *obj)
{
	if (is_poisoned(s) && (!bytes_are(obj, s->object_size - 1, POISON_FREE) ||
			       ((u8 *)obj)[s->object_size - 1] != POISON_END))
		poison_report(s, obj);
}

/* Does the object begin where one of this cache does? */
static struct slab_track *track_of(struct kmem_cache *s, void *obj)
{
	struct page *slab = slab_of(obj);
	u32 i;

	BUG_WITH(!slab || slab->slab_cache != s, slab_panic("wrong cache", s, obj));
	i = slab_index(s, slab, obj);
	BUG_WITH(i >= s->objects || slab_object(s, slab, i) != obj,
		 slab_panic("not the beginning of an object", s, obj));
	return slab_track(s, slab, i);
}

void slab_debug_fresh(struct kmem_cache *s, struct page *slab)
{
	memset(page_address(slab), POISON_NEW, PAGE_SIZE << s->order);
}

void slab_debug_init_object(struct kmem_cache *s, struct page *slab, void *obj)
{
	*slab_track(s, slab, slab_index(s, slab, obj)) = (struct slab_track){ .state = OBJ_FREE };
	zone_fill(s, obj, RED_ZONE_FREE);
	poison_fill(s, obj);
}

void slab_debug_alloc(struct kmem_cache *s, void *obj, unsigned long pc)
{
	struct slab_track *t = track_of(s, obj);

	BUG_WITH(cmpxchg_relaxed(&t->state, OBJ_FREE, OBJ_USED) != OBJ_FREE,
		 slab_panic("given out twice", s, obj));
	zone_check(s, obj, RED_ZONE_FREE);
	poison_check(s, obj);
	t->alloc_pc = pc;
	zone_fill(s, obj, RED_ZONE_USED);
	if (is_poisoned(s))
		memset(obj, POISON_NEW, s->object_size);
}

static void change_state(struct kmem_cache *s, void *obj, u32 from, u32 to)
{
	struct slab_track *t = track_of(s, obj);
	u32 found = cmpxchg_relaxed(&t->state, from, to);

	BUG_WITH(found != from && (found == OBJ_FREE || found == OBJ_WAITS),
		 slab_panic("double free", s, obj));
	BUG_WITH(found != from, slab_panic("record of the object overwritten", s, obj));
}

void slab_debug_free(struct kmem_cache *s, void *obj, unsigned long pc)
{
	change_state(s, obj, s->flags & SLAB_FREE_BY_RCU ? OBJ_WAITS : OBJ_USED, OBJ_FREE);
	zone_check(s, obj, RED_ZONE_USED);
	/* A type-safe one may be locked while it is free; its page may not: page_alloc.c. */
	if (!(s->flags & SLAB_DESTROY_BY_RCU))
		spin_check_freed(obj, s->object_size);
	if (pc)
		track_of(s, obj)->free_pc = pc;
	zone_fill(s, obj, RED_ZONE_FREE);
	poison_fill(s, obj);
}

void slab_debug_wait(struct kmem_cache *s, void *obj, unsigned long pc)
{
	change_state(s, obj, OBJ_USED, OBJ_WAITS);
	zone_check(s, obj, RED_ZONE_USED);
	track_of(s, obj)->free_pc = pc;
}

void slab_debug_check_slab(struct kmem_cache *s, struct page *slab)
{
	for (u32 i = 0; i < s->objects; i++) {
		void *obj = slab_object(s, slab, i);

		BUG_WITH(slab_track(s, slab, i)->state != OBJ_FREE,
			 slab_panic("slab given back with an object in use", s, obj));
		zone_check(s, obj, RED_ZONE_FREE);
		poison_check(s, obj);
	}
}

static u32 report_list(struct kmem_cache *s, struct list_head *slabs, u32 n)
{
	struct page *slab;

	list_for_each_entry(slab, slabs, lru)
	{
		for (u32 i = 0; i < s->objects && n < REPORT_MAX; i++) {
			struct slab_track *t = slab_track(s, slab, i);
			unsigned long off;
			const char *fn;

			if (READ_ONCE(t->state) == OBJ_FREE)
				continue;
			fn = symbol(t->alloc_pc, &off);
			printk("  object %p, allocated by %s+0x%lx\n", slab_object(s, slab, i), fn,
			       off);
			n++;
		}
	}
	return n;
}

void slab_debug_report_used(struct kmem_cache *s)
{
	unsigned long flags = spin_lock_irqsave(&s->lock);

	report_list(s, &s->full, report_list(s, &s->partial, 0));
	spin_unlock_irqrestore(&s->lock, flags);
}

#else /* !CONFIG_DEBUG */

void slab_panic(const char *what, struct kmem_cache *s, const void *obj)
{
	panic("slab: %s: object %p, cache %s (a release build does not record who freed it)", what,
	      obj, s ? s->name : "kmalloc");
}

#endif
