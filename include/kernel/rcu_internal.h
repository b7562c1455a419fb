/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU: what its files share, what the scheduler, the tick and the idle loop tell it, and what its
 * tests may look at and break.
 */
#pragma once

#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <lib/types.h>

/* ---- told by others ---- */

/* By the scheduler. */
extern const struct sched_hooks rcu_sched_hooks;
/* From the tick, interrupts disabled. */
void rcu_tick(void);
/* Around an interrupt, which may contain readers on an idle CPU too; pass what enter gave. */
bool rcu_irq_enter(void);
void rcu_irq_exit(bool was_idle);
/* Start the thread that ends grace periods. Boot CPU, after the CPUs are up. */
void rcu_start(void);

/* ---- between rcu.c and the flavours ---- */

/*
 * What a CPU tells about itself. Only the CPU itself writes, by fully ordered atomics, which give
 * the two barriers that the argument in rcu.c needs.
 */
struct rcu_cpu {
	u64 qs;	      /* quiescent states gone through */
	u64 idle_seq; /* odd: awake, even: idle */
	u32 wanted;   /* somebody waits for a quiescent state of this CPU: a hint */
	struct raw_spinlock blocked_lock;
	struct list_head blocked; /* tasks that were switched away from in a reader */
};
DECLARE_PER_CPU(struct rcu_cpu, rcu_cpu);

/* One wait for all the readers of before. Owned by who waits. */
struct rcu_wait {
	const struct task_struct *owner; /* who waits; NULL: nobody. For assertions */
	cpumask_t left;			 /* CPUs that have not gone through a quiescent state */
	bool blocked_phase; /* all have; now for the tasks that are blocked in readers */
	u64 gen;	    /* tasks queued as blocked before this generation are waited for */
	u64 qs[NR_CPUS], idle_seq[NR_CPUS];
};

struct rcu_ops {
	const char *name;
	/* Does a reader disable preemption? */
	bool classic;
	/* Asked on @t's CPU in an interrupt: is what it interrupted outside of any reader? */
	bool (*outside_reader)(const struct task_struct *t);
	/* All CPUs are through: take stock of what else must be waited for. */
	void (*blocked_start)(struct rcu_wait *w);
	/* Is there still something? With @report: print what, and note it as the culprit. */
	bool (*blocked_left)(struct rcu_wait *w, bool report);
};
extern const struct rcu_ops rcu_classic_ops, rcu_preempt_ops;

/* A stalled reader, as the detector saw it last. */
struct rcu_stall {
	unsigned long count;
	int cpu; /* or -1: a blocked thread */
	char thread[TASK_NAME_MAX];
};
extern struct rcu_stall rcu_last_stall;
void rcu_stall_note(int cpu, const struct task_struct *t);

/*
 * Wait for all readers of before, by the rules of the flavour. May sleep. @w: the caller's, too
 * large for a stack.
 */
void rcu_grace_period(struct rcu_wait *w, bool expedited);

/* Start the thread that runs callbacks. */
void rcu_callbacks_start(void);

/* ---- for tests ---- */

/* Since when (clock_ns()) a thread sleeps that called synchronize_rcu() or rcu_barrier() on @cpu;
 * 0: none does. Any CPU. */
u64 rcu_sleeps_since(unsigned int cpu);

/* Which one BUSTED_RCU_SKIP_CPU leaves out. */
extern unsigned int rcu_skip_cpu;

/* A grace period this long is reported; rcu_stall= */
extern u64 rcu_stall_ns;

struct rcu_stats {
	unsigned long grace_periods, expedited, callbacks;
	unsigned long queued; /* callbacks that have not run */
};
void rcu_get_stats(struct rcu_stats *s);
