/* SPDX-License-Identifier: GPL-2.0-only */
/* The looks that a debug build takes at the links of a list before it changes them. */
#include <lib/list.h>
#include <lib/report.h>

#ifdef CONFIG_DEBUG

bool list_check_add(struct list_head *e, const struct list_head *prev, const struct list_head *next)
{
	if (likely(next->prev == prev && prev->next == next && e != prev && e != next))
		return true;
	return __report_ops->list_add(e, prev, next);
}

bool list_check_del(struct list_head *e)
{
	struct list_head *prev = e->prev, *next = e->next;

	if (likely(next != LIST_POISON && prev != LIST_POISON && next && prev && prev->next == e &&
		   next->prev == e))
		return true;
	return __report_ops->list_del(e);
}

#endif
