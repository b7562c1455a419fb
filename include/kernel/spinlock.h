/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks: whichever CPU comes while it is free takes it, so that where there are more CPUs than
 * cores nobody waits for one certain CPU that the host has put aside. Unfairness is bounded: who
 * has waited for long claims the lock, and then nobody else comes first.
 *
 * raw_spin_*: the bare lock, for litmus tests and for printk; nothing but the ordering it promises:
 * acquire on lock, release on unlock.
 * spin_*: with the checks of a debug build (DEBUG=1), which call detect(): memory that is no lock,
 * self-deadlock, unlock by another, order, held while it is initialised or its memory is freed; the
 * locks that each CPU holds are known (shown by panic and watchdog); a lock that cannot be had in
 * lock_timeout= of spinning is a deadlock.
 * spin_lock() disables preemption; raw_spin_lock() does not: its callers disable interrupts.
 * Neither disables interrupts: use the _irqsave forms for what interrupts take too.
 */
#pragma once

#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>

struct raw_spinlock {
	u32 steps; /* how often it was taken and released: odd while it is held */
	u32 claim; /* CPU + 1 of who has waited for long: nobody else shall come first; or 0 */
};

#define RAW_SPINLOCK_INIT \
	{ \
		0, 0 \
	}

/* Take it if it is free and claimed by nobody but @me, a CPU + 1, or 0. */
static inline bool raw_spin_take(struct raw_spinlock *l, u32 me)
{
	u32 claim = READ_ONCE(l->claim), steps = READ_ONCE(l->steps);

	if ((steps & 1) || (claim && claim != me))
		return false;
	/* acquire: pairs with the release in raw_spin_unlock(); tests: litmus.lock-MP */
	return cmpxchg_acquire(&l->steps, steps, steps + 1) == steps;
}

/*
 * Who waits for @l: between two tries, as spin_wait_turn(), claiming the lock after a long while;
 * and when it has it.
 */
bool raw_spin_turn(struct raw_spinlock *l, struct spin_wait *w);
void raw_spin_taken(struct raw_spinlock *l, struct spin_wait *w);
void raw_spin_lock_slow(struct raw_spinlock *l);

static inline bool raw_spin_trylock(struct raw_spinlock *l)
{
	return raw_spin_take(l, 0);
}

static inline void raw_spin_lock(struct raw_spinlock *l)
{
	if (unlikely(!raw_spin_take(l, 0)))
		raw_spin_lock_slow(l);
}

static inline void raw_spin_unlock(struct raw_spinlock *l)
{
	/* release: pairs with the acquire in raw_spin_take(), and, of what a debug build knows of
	 * the lock, with the rmb in spin_check_freed(); tests: litmus.lock-MP */
	smp_store_release(&l->steps, l->steps + 1);
	spin_kick(l);
}

static inline bool raw_spin_is_locked(const struct raw_spinlock *l)
{
	return READ_ONCE(l->steps) & 1;
}

struct spinlock {
	struct raw_spinlock raw;
#ifdef CONFIG_DEBUG
	u32 magic;		/* SPINLOCK_MAGIC: this memory is a lock */
	u32 owner_cpu;		/* CPU + 1 while held; written by the owner, read by anyone */
	unsigned long owner_pc; /* where it was taken */
	const char *name;	/* for reports; by its address it is the lock's class */
	u32 class;		/* number of the class, once that was looked up: lock_order.c */
#endif
};

#define SPINLOCK_MAGIC 0x10c4ab1eU

#ifdef CONFIG_DEBUG
#define SPINLOCK_INIT(n) \
	{ \
		.magic = SPINLOCK_MAGIC, .name = (n) \
	}
#else
#define SPINLOCK_INIT(n) \
	{ \
		RAW_SPINLOCK_INIT \
	}
#endif
#define DEFINE_SPINLOCK(n) struct spinlock n = SPINLOCK_INIT(#n)

/* Functions of spinlock.c in a debug build; inline, below, in a release build. */
#ifdef CONFIG_DEBUG
#define __spin_api
#else
#define __spin_api static inline
#endif

/*
 * Make a free lock of memory that nobody uses as one. @name stays valid; locks whose @name is the
 * same string are one class, whose order among themselves is not checked.
 */
