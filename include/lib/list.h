/* SPDX-License-Identifier: GPL-2.0-only */
/* Doubly linked circular lists with the head as an element. The caller provides the locking. */
#pragma once

#include <lib/compiler.h>
#include <lib/poison.h>
#include <lib/types.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) \
	{ \
		&(name), &(name) \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	WRITE_ONCE(l->next, l);
	l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
	return READ_ONCE(l->next) == l;
}

#ifdef CONFIG_DEBUG
/*
 * Can @e stand between @prev and @next? Is @e on a list? If not: a report (DETECT_LIST_CORRUPT);
 * when that is contained, @e is left on no list, the list's own links whole as far as that can be
 * told, and the caller does nothing more.
 */
bool list_check_add(struct list_head *e, const struct list_head *prev,
		    const struct list_head *next);
bool list_check_del(struct list_head *e);
#else
static inline bool list_check_add(struct list_head *e, const struct list_head *prev,
				  const struct list_head *next)
{
	return true;
}
static inline bool list_check_del(struct list_head *e)
{
	return true;
}
#endif

static inline void __list_add(struct list_head *e, struct list_head *prev, struct list_head *next)
{
	if (!list_check_add(e, prev, next))
		return;
	next->prev = e;
	e->next = next;
	e->prev = prev;
	WRITE_ONCE(prev->next, e);
}

static inline void list_add(struct list_head *e, struct list_head *head)
{
	__list_add(e, head, head->next);
}

static inline void list_add_tail(struct list_head *e, struct list_head *head)
{
	__list_add(e, head->prev, head);
}

static inline void list_del(struct list_head *e)
{
	if (!list_check_del(e))
		return;
	e->next->prev = e->prev;
	WRITE_ONCE(e->prev->next, e->next);
	e->next = LIST_POISON;
	e->prev = LIST_POISON;
}

static inline void list_del_init(struct list_head *e)
{
	list_del(e);
	INIT_LIST_HEAD(e);
}

static inline void list_move_tail(struct list_head *e, struct list_head *head)
{
	list_del(e);
	list_add_tail(e, head);
}

static inline void list_move(struct list_head *e, struct list_head *head)
{
	list_del(e);
	list_add(e, head);
}

/* Move all of @from to the front of @to; @from is empty afterwards. */
static inline void list_splice_init(struct list_head *from, struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	INIT_LIST_HEAD(from);
}

#define list_entry(p, type, member)	  container_of(p, type, member)
#define list_first_entry(h, type, member) list_entry((h)->next, type, member)
#define list_last_entry(h, type, member)  list_entry((h)->prev, type, member)

#define list_for_each_entry(pos, head, member) \
	for ((pos) = list_entry((head)->next, __typeof__(*(pos)), member); \
	     &(pos)->member != (head); \
	     (pos) = list_entry((pos)->member.next, __typeof__(*(pos)), member))

#define list_for_each_entry_safe(pos, n, head, member) \
	for ((pos) = list_entry((head)->next, __typeof__(*(pos)), member), \
	    (n) = list_entry((pos)->member.next, __typeof__(*(pos)), member); \
	     &(pos)->member != (head); \
	     (pos) = (n), (n) = list_entry((n)->member.next, __typeof__(*(n)), member))
