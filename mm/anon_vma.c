/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of anon_vmas: their cache, whose kind the form of the reverse map chooses, and its
 * constructor. Who makes and frees them, and why a dead one remains harmless: mm/rmap.c.
 */
#include <arch/atomic.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <lib/errno.h>
#include <mm/rmap.h>
#include <mm/slab.h>

#include "internal.h"

static struct kmem_cache *anon_vma_cache;
static unsigned long nr_anon_vmas; /* atomic */
struct anon_vma *(*anon_vma_supply)(void);

static void anon_vma_ctor(void *obj)
{
	struct anon_vma *anon_vma = obj;

	spin_lock_init(&anon_vma->lock, "anon_vma");
	INIT_LIST_HEAD(&anon_vma->head);
	anon_vma_debug_init(anon_vma);
}

void anon_vma_construct(struct anon_vma *anon_vma)
{
	anon_vma_ctor(anon_vma);
}

/* Destroy the cache that there is, if any. -EBUSY: something of it is in use. */
static int anon_vma_cache_destroy(void)
{
	return anon_vma_cache && kmem_cache_destroy(anon_vma_cache) ? -EBUSY : 0;
}

int anon_vma_cache_set(u32 flags)
{
	struct kmem_cache *new;

	if (anon_vma_count())
		return -EBUSY;
	new = kmem_cache_create("anon_vma", sizeof(struct anon_vma), 0, flags, anon_vma_ctor);
	if (!new)
		return -ENOMEM;
	if (anon_vma_cache_destroy()) {
		kmem_cache_destroy(new);
		return -EBUSY;
	}
	anon_vma_cache = new;
	return 0;
}

unsigned long anon_vma_count(void)
{
	return READ_ONCE(nr_anon_vmas);
}

struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *(*supply)(void) = READ_ONCE(anon_vma_supply);
	struct anon_vma *anon_vma;

	if (unlikely(supply))
		return supply();
	anon_vma = kmem_cache_alloc(anon_vma_cache, GFP_KERNEL);
	if (anon_vma)
		fetch_add_relaxed(&nr_anon_vmas, 1);
	event("anon_vma allocated", anon_vma);
	return anon_vma;
}

void anon_vma_free(struct anon_vma *anon_vma)
{
	BUG_ON(!list_empty(&anon_vma->head));
	event("anon_vma freed", anon_vma);
	fetch_add_relaxed(&nr_anon_vmas, -1);
	kmem_cache_free(anon_vma_cache, anon_vma);
}
