/* SPDX-License-Identifier: GPL-2.0-only */
/* What slab.c and slab_debug.c share. */
#pragma once

#include <kernel/percpu.h>
#include <mm/page.h>
#include <mm/slab.h>

#define MAGAZINE_MAX   54
#define SLAB_MAX_ORDER 3

/* Free objects at hand for one CPU; that CPU's, interrupts off. Statistics are read by anyone. */
struct magazine {
	u32 nr, limit;
	u64 allocs, frees, failures, refills, flushes;
	s64 waiting; /* objects given to RCU less those that came back, here */
	void *obj[MAGAZINE_MAX];
} __aligned(ARCH_CACHE_LINE_MAX);

struct kmem_cache {
	const char *name;
	void (*ctor)(void *obj);
	u32 flags;
	u32 size;	 /* from one object to the next */
	u32 object_size; /* as asked for */
	u32 zone_end;	 /* red zone: [object_size, zone_end) */
	u32 rcu_off;	 /* SLAB_FREE_BY_RCU: the rcu_head */
	u32 objects;	 /* in a slab */
	u32 next_off;	 /* in a slab: u16 next[objects], the list of its free objects */
	u32 track_off;	 /* in a slab: struct slab_track[objects]; debug */
	u32 order;
	u32 align;
	size_t bytes; /* of this struct with the magazines */

	struct spinlock lock;
	struct list_head empty, partial, full; /* slabs by lru; under lock */
	unsigned long nr_slabs, nr_empty;      /* under lock */
	u64 slabs_made, slabs_freed;	       /* under lock */
	unsigned long slabs_rcu;	       /* atomic */
	struct list_head node;		       /* on the list of caches; its lock */

	struct magazine magazine[]; /* one for each CPU that there may be */
};

/* Object of a slab by number, and back. */
static inline void *slab_object(const struct kmem_cache *s, const struct page *slab, u32 i)
{
	return (char *)page_address(slab) + (size_t)i * s->size;
}

static inline u32 slab_index(const struct kmem_cache *s, const struct page *slab, const void *obj)
{
	return (u32)((unsigned long)obj - (unsigned long)page_address(slab)) / s->size;
}

/* The slab that @p lies in, or NULL if in none. */
static inline struct page *slab_of(const void *p)
{
	struct page *page = virt_to_page(p);

	return page && page_test_flag(page, PG_slab) ? page->slab_head : NULL;
}

/* ---- mm/slab.c ---- */

/* The public functions, for a caller who is to be remembered as @pc, or who chooses @gfp. */
void *slab_alloc(struct kmem_cache *s, gfp_t gfp, unsigned long pc);
void slab_free(struct kmem_cache *s, void *obj, unsigned long pc);
struct kmem_cache *slab_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*ctor)(void *obj), gfp_t gfp);

/* ---- mm/slab_debug.c: in a release build they do nothing ---- */

#ifdef CONFIG_DEBUG
/* One object's life. */
struct slab_track {
	u32 state; /* enum slab_state; by cmpxchg */
	unsigned long alloc_pc, free_pc;
};
enum slab_state { OBJ_FREE = 0xf5ee, OBJ_USED = 0xa110, OBJ_WAITS = 0x3a17 };

#define SLAB_ZONE_BYTES 16 /* of red zone, and what alignment adds */
#define SLAB_TRACK_SIZE sizeof(struct slab_track)

/* Flags that a cache gets besides those asked for. */
#define SLAB_FORCED_FLAGS SLAB_DEBUG_FLAGS
#define SLAB_KEPT_FLAGS	  (~0U)

/* A new slab, before its objects: what no constructor initialises is seen to be just that. */
void slab_debug_fresh(struct kmem_cache *s, struct page *slab);
void slab_debug_init_object(struct kmem_cache *s, struct page *slab, void *obj);
/* The object leaves (comes back to) the allocator: panics when something is wrong with it. */
void slab_debug_alloc(struct kmem_cache *s, void *obj, unsigned long pc);
void slab_debug_free(struct kmem_cache *s, void *obj, unsigned long pc);
/* SLAB_FREE_BY_RCU: it begins to wait; slab_debug_free() comes after. */
void slab_debug_wait(struct kmem_cache *s, void *obj, unsigned long pc);
/* The slab is about to be given back: look at every object. */
void slab_debug_check_slab(struct kmem_cache *s, struct page *slab);
/* Say which objects are in use. */
void slab_debug_report_used(struct kmem_cache *s);
#else
#define SLAB_ZONE_BYTES	  0
#define SLAB_TRACK_SIZE	  0
#define SLAB_FORCED_FLAGS 0
#define SLAB_KEPT_FLAGS	  (~SLAB_DEBUG_FLAGS)

static inline void slab_debug_fresh(struct kmem_cache *s, struct page *slab)
{
}
static inline void slab_debug_init_object(struct kmem_cache *s, struct page *slab, void *obj)
{
}
static inline void slab_debug_alloc(struct kmem_cache *s, void *obj, unsigned long pc)
{
}
static inline void slab_debug_free(struct kmem_cache *s, void *obj, unsigned long pc)
{
}
static inline void slab_debug_wait(struct kmem_cache *s, void *obj, unsigned long pc)
{
}
static inline void slab_debug_check_slab(struct kmem_cache *s, struct page *slab)
{
}
static inline void slab_debug_report_used(struct kmem_cache *s)
{
}
#endif

/* End with what is known of the object: which, whose, and who freed it last. */
void slab_panic(const char *what, struct kmem_cache *s, const void *obj) __noreturn;
