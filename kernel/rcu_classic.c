/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic RCU: a reader disables preemption, so a CPU that switches threads is in none; neither is
 * one that an interrupt finds with preemption enabled. When every CPU has gone through such a state
 * no reader of before is left, and there is nothing else to wait for.
 */
#include <kernel/rcu_internal.h>

static bool classic_outside_reader(const struct task_struct *t)
{
	/* The nesting too: while the flavour changes there may be readers of the other kind. */
	return !t->preempt_count && !t->rcu_nesting;
}

static void classic_blocked_start(struct rcu_wait *w)
{
}

static bool classic_blocked_left(struct rcu_wait *w, bool report)
{
	return false;
}

const struct rcu_ops rcu_classic_ops = {
	.name = "classic",
	.classic = true,
	.outside_reader = classic_outside_reader,
	.blocked_start = classic_blocked_start,
	.blocked_left = classic_blocked_left,
};
