/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutexes: one holder, who may sleep. Fair: unlocking hands the mutex to whoever waits longest, so
 * nobody can come in between, at the price of a switch each time that it is contended.
 *
 * Locks: m->lock protects everything in it. What a holder did is ordered before the next holder by
 * m->lock, which both take (spin_unlock releases, spin_lock acquires); tests: threads.mutex
 */
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>

void mutex_init(struct mutex *m, const char *name)
{
	spin_lock_init(&m->lock, name);
	m->owner = NULL;
	INIT_LIST_HEAD(&m->waiters);
}

bool mutex_is_mine(const struct mutex *m)
{
	return READ_ONCE(m->owner) == current;
}

bool mutex_trylock(struct mutex *m)
{
	bool got;

	spin_lock(&m->lock);
	got = !m->owner;
	if (got)
		WRITE_ONCE(m->owner, current);
	spin_unlock(&m->lock);
	if (got)
		sleep_lock_taken(m, &m->lock);
	return got;
}

void mutex_lock(struct mutex *m)
{
	struct wait_entry e = { .task = current };

	might_sleep("mutex_lock()");
	if (!sleep_lock_check(m, &m->lock))
		return;
	BUG_IF(mutex_is_mine(m), "self-deadlock: thread %s holds the mutex", current->name);
	sync_point_quiet("mutex.lock");
	spin_lock(&m->lock);
	if (!m->owner)
		WRITE_ONCE(m->owner, current);
	else
		list_add_tail(&e.node, &m->waiters);
	while (m->owner != current) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&m->lock);
		schedule();
		spin_lock(&m->lock);
	}
	spin_unlock(&m->lock);
	sleep_lock_taken(m, &m->lock);
}

void mutex_unlock(struct mutex *m)
{
	struct wait_entry *first;

	if (!sleep_lock_released(m))
		return;
	BUG_IF(!mutex_is_mine(m), "thread %s unlocks the mutex of %s", current->name,
	       m->owner ? m->owner->name : "nobody");
	spin_lock(&m->lock);
	if (list_empty(&m->waiters)) {
		WRITE_ONCE(m->owner, NULL);
	} else {
		first = list_first_entry(&m->waiters, struct wait_entry, node);
		list_del(&first->node);
		WRITE_ONCE(m->owner, first->task);
		/* Its entry is good until it gets m->lock. */
		wake_up_process(first->task);
	}
	spin_unlock(&m->lock);
}
