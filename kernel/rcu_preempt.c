/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preemptible RCU: a reader counts its nesting in its task. A task that is switched away from in a
 * reader goes on its CPU's list of blocked readers (rcu_note_context_switch() in rcu.c), before the
 * switch counts as a quiescent state of that CPU, and leaves it at the end of its outermost reader.
 *
 * So when every CPU has gone through a quiescent state, a reader of before has either ended or its
 * task is on a list. Each entry carries the generation of its queueing; the wait then starts a new
 * generation, and lasts until no entry of an earlier one is left. Readers that are blocked later
 * are not waited for, else a stream of them could hold a grace period up for ever. (Those blocked
 * between the start of the grace period and that moment are waited for without need.)
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/busted.h>
#include <kernel/printk.h>
#include <kernel/rcu_internal.h>

extern u64 rcu_blocked_gen;

static bool preempt_outside_reader(const struct task_struct *t)
{
	return !t->rcu_nesting;
}

static void preempt_blocked_start(struct rcu_wait *w)
{
	/* full: pairs with the one in quiescent_state(), before which a task that is switched away
	 * from was queued with what it then saw as the generation; tests: rcu.torture_preempt */
	w->gen = fetch_add(&rcu_blocked_gen, 1) + 1;
}

/* The first task on @cpu's list that @w must wait for, or NULL. The list's lock is held. */
static struct task_struct *first_blocked_locked(struct rcu_cpu *rc, const struct rcu_wait *w)
{
	struct task_struct *t;

	list_for_each_entry(t, &rc->blocked, rcu_node)
	{
		if (t->rcu_gen < w->gen)
			return t;
	}
	return NULL;
}

static bool preempt_blocked_left(struct rcu_wait *w, bool report)
{
	bool left = false;
	unsigned int cpu;

	if (busted(BUSTED_RCU_IGNORE_BLOCKED))
		return false;
	for_each_cpu_in(cpu, smp_online_mask()) {
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpu, cpu);
		unsigned long flags = arch_irq_save();
		struct task_struct *t;

		/* Also orders what a reader did before its leaving the list, under this lock,
		 * before all that follows the grace period; tests: rcu.torture_preempt */
		raw_spin_lock(&rc->blocked_lock);
		t = first_blocked_locked(rc, w);
		left |= t != NULL;
		if (t && report)
			rcu_stall_note(-1, t);
		raw_spin_unlock(&rc->blocked_lock);
		arch_irq_restore(flags);
	}
	return left;
}

const struct rcu_ops rcu_preempt_ops = {
	.name = "preempt",
	.classic = false,
	.outside_reader = preempt_outside_reader,
	.blocked_start = preempt_blocked_start,
	.blocked_left = preempt_blocked_left,
};
