/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader-writer semaphores: many readers or one writer, who may sleep. Fair: whoever comes while
 * others wait queues up behind them, so neither side can starve the other; who leaves admits from
 * the front of the queue, one writer or all readers up to the next writer.
 *
 * Locks: s->lock protects everything in it; inside it only run queue locks. It also orders the
 * holders, as in mutex.c; tests: threads.rwsem
 */
#include <kernel/panic.h>
#include <kernel/wait.h>

struct rwsem_waiter {
	struct wait_entry entry;
	bool writes;
	bool admitted; /* s->lock */
};

void init_rwsem(struct rw_semaphore *s, const char *name)
{
	spin_lock_init(&s->lock, name);
	s->readers = 0;
	s->writer = NULL;
	INIT_LIST_HEAD(&s->waiters);
}

bool rwsem_is_locked(const struct rw_semaphore *s)
{
	return READ_ONCE(s->readers) || READ_ONCE(s->writer);
}

bool rwsem_is_mine(const struct rw_semaphore *s)
{
	return READ_ONCE(s->writer) == current;
}

/* Let in whom the semaphore now has room for. s->lock is held. */
static void rwsem_admit_locked(struct rw_semaphore *s)
{
	while (!list_empty(&s->waiters) && !s->writer) {
		struct rwsem_waiter *w =
			list_first_entry(&s->waiters, struct rwsem_waiter, entry.node);

		if (w->writes && s->readers)
			return;
		list_del(&w->entry.node);
		if (w->writes)
			WRITE_ONCE(s->writer, w->entry.task);
		else
			WRITE_ONCE(s->readers, s->readers + 1);
		w->admitted = true;
		/* The entry is good until its owner gets s->lock. */
		wake_up_process(w->entry.task);
	}
}

/* s->lock is held, and released. */
static void rwsem_wait(struct rw_semaphore *s, bool writes)
{
	struct rwsem_waiter w = { .entry.task = current, .writes = writes };

	list_add_tail(&w.entry.node, &s->waiters);
	while (!w.admitted) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&s->lock);
		schedule();
		spin_lock(&s->lock);
	}
	spin_unlock(&s->lock);
}

static bool rwsem_try_read_locked(struct rw_semaphore *s)
{
	if (s->writer || !list_empty(&s->waiters))
		return false;
	WRITE_ONCE(s->readers, s->readers + 1);
	return true;
}

static bool rwsem_try_write_locked(struct rw_semaphore *s)
{
	if (s->writer || s->readers || !list_empty(&s->waiters))
		return false;
	WRITE_ONCE(s->writer, current);
	return true;
}

void down_read(struct rw_semaphore *s)
{
	might_sleep("down_read()");
	BUG_IF(rwsem_is_mine(s), "self-deadlock: thread %s writes already", current->name);
	spin_lock(&s->lock);
	if (rwsem_try_read_locked(s))
		spin_unlock(&s->lock);
	else
		rwsem_wait(s, false);
}

bool down_read_trylock(struct rw_semaphore *s)
{
	bool got;

	spin_lock(&s->lock);
	got = rwsem_try_read_locked(s);
	spin_unlock(&s->lock);
	return got;
}

void up_read(struct rw_semaphore *s)
{
	spin_lock(&s->lock);
	BUG_IF(s->readers <= 0, "up_read() with %d readers", s->readers);
	WRITE_ONCE(s->readers, s->readers - 1);
	rwsem_admit_locked(s);
	spin_unlock(&s->lock);
}

void down_write(struct rw_semaphore *s)
{
	might_sleep("down_write()");
	BUG_IF(rwsem_is_mine(s), "self-deadlock: thread %s writes already", current->name);
	spin_lock(&s->lock);
	if (rwsem_try_write_locked(s))
		spin_unlock(&s->lock);
	else
		rwsem_wait(s, true);
}

bool down_write_trylock(struct rw_semaphore *s)
{
	bool got;

	spin_lock(&s->lock);
	got = rwsem_try_write_locked(s);
	spin_unlock(&s->lock);
	return got;
}

void up_write(struct rw_semaphore *s)
{
	BUG_IF(!rwsem_is_mine(s), "thread %s does not write", current->name);
	spin_lock(&s->lock);
	WRITE_ONCE(s->writer, NULL);
	rwsem_admit_locked(s);
	spin_unlock(&s->lock);
}

void downgrade_write(struct rw_semaphore *s)
{
	BUG_IF(!rwsem_is_mine(s), "thread %s does not write", current->name);
	spin_lock(&s->lock);
	WRITE_ONCE(s->readers, 1);
	WRITE_ONCE(s->writer, NULL);
	rwsem_admit_locked(s);
	spin_unlock(&s->lock);
}
