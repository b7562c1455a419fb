/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks that a debug build makes of linked lists. */
#include <kernel/list.h>
#include <kernel/panic.h>

#ifdef CONFIG_DEBUG

void list_check_add(const struct list_head *e, const struct list_head *prev,
		    const struct list_head *next)
{
	BUG_IF(next->prev != prev, "list broken: %p->prev is %p, not %p", next, next->prev, prev);
	BUG_IF(prev->next != next, "list broken: %p->next is %p, not %p", prev, prev->next, next);
	BUG_IF(e == prev || e == next, "%p is added to a list that it is on", e);
}

void list_check_del(const struct list_head *e)
{
	BUG_IF(e->next == LIST_POISON || e->prev == LIST_POISON, "%p was removed before", e);
	BUG_IF(!e->next || !e->prev, "%p was never on a list", e);
	BUG_IF(e->prev->next != e, "list broken: %p->next is %p, not %p", e->prev, e->prev->next,
	       e);
	BUG_IF(e->next->prev != e, "list broken: %p->prev is %p, not %p", e->next, e->next->prev,
	       e);
}

#endif
