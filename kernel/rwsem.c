/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader-writer semaphores: many readers or one writer, who may sleep. Fair: whoever comes while
 * others wait queues up behind them, so neither side can starve the other; who leaves admits from
 * the front of the queue, one writer or all readers up to the next writer.
 *
 * s->count has all that decides: how many read, whether somebody writes, whether anybody waits.
 * While nobody waits, readers come and go by one atomic operation on it and take no lock, for that
 * would be a bad place for them to meet: the holder, of however few instructions, may be put aside
 * by a hypervisor.
 *
 * Who is to wait enters the queue and then sets WAITS, both under s->lock; the last who leaves sees
 * WAITS, and admits. Neither can miss the other, since both change one variable:
 *
 *	reader leaves				writer comes
 *	count -= READER: WAITS was not set
 *						lock; onto the queue
 *						count |= WAITS: no readers: admits itself
 * or
 *						count |= WAITS: one reader: sleeps
 *	count -= READER: WAITS is set, and
 *	no reader left: lock, admit
 *
 * While WAITS is set count changes by who leaves, and under s->lock.
 *
 * Locks: s->lock protects the queue and what its entries say. The holders are ordered by count,
 * acquire on the way in and release on the way out, or, who was admitted from the queue, by s->lock
 * as well; tests: threads.rwsem, threads.rwsem_order
 */
#include <arch/atomic.h>
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>

struct rwsem_waiter {
	struct wait_entry entry;
	bool writes;
	bool admitted; /* s->lock */
};

void init_rwsem(struct rw_semaphore *s, const char *name)
{
	s->count = 0;
	spin_lock_init(&s->lock, name);
	s->writer = NULL;
	INIT_LIST_HEAD(&s->waiters);
}

bool rwsem_is_locked(const struct rw_semaphore *s)
{
	return READ_ONCE(s->count) & ~RWSEM_WAITS;
}

bool rwsem_is_mine(const struct rw_semaphore *s)
{
	return READ_ONCE(s->writer) == current;
}

/* ---- the slow ways, by the queue ---- */

/* Let in whom the semaphore now has room for. s->lock is held, and somebody waits. */
static void rwsem_admit_locked(struct rw_semaphore *s)
{
	while (!list_empty(&s->waiters)) {
		struct rwsem_waiter *w =
			list_first_entry(&s->waiters, struct rwsem_waiter, entry.node);
		u64 count = READ_ONCE(s->count);

		/* Nobody comes in meanwhile; who leaves now calls this again. */
		if ((count & RWSEM_WRITES) || (w->writes && count >= RWSEM_READER))
			return;
		/*
		 * acquire: pairs with the release in up_read() and rwsem_leave_write(); what the
		 * last holders did before what the admitted does, who gets s->lock after us;
		 * tests: litmus.lock-MP, threads.rwsem
		 */
		fetch_add_acquire(&s->count, w->writes ? RWSEM_WRITES : RWSEM_READER);
		if (w->writes)
			WRITE_ONCE(s->writer, w->entry.task);
		list_del(&w->entry.node);
		if (list_empty(&s->waiters))
			fetch_add_relaxed(&s->count, -RWSEM_WAITS);
		w->admitted = true;
		/* The entry is good until its owner gets s->lock. */
		wake_up_process(w->entry.task);
	}
}

static noinline void rwsem_wait(struct rw_semaphore *s, bool writes)
{
	struct rwsem_waiter w = { .entry.task = current, .writes = writes };

	sync_point_quiet("rwsem.wait");
	spin_lock(&s->lock);
	if (list_empty(&s->waiters))
		fetch_add_relaxed(&s->count, RWSEM_WAITS);
	list_add_tail(&w.entry.node, &s->waiters);
	/* It may have become free before we set WAITS: then nobody else will admit us. */
	rwsem_admit_locked(s);
	while (!w.admitted) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&s->lock);
		schedule();
		spin_lock(&s->lock);
	}
	spin_unlock(&s->lock);
}

