/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a debug build checks of changes to the list of an anon_vma, and of walks.
 *
 * Who may change the list: who has its lock; or, while nobody else can know the anon_vma as what it
 * is going to be, who has just allocated it. The latter is what a type-safe cache takes away: a
 * reader who came too late may have the lock of what was another anon_vma a moment ago, and walk
 * the list, so an unlocked insertion is reported when somebody has the lock. It is reported, too,
 * when the area has the anon_vma already, as others can find it then.
 *
 * Two insertions without the lock lose one of the areas, for links as well as for walks:
 *
 *	CPU 0			CPU 1
 *	prev = head->prev
 *				prev = head->prev
 *	prev->next = a
 *	head->prev = a
 *				prev->next = b: a is on no list
 *				head->prev = b
 *
 * The links do not contradict one another then. Hence anon_vma->nr, which walks compare with what
 * they find; and the last area is told by it, so that a contained report leaves no anon_vma freed
 * twice.
 */
#include <arch/atomic.h>
#include <kernel/detect.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <lib/poison.h>
#include <mm/rmap.h>

#include "internal.h"

bool anon_vma_report_unraced = true;

#ifdef CONFIG_DEBUG

void anon_vma_debug_init(struct anon_vma *anon_vma)
{
	anon_vma->nr = 0;
	anon_vma->magic = ANON_VMA_MAGIC;
}

bool anon_vma_check(const struct anon_vma *anon_vma, const char *done)
{
	u32 magic = READ_ONCE(anon_vma->magic);

	if (likely(magic == ANON_VMA_MAGIC))
		return true;
	if (magic == POISON32(POISON_NEW))
		detect(DETECT_UNINIT, anon_vma, "an anon_vma is %s before its constructor was seen",
		       done);
	else
		detect(DETECT_LOCK_TYPE, anon_vma, "what is %s is no anon_vma any more: canary %x",
		       done, magic);
	return false;
}

static unsigned int list_nr(const struct anon_vma *anon_vma)
{
	return READ_ONCE(anon_vma->nr);
}

void anon_vma_list_count(struct anon_vma *anon_vma, u32 n)
{
	fetch_add_relaxed(&anon_vma->nr, n);
}

bool anon_vma_list_check(const struct anon_vma *anon_vma, const struct vm_area_struct *vma,
			 const char *change, bool published)
{
	int holder;

	if (likely(spin_is_mine(&anon_vma->lock)))
		return true;
	holder = spin_holder(&anon_vma->lock);
	if (holder >= 0)
		detect(DETECT_LIST_UNLOCKED, anon_vma,
		       "area %p is %s without the lock, which cpu %d has", vma, change, holder);
	else if (published && READ_ONCE(anon_vma_report_unraced))
		detect(DETECT_LIST_UNLOCKED, anon_vma,
		       "area %p is %s without the lock, though the anon_vma is published", vma,
		       change);
	else
		return true;
	return false;
}

bool anon_vma_list_is_last(struct anon_vma *anon_vma)
{
	bool last = !list_nr(anon_vma);

	if (unlikely(list_empty(&anon_vma->head) != last))
		detect(DETECT_LIST_CORRUPT, anon_vma, "the list is %s, but %u areas should be left",
		       last ? "not empty" : "empty", list_nr(anon_vma));
	return last;
}

bool anon_vma_walk_begin(const struct anon_vma *anon_vma)
{
	if (!anon_vma_check(anon_vma, "walked"))
		return false;
	if (likely(spin_is_mine(&anon_vma->lock)))
		return true;
	detect(DETECT_LIST_UNLOCKED, anon_vma, "the list is walked without the lock");
	return false;
}

bool anon_vma_walk_next(const struct anon_vma *anon_vma, const struct list_head *prev,
			const struct list_head *node, unsigned int nr)
{
	/* An area is a slab object: nothing else is worth a look. */
	if (unlikely(!virt_to_page(node)))
		detect(DETECT_LIST_CORRUPT, anon_vma, "link %u of the list leads to %p", nr, node);
	else if (unlikely(node->prev != prev))
		detect(DETECT_LIST_CORRUPT, anon_vma, "list broken: %p->prev is %p, not %p", node,
		       node->prev, prev);
	else if (unlikely(nr > list_nr(anon_vma)))
		detect(DETECT_LIST_CORRUPT, anon_vma, "the list has more than its %u areas",
		       list_nr(anon_vma));
	else
		return true;
	return false;
}

void anon_vma_walk_end(const struct anon_vma *anon_vma, unsigned int nr)
{
	if (unlikely(nr != list_nr(anon_vma)))
		detect(DETECT_LIST_CORRUPT, anon_vma, "%u areas on the list, %u were entered", nr,
		       list_nr(anon_vma));
}

void rcu_check_leaked(int nesting, const char *what)
{
	if (likely(current->rcu_nesting <= nesting))
		return;
	detect(DETECT_LOCK_LEAKED, current, "%s has not ended its RCU reader", what);
	while (current->rcu_nesting > nesting)
		rcu_read_unlock();
}

void rcu_check_reader(const char *what)
{
	/* In both flavours by its nesting: preemption may be off for another reason. */
	if (unlikely(!rcu_read_lock_held()))
		detect(DETECT_CONTEXT, current, "%s is called outside of an RCU reader", what);
}

#else

void anon_vma_debug_init(struct anon_vma *anon_vma)
{
}

bool anon_vma_check(const struct anon_vma *anon_vma, const char *done)
{
	return true;
}

void anon_vma_list_count(struct anon_vma *anon_vma, u32 n)
{
}

bool anon_vma_list_check(const struct anon_vma *anon_vma, const struct vm_area_struct *vma,
			 const char *change, bool published)
{
	return true;
}

bool anon_vma_list_is_last(struct anon_vma *anon_vma)
{
	return list_empty(&anon_vma->head);
}

void rcu_check_leaked(int nesting, const char *what)
{
}

void rcu_check_reader(const char *what)
{
}

#endif
