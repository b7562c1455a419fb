/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-copy-update, in two flavours, both always built, chosen on the boot line (rcu=classic or
 * rcu=preempt):
 *
 * classic	a reader disables preemption; a grace period has passed when every CPU went through
 *		a context switch, the idle loop, or (threads that run on) a tick outside any reader.
 * preemptible	a reader may be preempted; it counts its nesting in its task, and a task preempted
 *		inside a reader is queued for the grace period that must wait for it.
 *
 * After McKenney: "Exploiting Deferred Destruction" (2004) and "The Design of Preemptible
 * Read-Copy-Update" (2007).
 */
#pragma once

#include <kernel/rcu_pointer.h>
#include <lib/types.h>

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

/* Enter and leave a reader. They nest. Any context but NMI. */
void rcu_read_lock(void);
void rcu_read_unlock(void);
/* Is the caller inside a reader? For assertions. */
bool rcu_read_lock_held(void);

/*
 * Call func(head) from a thread (may not sleep, so not allocate with GFP_KERNEL either, which may
 * wait for a grace period; may take spinlocks) after every reader that runs now has ended. Any
 * context; @head belongs to RCU until then.
 */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

/* Wait until every reader that runs now has ended. May sleep; not inside a reader. */
void synchronize_rcu(void);
/* The same, sooner, by disturbing every CPU. */
void synchronize_rcu_expedited(void);
/* Wait until every callback queued so far, on any CPU, has run. May sleep. */
void rcu_barrier(void);

/* Which flavour runs: "classic" or "preempt". */
const char *rcu_flavour(void);

/*
 * Go over to the other flavour, at run time: waits for the readers of the old one. 0, or -EINVAL
 * for an unknown name. May sleep. For tests.
 */
int rcu_set_flavour(const char *name);