static noinline void rwsem_admit(struct rw_semaphore *s)
{
	spin_lock(&s->lock);
	rwsem_admit_locked(s);
	spin_unlock(&s->lock);
}

/* ---- readers ---- */

static bool read_try(struct rw_semaphore *s)
{
	u64 old = READ_ONCE(s->count), found;

	while (!(old & (RWSEM_WRITES | RWSEM_WAITS))) {
		/*
		 * acquire: pairs with the release in rwsem_leave_write(); what the
		 * writer wrote before what we read; tests: litmus.lock-MP, threads.rwsem
		 */
		found = cmpxchg_acquire(&s->count, old, old + RWSEM_READER);
		if (found == old)
			return true;
		old = found;
	}
	return false;
}

bool down_read_trylock(struct rw_semaphore *s)
{
	if (!read_try(s))
		return false;
	sleep_lock_taken(s, &s->lock);
	return true;
}

void down_read(struct rw_semaphore *s)
{
	might_sleep("down_read()");
	if (!sleep_lock_check(s, &s->lock))
		return;
	BUG_IF(rwsem_is_mine(s), "self-deadlock: thread %s writes already", current->name);
	if (!read_try(s))
		rwsem_wait(s, false);
	sleep_lock_taken(s, &s->lock);
}

void up_read(struct rw_semaphore *s)
{
	u64 old;

	if (!sleep_lock_released(s))
		return;
	/*
	 * release: pairs with the acquire in write_try() and rwsem_admit_locked(); what we
	 * read before what the next writer writes; tests: litmus.lock-MP, threads.rwsem
	 */
	old = fetch_add_release(&s->count, -RWSEM_READER);
	BUG_IF(old < RWSEM_READER, "up_read() without a reader, count %llx",
	       (unsigned long long)old);
	/* The last one out, and somebody waits. */
	if (old / RWSEM_READER == 1 && (old & RWSEM_WAITS))
		rwsem_admit(s);
}

/* ---- writers ---- */

static bool write_try(struct rw_semaphore *s)
{
	/*
	 * acquire: pairs with the release in up_read() and rwsem_leave_write(); what earlier
	 * holders did before what we do; tests: litmus.lock-MP, threads.rwsem
	 */
	if (READ_ONCE(s->count) || cmpxchg_acquire(&s->count, 0ULL, RWSEM_WRITES))
		return false;
	WRITE_ONCE(s->writer, current);
	return true;
}

bool down_write_trylock(struct rw_semaphore *s)
{
	if (!write_try(s))
		return false;
	sleep_lock_taken(s, &s->lock);
	return true;
}

void down_write(struct rw_semaphore *s)
{
	might_sleep("down_write()");
	if (!sleep_lock_check(s, &s->lock))
		return;
	BUG_IF(rwsem_is_mine(s), "self-deadlock: thread %s writes already", current->name);
	if (!write_try(s))
		rwsem_wait(s, true);
	sleep_lock_taken(s, &s->lock);
}

/* No longer write, and add @more. */
static void rwsem_leave_write(struct rw_semaphore *s, u64 more)
{
	u64 old;

	BUG_IF(!rwsem_is_mine(s), "thread %s does not write", current->name);
	WRITE_ONCE(s->writer, NULL);
	/*
	 * release: pairs with the acquire in read_try(), write_try() and
	 * rwsem_admit_locked(); what we wrote before what the next ones do;
	 * tests: litmus.lock-MP, threads.rwsem
	 */
	old = fetch_add_release(&s->count, more - RWSEM_WRITES);
	if (old & RWSEM_WAITS)
		rwsem_admit(s);
}

void up_write(struct rw_semaphore *s)
{
	if (sleep_lock_released(s))
		rwsem_leave_write(s, 0);
}

void downgrade_write(struct rw_semaphore *s)
{
	rwsem_leave_write(s, RWSEM_READER);
}
