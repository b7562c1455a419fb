/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slab allocator: caches of objects of one size (after Bonwick, "The Slab Allocator", 1994, and
 * "Magazines and Vmem", 2001).
 *
 * How an object, and the memory under it, goes away is chosen by the cache:
 *
 * at once (no flag)	The object may be given out again, and its page may become anything else, as
 *			soon as kmem_cache_free() has been called.
 *
 * SLAB_DESTROY_BY_RCU	Type-safe: the object may be given out again at once, also while RCU readers
 *			still look at it, but until a grace period has passed it remains an object
 *			of this cache. Only the slab's *pages* wait. A reader who got the pointer
 *			from somewhere must therefore lock the object and then look whether it is
 *			still the one he meant; and the lock must be in the state that the
 *			constructor (not the allocating code) gave it:
 *
 *				rcu_read_lock();
 *				obj = rcu_dereference(*where);
 *				if (obj) {
 *					spin_lock(&obj->lock);
 *					if (obj is not what we look for any more)
 *						...
 *				}
 *
 *			So the cache never writes to the body of an object after its constructor,
 *			and checks nothing in it: poison and red zone lie beside it.
 *
 * SLAB_FREE_BY_RCU	Each object waits for a grace period before it may be given out again.
 *			Dearer in memory and time, and readers need no second look.
 */
#pragma once

#include <kernel/spinlock.h>
#include <lib/list.h>
#include <lib/types.h>
#include <mm/gfp.h>

#define SLAB_DESTROY_BY_RCU 0x1U
#define SLAB_FREE_BY_RCU    0x2U
#define SLAB_POISON	    0x4U  /* fill free objects, look at it on allocation */
#define SLAB_RED_ZONE	    0x8U  /* guard bytes behind each object */
#define SLAB_HWCACHE_ALIGN  0x10U /* each object on cache lines of its own */
/* A debug build sets both; a release build leaves them out, asked for or not. */
#define SLAB_DEBUG_FLAGS    (SLAB_POISON | SLAB_RED_ZONE)

#define KMALLOC_MAX_CACHE_SIZE 8192

struct kmem_cache;

/*
 * A cache of objects of @size bytes at multiples of @align (a power of two, 0: of a pointer), or
 * NULL without memory or for arguments that make no sense. @name must stay valid.
 *
 * @ctor, if any, is called once for each object when its slab is made; who frees an object must
 * give it back in that state. With a constructor objects are not poisoned. May sleep.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *obj));

/*
 * Give back all its memory, and the cache. -EBUSY, with a report on the console, when objects are
 * still in use: the cache then lives on. Nobody may use it meanwhile. May sleep: waits for RCU if
 * the cache uses it.
 */
int kmem_cache_destroy(struct kmem_cache *s);

/*
 * An object, or NULL. Context: see mm/gfp.h. __GFP_ZERO not together with a constructor.
 * Of a type-safe cache it may be one that RCU readers are looking at.
 */
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);

/* Any context but NMI. */
void kmem_cache_free(struct kmem_cache *s, void *obj);

/*
 * Give empty slabs back, those on the CPUs' magazines too (for type-safe caches: to RCU). Returns
 * how many pages. Interrupts enabled.
 */
unsigned long kmem_cache_shrink(struct kmem_cache *s);
/* The same for every cache: for reclaim. Returns only those pages that are free now. */
unsigned long kmem_cache_shrink_all(void);
/* Pages of slabs that were given to RCU and are not yet free. Any context; may be in motion. */
unsigned long kmem_cache_pages_waiting(void);

struct kmem_cache_stats {
	const char *name;
	size_t object_size;	   /* as asked for */
	size_t size;		   /* what one takes */
	unsigned int per_slab;	   /* objects */
	unsigned int order;	   /* pages of a slab: 2^order */
	unsigned long active;	   /* objects in use */
	unsigned long waiting;	   /* objects that wait for a grace period */
	unsigned long slabs;	   /* now */
	unsigned long slabs_empty; /* of these: no object in use or in a magazine */
	unsigned long slabs_rcu;   /* given to RCU and not yet free */
	u64 allocs, frees, failures;
	u64 refills, flushes; /* a magazine met the slabs */
	u64 slabs_made, slabs_freed;
};
/* Exact while nobody uses the cache. Any context. */
void kmem_cache_read_stats(struct kmem_cache *s, struct kmem_cache_stats *st);

/* Call fn(stats, arg) for every cache. fn may not create or destroy one. */
void kmem_cache_for_each(void (*fn)(const struct kmem_cache_stats *st, void *arg), void *arg);

/*
 * Memory of any size up to a block of 2^MAX_PAGE_ORDER pages; aligned to 16 bytes. kfree(NULL) does
 * nothing. Contexts as for the caches.
 */
void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *p);

/* The caches of kmalloc(). Boot CPU, once, after page_alloc_init(). */
void kmem_cache_init(void);
