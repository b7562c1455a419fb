/* SPDX-License-Identifier: GPL-2.0-only */
/* Wait queues, and the locks that sleep: mutex and reader-writer semaphore. */
#pragma once

#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <lib/list.h>

struct wait_queue {
	struct spinlock lock;
	struct list_head waiters; /* struct wait_entry; under lock */
};

struct wait_entry {
	struct task_struct *task; /* NULL: not on a queue, as it must be at first */
	struct list_head node;	  /* under the queue's lock */
};

void wait_queue_init(struct wait_queue *q, const char *name);
/* Enqueue, unless done before, and set the state; the condition is tested after it. */
void wait_prepare(struct wait_queue *q, struct wait_entry *e);
/* Take @e off, and be running again. */
void wait_finish(struct wait_queue *q, struct wait_entry *e);
/* Wake every sleeper. Any context. The condition must have been written before. */
void wake_up_all(struct wait_queue *q);

/* Sleep until @cond holds; it is tested again after each wake-up. May sleep. */
#define wait_event(q, cond) \
	do { \
		struct wait_entry __e = { .task = NULL }; \
		might_sleep("wait_event()"); \
		for (;;) { \
			wait_prepare(q, &__e); \
			if (cond) \
				break; \
			schedule(); \
		} \
		wait_finish(q, &__e); \
	} while (0)

/* One holder, who may sleep. Not from interrupts. Debug: owner, self-deadlock. */
struct mutex {
	struct spinlock lock;
	struct task_struct *owner; /* under lock */
	struct list_head waiters;  /* struct wait_entry, in order of arrival; under lock */
};
void mutex_init(struct mutex *m, const char *name);
void mutex_lock(struct mutex *m);
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_is_mine(const struct mutex *m);

/* Many readers or one writer; fair: a waiting writer keeps later readers out. */
struct rw_semaphore {
	u64 count; /* RWSEM_*; atomic: kernel/rwsem.c */
	struct spinlock lock;
	struct task_struct *writer; /* written by the writer, or by who admits it; read by anyone */
	struct list_head waiters;   /* in order of arrival; under lock */
};
#define RWSEM_WRITES 1ULL /* somebody writes */
#define RWSEM_WAITS  2ULL /* somebody waits */
#define RWSEM_READER 4ULL /* for each who reads */

void init_rwsem(struct rw_semaphore *s, const char *name);
void down_read(struct rw_semaphore *s);
bool down_read_trylock(struct rw_semaphore *s);
void up_read(struct rw_semaphore *s);
void down_write(struct rw_semaphore *s);
bool down_write_trylock(struct rw_semaphore *s);
void up_write(struct rw_semaphore *s);
void downgrade_write(struct rw_semaphore *s);
/* For assertions: is it held at all; held by this task for writing? */
bool rwsem_is_locked(const struct rw_semaphore *s);
bool rwsem_is_mine(const struct rw_semaphore *s);
