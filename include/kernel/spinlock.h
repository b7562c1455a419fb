/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket spinlocks (fair: granted in the order of arrival).
 *
 * raw_spin_*: the bare lock, for litmus tests and for printk; nothing but the ordering it promises:
 * acquire on lock, release on unlock.
 * spin_*: with the checks of a debug build (DEBUG=1): owner, self-deadlock, unlock by another, held
 * list a CPU (shown by panic and watchdog), a report when a lock cannot be had for lockup_secs.
 * spin_lock() disables preemption; raw_spin_lock() does not: its callers disable interrupts.
 * Neither disables interrupts: use the _irqsave forms for what interrupts take too.
 */
#pragma once

#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/percpu.h>

struct raw_spinlock {
	u32 next;  /* ticket for the next to come */
	u32 owner; /* ticket now served */
};

#define RAW_SPINLOCK_INIT \
	{ \
		0, 0 \
	}

static inline void raw_spin_lock(struct raw_spinlock *l)
{
	u32 ticket = fetch_add_relaxed(&l->next, 1);

	/* acquire: pairs with the release in raw_spin_unlock(); tests: litmus.lock-MP */
	while (smp_load_acquire(&l->owner) != ticket)
		cpu_relax();
}

static inline bool raw_spin_trylock(struct raw_spinlock *l)
{
	/* acquire: pairs with the release in raw_spin_unlock(); tests: litmus.lock-MP */
	u32 owner = smp_load_acquire(&l->owner);

	return cmpxchg_acquire(&l->next, owner, owner + 1) == owner;
}

static inline void raw_spin_unlock(struct raw_spinlock *l)
{
	/* release: pairs with the acquire in raw_spin_lock(); tests: litmus.lock-MP */
	smp_store_release(&l->owner, l->owner + 1);
}

static inline bool raw_spin_is_locked(const struct raw_spinlock *l)
{
	return READ_ONCE(l->next) != READ_ONCE(l->owner);
}

struct spinlock {
	struct raw_spinlock raw;
#ifdef CONFIG_DEBUG
	const char *name;
	u32 owner_cpu;		    /* CPU + 1 while held; written by the owner, read by anyone */
	unsigned long owner_pc;	    /* where it was taken */
	struct spinlock *next_held; /* this CPU's list of held locks; the owner's */
#endif
};

#ifdef CONFIG_DEBUG
#define SPINLOCK_INIT(n) \
	{ \
		RAW_SPINLOCK_INIT, (n), 0, 0, NULL \
	}
#else
#define SPINLOCK_INIT(n) \
	{ \
		RAW_SPINLOCK_INIT \
	}
#endif
#define DEFINE_SPINLOCK(n) struct spinlock n = SPINLOCK_INIT(#n)

void spin_lock_init(struct spinlock *l, const char *name);
void spin_lock(struct spinlock *l);
bool spin_trylock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
bool spin_is_locked(const struct spinlock *l);
/* Is it held by this CPU? Always true in a release build, so: only for assertions. */
bool spin_is_mine(const struct spinlock *l);

unsigned long spin_lock_irqsave(struct spinlock *l);
void spin_unlock_irqrestore(struct spinlock *l, unsigned long flags);

/* Print the locks that @cpu holds and the one it waits for, if any. Emergency context. */
void spin_print_held(unsigned int cpu);