__spin_api void spin_lock_init(struct spinlock *l, const char *name);
/*
 * The same, held by the caller from the start, as by spin_lock(). Right only where nobody can have
 * a pointer to that memory; a debug build reports a lock that is held at that moment.
 */
__spin_api void spin_lock_init_locked(struct spinlock *l, const char *name);
__spin_api void spin_lock(struct spinlock *l);
__spin_api bool spin_trylock(struct spinlock *l);
__spin_api void spin_unlock(struct spinlock *l);
__spin_api bool spin_is_locked(const struct spinlock *l);
/* Is it held by this CPU? Always true in a release build, so: only for assertions. */
__spin_api bool spin_is_mine(const struct spinlock *l);

__spin_api unsigned long spin_lock_irqsave(struct spinlock *l);
__spin_api void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags);

/* Print the locks that @cpu holds and the one it waits for, if any. Emergency context. */
void spin_print_held(unsigned int cpu);

/* ---- what a debug build knows; in a release build: nothing, 0, false ---- */

/* How many locks this CPU has taken and not released, interrupts included. Any context. */
__spin_api unsigned int spin_locks_held(void);
/* The CPU that truly holds @l, which need not be a lock; or -1. May be in motion. */
__spin_api int spin_holder(const struct spinlock *l);
/* After a contained report: release @l as often as this CPU has taken it; false: it has not. */
__spin_api bool spin_force_release(struct spinlock *l);
/*
 * This CPU should hold @n locks and not more, after @what: else reports (DETECT_LOCK_LEAKED),
 * releases what there is beyond, the last first, and says so. Without a lock: any context.
 */
__spin_api bool spin_check_leaked(unsigned int n, const char *what);
/*
 * [@addr, @addr + @size) is about to be given back: reports (DETECT_LOCK_FREED) if some CPU holds a
 * lock in it, and says so. Any context.
 */
__spin_api bool spin_check_freed(const void *addr, size_t size);
/*
 * Can @cpu go on only after @holder has released a lock? It spins for one that @holder has, or for
 * one of a CPU that does. Exact as long as @holder keeps its locks. @holder.
 */
__spin_api bool spin_waits_behind(unsigned int cpu, unsigned int holder);

/* This CPU is about to wait until others have taken an interrupt: may it, with what it holds? */
__spin_api void spin_check_call(void);

#ifndef CONFIG_DEBUG
/* ---- a release build checks nothing: what is left is short enough to be inline ---- */

static inline void spin_lock_init(struct spinlock *l, const char *name)
{
	*l = (struct spinlock){ RAW_SPINLOCK_INIT };
}

static inline void spin_lock_init_locked(struct spinlock *l, const char *name)
{
	preempt_disable();
	*l = (struct spinlock){ { .steps = 1 } };
}

static inline void spin_lock(struct spinlock *l)
{
	preempt_disable();
	raw_spin_lock(&l->raw);
}

static inline bool spin_trylock(struct spinlock *l)
{
	preempt_disable();
	if (raw_spin_trylock(&l->raw))
		return true;
	preempt_enable();
	return false;
}

static inline void spin_unlock(struct spinlock *l)
{
	raw_spin_unlock(&l->raw);
	preempt_enable();
}

static inline unsigned long spin_lock_irqsave(struct spinlock *l)
{
	unsigned long flags = arch_irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags)
{
	raw_spin_unlock(&l->raw);
	arch_irq_restore(flags);
	/* Last, since it may switch, which it may not with interrupts disabled. */
	preempt_enable();
}

static inline bool spin_is_locked(const struct spinlock *l)
{
	return raw_spin_is_locked(&l->raw);
}

static inline bool spin_is_mine(const struct spinlock *l)
{
	return true;
}

static inline unsigned int spin_locks_held(void)
{
	return 0;
}

static inline int spin_holder(const struct spinlock *l)
{
	return -1;
}

static inline bool spin_force_release(struct spinlock *l)
{
	return false;
}

static inline bool spin_check_leaked(unsigned int n, const char *what)
{
	return false;
}

static inline bool spin_check_freed(const void *addr, size_t size)
{
	return false;
}

static inline bool spin_waits_behind(unsigned int cpu, unsigned int holder)
{
	return false;
}

static inline void spin_check_call(void)
{
}
#endif
