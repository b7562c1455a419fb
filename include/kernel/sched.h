/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads: preemptible, more than CPUs, a run queue a CPU, round robin by the tick.
 *
 * A thread moves to another CPU only while it does not run. Code that must not move, or that uses
 * this CPU's data in more than one step, disables preemption (spinlocks do).
 */
#pragma once

#include <kernel/list.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/types.h>

struct mm_struct;

enum task_state { TASK_RUNNING, TASK_UNINTERRUPTIBLE, TASK_DEAD };

#define TASK_NAME_MAX 24

struct task_struct {
	unsigned long sp; /* saved stack pointer while it does not run: arch_switch_to() */
	void *stack_top;
	unsigned int cpu;  /* whose run queue it is on, or last ran on; under that queue's lock */
	u32 state;	   /* enum task_state; see set_current_state() */
	u32 on_cpu;	   /* 1 until its registers are saved: released by the switch */
	cpumask_t allowed; /* CPUs it may run on */
	struct list_head run_node; /* on its run queue; that queue's lock */
	struct list_head all_node; /* on the list of all tasks */
	char name[TASK_NAME_MAX];
	void (*fn)(void *arg);
	void *arg;
	struct mm_struct *mm;	     /* address space that it adopted, or NULL */
	struct mm_struct *active_mm; /* address space that its page tables are: kernel/sched.c */
	int rcu_nesting;	     /* preemptible RCU: depth of readers; the task's own */
	u32 rcu_special; /* preemptible RCU: was preempted in a reader; CPU's queue lock */
	struct list_head rcu_node;	   /* preemptible RCU: on the list of blocked readers */
	unsigned long preempted, switches; /* statistics */
	u32 done; /* for thread_join(): set by release when the function returned */
};

DECLARE_PER_CPU(struct task_struct *, current_task);
DECLARE_PER_CPU(u32, preempt_count); /* 0: may be preempted */

/* The thread that runs this. */
static inline struct task_struct *get_current(void)
{
	return READ_ONCE(this_cpu(current_task));
}
#define current get_current()

/*
 * Start fn(arg) as a thread that may run on @allowed CPUs. Returns it, or NULL without memory.
 * The caller must thread_join() it, which waits for its end and frees it. May sleep.
 */
struct task_struct *thread_create(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				  void *arg);
void thread_join(struct task_struct *t);

/* Give the CPU to another thread that is ready. */
void schedule(void);
void yield(void);
/* Sleep for at least @ns, in the granularity of the tick. */
void sleep_ns(u64 ns);

/* Make @t ready if it sleeps. Any context. Returns whether it slept. */
bool wake_up_process(struct task_struct *t);
/* Before testing a condition to sleep on; orders the state before the test (full barrier). */
void set_current_state(enum task_state state);

/* Preemption by the tick or a wake-up is off between these; they nest. */
void preempt_disable(void);
void preempt_enable(void);
static inline bool preemptible(void)
{
	return READ_ONCE(this_cpu(preempt_count)) == 0;
}

/* Panic with @what if the caller may not sleep here. */
void might_sleep(const char *what);

/* From the end of an interrupt, interrupts disabled: switch if a higher claim is waiting. */
void preempt_irq_exit(void);
