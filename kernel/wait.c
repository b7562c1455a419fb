/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Wait queues. An entry is on its sleeper's stack and leaves the queue only by the sleeper itself,
 * in wait_finish(); so a waker that holds the queue's lock can rely on it.
 *
 * Locks: q->lock with interrupts disabled (wake-ups come from them).
 */
#include <kernel/panic.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>

void wait_queue_init(struct wait_queue *q, const char *name)
{
	spin_lock_init(&q->lock, name);
	INIT_LIST_HEAD(&q->waiters);
}

void wait_prepare(struct wait_queue *q, struct wait_entry *e)
{
	unsigned long flags;

	sync_point_quiet("wait.prepare");
	flags = spin_lock_irqsave(&q->lock);
	if (!e->task) {
		e->task = current;
		list_add_tail(&e->node, &q->waiters);
	}
	/* Its barrier orders the enqueueing before the caller's test too; pairs with the barrier
	 * in wake_up_all(); tests: threads.order_queue */
	set_current_state(TASK_UNINTERRUPTIBLE);
	spin_unlock_irqrestore(&q->lock, flags);
}

void wait_finish(struct wait_queue *q, struct wait_entry *e)
{
	unsigned long flags;

	set_current_state(TASK_RUNNING);
	flags = spin_lock_irqsave(&q->lock);
	if (e->task) {
		BUG_IF(!spin_is_mine(&q->lock), "a waker may walk the queue");
		list_del(&e->node);
	}
	e->task = NULL;
	spin_unlock_irqrestore(&q->lock, flags);
}

void wake_up_all(struct wait_queue *q)
{
	struct wait_entry *e;
	unsigned long flags;

	/* full: pairs with the barrier in wait_prepare(); the condition before the look at the
	 * queue; tests: threads.order_queue_waker, threads.wakeups */
	smp_mb();
	if (list_empty(&q->waiters))
		return;
	flags = spin_lock_irqsave(&q->lock);
	list_for_each_entry(e, &q->waiters, node) wake_up_process(e->task);
	spin_unlock_irqrestore(&q->lock, flags);
}
