/* SPDX-License-Identifier: GPL-2.0-only */
/* What a debug build says of a list whose links are wrong, and how it keeps it standing. */
#include <kernel/detect.h>
#include <lib/list.h>

#include "debug.h"

/* Report that a link is not what it should be; false. */
static bool list_broken(const struct list_head *e, const char *which, const struct list_head *at,
			const struct list_head *is, const struct list_head *should)
{
	detect(DETECT_LIST_CORRUPT, e, "list broken: %p->%s is %p, not %p", at, which, is, should);
	return false;
}

bool list_report_add(struct list_head *e, const struct list_head *prev,
		     const struct list_head *next)
{
	bool ok = true;

	if (unlikely(next->prev != prev))
		ok = list_broken(e, "prev", next, next->prev, prev);
	else if (unlikely(prev->next != next))
		ok = list_broken(e, "next", prev, prev->next, next);
	if (unlikely(!ok)) {
		INIT_LIST_HEAD(e);
	} else if (unlikely(e == prev || e == next)) {
		detect(DETECT_LIST_CORRUPT, e, "%p is added to a list that it is on", e);
		ok = false;
	}
	return ok;
}

static bool is_link(const struct list_head *p)
{
	return p && p != LIST_POISON;
}

bool list_report_del(struct list_head *e)
{
	struct list_head *prev = e->prev, *next = e->next;

	if (unlikely(next == LIST_POISON || prev == LIST_POISON))
		detect(DETECT_LIST_CORRUPT, e, "%p was removed before", e);
	else if (unlikely(!next || !prev))
		detect(DETECT_LIST_CORRUPT, e, "%p was never on a list", e);
	else if (unlikely(prev->next != e))
		list_broken(e, "next", prev, prev->next, e);
	else if (unlikely(next->prev != e))
		list_broken(e, "prev", next, next->prev, e);
	else
		return true;
	/* Whoever still points to it shall not any more. */
	if (is_link(prev) && prev->next == e && is_link(next))
		prev->next = next;
	if (is_link(next) && next->prev == e && is_link(prev))
		next->prev = prev;
	INIT_LIST_HEAD(e);
	return false;
}
