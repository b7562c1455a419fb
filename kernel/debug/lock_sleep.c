/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sleeping locks that each task holds, for the order of locks (lock_order.c). Threads move from
 * CPU to CPU, so the list is the task's own; nobody else looks at it. A sleeping lock under a
 * spinlock is might_sleep()'s to report.
 *
 * A lock that the thread has already would be waited for for ever, even one that both times is
 * taken for reading, if a writer came in between (semaphores are fair):
 *
 *	thread			another
 *	down_read()
 *				down_write(): waits
 *	down_read(): waits
 *
 * Such a report may be contained: then it is entered as not truly held.
 */
#include <kernel/detect.h>
#include <kernel/lock_order.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>

#ifdef CONFIG_DEBUG

/* The last entry of @lock, or -1. */
static int held_find(const struct task_struct *t, const void *lock)
{
	int i = t->nr_sleep_held;

	while (--i >= 0 && t->sleep_held[i].lock != lock)
		;
	return i;
}

static void held_add(const void *lock, struct spinlock *inner, bool truly)
{
	struct task_struct *t = current;

	BUG_IF(t->nr_sleep_held == SLEEP_HELD_MAX, "thread %s holds %u sleeping locks", t->name,
	       SLEEP_HELD_MAX);
	t->sleep_held[t->nr_sleep_held++] = (struct held_sleeping){
		.lock = lock,
		.class = truly ? lock_class_sleeping(inner) : LOCK_CLASS_NONE,
		.truly = truly,
	};
}

bool sleep_lock_check(const void *lock, struct spinlock *inner)
{
	struct task_struct *t = current;

	if (unlikely(held_find(t, lock) >= 0)) {
		detect(DETECT_SELF_DEADLOCK, lock, "sleeping lock %s is already held by thread %s",
		       inner->name, t->name);
		held_add(lock, inner, false);
		return false;
	}
	for (u32 i = 0; i < t->nr_sleep_held; i++)
		lock_order_check(t->sleep_held[i].class, lock_class_sleeping(inner), lock);
	return true;
}

void sleep_lock_taken(const void *lock, struct spinlock *inner)
{
	held_add(lock, inner, true);
}

bool sleep_lock_released(const void *lock)
{
	struct task_struct *t = current;
	int i = held_find(t, lock);
	bool truly;

	if (unlikely(i < 0)) {
		detect(DETECT_LOCK_STOLEN, lock,
		       "sleeping lock %p is released by thread %s, which has not taken it", lock,
		       t->name);
		return false;
	}
	truly = t->sleep_held[i].truly;
	t->nr_sleep_held--;
	for (; i < (int)t->nr_sleep_held; i++)
		t->sleep_held[i] = t->sleep_held[i + 1];
	return truly;
}

void sleep_lock_check_leaked(void)
{
	struct task_struct *t = current;

	if (unlikely(t->nr_sleep_held))
		detect(DETECT_LOCK_LEAKED, t->sleep_held[0].lock,
		       "thread %s ends with %u sleeping locks held", t->name, t->nr_sleep_held);
}

#endif
