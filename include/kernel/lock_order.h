/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of locks, as it is seen (kernel/debug/lock_order.c), and the sleeping locks that each
 * task holds (kernel/debug/lock_sleep.c). Debug builds only: in a release build all of it does
 * nothing.
 */
#pragma once

#include <kernel/percpu.h>
#include <lib/types.h>

struct spinlock;
struct task_struct;

/* What a thread may have to wait for besides locks has a class too: kernel/debug/lock_order.c. */
enum lock_class {
	LOCK_CLASS_NONE, /* without a name, or not truly held: not checked */
	LOCK_CLASS_IRQ,	 /* held by an interrupt; taken by whoever lets one come */
	LOCK_CLASS_CALL, /* held with interrupts disabled; taken by who waits for other CPUs */
	LOCK_CLASS_SPIN, /* the first one of a spinlock ... */
	LOCK_CLASS_SLEEP = 96, /* ... and of a lock that sleeps */
	LOCK_CLASSES = 128,
};

/* A task's sleeping locks, the last one taken last: reclaim has those of a batch of pages. */
#define SLEEP_HELD_MAX 40
struct held_sleeping {
	const void *lock;
	u32 class;
	bool truly; /* false: a contained report; its release is only the entry's removal */
};

#ifdef CONFIG_DEBUG

/* ---- kernel/debug/lock_order.c ---- */

/* The class of a spinlock, and of the sleeping lock that it protects. */
u32 lock_class(struct spinlock *l);
u32 lock_class_sleeping(struct spinlock *inner);
/* Report if @class is not to be taken under @held; @obj: the lock, for the report. */
void lock_order_check(u32 held, u32 class, const void *obj);
/*
 * The same for a spinlock, under whatever this CPU and this thread hold but for spinlocks: before
 * it is taken, preemption disabled ...
 */
void lock_order_check_context(u32 class, const void *obj);
/* ... and for what its being held lets happen, after: @irqs_on, interrupts are enabled. */
void lock_order_taken(u32 class, const void *obj, bool irqs_on);

/* Print what has been taken under what, a line each, if the boot line asks for it. */
void lock_order_print(void);
/* Has @inner been taken under @outer, itself? By name, for tests. */
bool lock_order_seen(const char *outer, const char *inner);

/* Between these the CPU is in an interrupt, which is not nested. */
DECLARE_PER_CPU(bool, lock_in_irq);

static inline void lock_irq_enter(void)
{
	this_cpu(lock_in_irq) = true;
}

static inline void lock_irq_exit(void)
{
	this_cpu(lock_in_irq) = false;
}

/* ---- kernel/debug/lock_sleep.c; @inner, the spinlock of its queue, gives the class ---- */

/*
 * Before current waits for @lock: reports an order that closes a circle, and a lock that it has
 * already (false: it is not to be taken).
 */
bool sleep_lock_check(const void *lock, struct spinlock *inner);
/* Current has it, by waiting or by trying. */
void sleep_lock_taken(const void *lock, struct spinlock *inner);
/* It is about to release it. False: reported before, it is not to be released. */
bool sleep_lock_released(const void *lock);
/* The thread ends: reports a lock that it holds. */
void sleep_lock_check_leaked(void);

#else

static inline void lock_order_print(void)
{
}
static inline void lock_irq_enter(void)
{
}
static inline void lock_irq_exit(void)
{
}
static inline bool sleep_lock_check(const void *lock, struct spinlock *inner)
{
	return true;
}
static inline void sleep_lock_taken(const void *lock, struct spinlock *inner)
{
}
static inline bool sleep_lock_released(const void *lock)
{
	return true;
}
static inline void sleep_lock_check_leaked(void)
{
}

#endif
