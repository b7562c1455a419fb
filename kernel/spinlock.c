/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spinlocks, where somebody has to wait; taking a free one is in the header. What a debug build
 * knows and checks of them is in kernel/debug/spinlock.c.
 */
#include <arch/atomic.h>
#include <kernel/percpu.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>

/* So many dozes, or looks at the clock, are a long while. */
#define CLAIM_RESTS 200

bool raw_spin_turn(struct raw_spinlock *l, struct spin_wait *w)
{
	bool look = spin_wait_turn(w);

	/* Only one at a time; it orders nothing: the others look at it before they try. */
	if (unlikely(w->rests > CLAIM_RESTS) && !READ_ONCE(l->claim))
		cmpxchg_relaxed(&l->claim, 0, smp_processor_id() + 1);
	return look;
}

void raw_spin_taken(struct raw_spinlock *l, struct spin_wait *w)
{
	spin_wait_end(w);
	if (unlikely(READ_ONCE(l->claim) == smp_processor_id() + 1))
		WRITE_ONCE(l->claim, 0);
}

void raw_spin_lock_slow(struct raw_spinlock *l)
{
	u32 me = smp_processor_id() + 1;
	struct spin_wait w = SPIN_WAIT_INIT("a raw spinlock", l);

	while (!raw_spin_take(l, me))
		raw_spin_turn(l, &w);
	raw_spin_taken(l, &w);
}
