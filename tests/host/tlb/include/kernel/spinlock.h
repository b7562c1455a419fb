/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stands before include/kernel/spinlock.h in the simulation: ticket locks that know who has them,
 * and let the others run while they wait. Taking one is no barrier for stores to page tables,
 * releasing it is: <asm/barrier.h>.
 */
#pragma once

#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>

struct raw_spinlock {
	u32 next, owner; /* tickets: for the next to come, now served */
};

#define RAW_SPINLOCK_INIT \
	{ \
		0, 0 \
	}

static inline void raw_spin_lock(struct raw_spinlock *l)
{
	u32 ticket = fetch_add_relaxed(&l->next, 1);

	while (smp_load_acquire(&l->owner) != ticket)
		cpu_relax();
}

static inline void raw_spin_unlock(struct raw_spinlock *l)
{
	smp_store_release(&l->owner, l->owner + 1);
}

struct spinlock {
	struct raw_spinlock raw;
	u32 owner_cpu; /* CPU + 1 while it is held */
};

#define DEFINE_SPINLOCK(n) struct spinlock n

static inline void spin_lock_init(struct spinlock *l, const char *name)
{
	*l = (struct spinlock){ RAW_SPINLOCK_INIT };
}

static inline void spin_lock(struct spinlock *l)
{
	preempt_disable();
	raw_spin_lock(&l->raw);
	l->owner_cpu = smp_processor_id() + 1;
}

static inline bool spin_is_mine(const struct spinlock *l)
{
	return l->owner_cpu == smp_processor_id() + 1;
}

static inline void spin_unlock(struct spinlock *l)
{
	BUG_ON(!spin_is_mine(l));
	l->owner_cpu = 0;
	raw_spin_unlock(&l->raw);
	preempt_enable();
}
