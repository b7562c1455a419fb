/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel threads: preemptible, more than CPUs, a run queue a CPU, round robin by the tick.
 *
 * A thread moves to another CPU only while it does not run. Code that must not move, or that uses
 * this CPU's data in more than one step, disables preemption (spinlocks do). What is this thread's
 * own is reached through current, which is right wherever the thread is.
 */
#pragma once

#include <arch/context.h>
#include <arch/irq.h>
#include <kernel/fail.h>
#include <kernel/lock_order.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <lib/list.h>
#include <lib/types.h>

struct mm_struct;

/* DEAD is 0: a thread is dead too while its memory is cleared for the next one. */
enum task_state { TASK_DEAD, TASK_RUNNING, TASK_UNINTERRUPTIBLE };

#define TASK_NAME_MAX 24

struct task_struct {
	unsigned long sp;   /* saved stack pointer while it does not run; must be first */
	unsigned long irqs; /* the port's, where its interrupt flag is the thread's; second */
	void *stack_top;    /* constant while the thread lives */
	/* What wakers look at: stays when the slot is made a new thread (kernel/thread.c). */
	unsigned int cpu; /* whose run queue it is on, or last ran on; under that queue's lock */
	u32 state;	  /* enum task_state; see set_current_state() */
	u32 on_cpu;	  /* 1 until its registers are saved: released by the switch */
	u32 on_rq;	  /* it runs or is queued; under the lock of @cpu's queue */
	/* All that follows begins anew with each thread. */
	u32 preempt_count; /* 0: may be preempted; the task's own */
	u32 need_resched;  /* asked to give the CPU up; set under its queue's lock, or by itself */
	bool urgent;	   /* goes before the others when woken; constant once it runs */
	cpumask_t allowed; /* CPUs it may run on */
	struct list_head run_node; /* on its run queue; that queue's lock */
	char name[TASK_NAME_MAX];
	void (*fn)(void *arg);
	void *arg;
	struct mm_struct *mm;	   /* address space that it adopted, or NULL */
	int fault_error;	   /* why its last access to a user address failed; its own */
	int rcu_nesting;	   /* depth of readers; the task's own */
	bool rcu_classic;	   /* the outermost reader disabled preemption; the task's own */
	bool rcu_callbacks;	   /* it runs callbacks, which may not sleep; the task's own */
	u32 rcu_special;	   /* was switched away from in a reader; set by itself */
	unsigned int rcu_cpu;	   /* whose list of blocked readers it is on */
	u64 rcu_gen;		   /* when it was put there; that list's lock */
	struct list_head rcu_node; /* on the list of blocked readers; that list's lock */
	const char *waits_for;	   /* innermost long spin_wait; the task's own, read for reports */
	struct fail_stream fail;   /* injected allocation failures: the task's own */
	unsigned long preempted, switches; /* statistics; the CPU that it runs on */
	struct task_struct *joiner;	   /* who waits in thread_join(); ordered by done */
#ifdef CONFIG_DEBUG
	u32 nr_sleep_held; /* sleeping locks that it holds: kernel/debug/lock_sleep.c; its own */
	struct held_sleeping sleep_held[SLEEP_HELD_MAX];
	const char *denies; /* see assert_denied(); its own */
#endif
	u32 done; /* for thread_join(): set by release when the function returned */
};

DECLARE_PER_CPU(struct task_struct *, current_task);
/* What each CPU runs while there is nothing else; the first one runs kernel_main(). */
extern struct task_struct idle_tasks[NR_CPUS];

/* The thread that runs this. */
static inline struct task_struct *get_current(void)
{
	return arch_current();
}
#define current get_current()

/*
 * Start fn(arg) as a thread that may run on @allowed CPUs. Returns it, or NULL without memory or
 * with no such CPU online. The caller must thread_join() it, which waits for its end and frees it.
 * Interrupts enabled: a new stack may have to be made known to other CPUs. thread_join() may sleep.
 */
struct task_struct *thread_create(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				  void *arg);
void thread_join(struct task_struct *t);

/* The same in two steps: a thread that is made but not started, to be set up; then start it. */
struct task_struct *thread_prepare(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				   void *arg);
void thread_start(struct task_struct *t);

/* Threads that exist now, and those whose memory is kept for the next ones. For tests. */
unsigned int threads_alive(void);
unsigned int threads_free(void);

/* Give the CPU to another thread that is ready. */
void schedule(void);
void yield(void);
/* Sleep for at least @ns, in the granularity of the tick. */
void sleep_ns(u64 ns);
/* After set_current_state(TASK_UNINTERRUPTIBLE): sleep until woken, or @ns have passed. */
void schedule_timeout(u64 ns);

/* Make @t ready if it sleeps. Any context. Returns whether it slept. */
bool wake_up_process(struct task_struct *t);
/* Before testing a condition to sleep on; orders the state before the test (full barrier). */
void set_current_state(enum task_state state);

/* Preemption by the tick or a wake-up is off between these; they nest. Any context. */
static inline void preempt_disable(void)
{
	struct task_struct *t = current;

	WRITE_ONCE(t->preempt_count, t->preempt_count + 1);
	barrier();
}

/* preempt_enable() finds that somebody asked for the CPU. */
void preempt_schedule(void);

static inline void preempt_enable(void)
{
	struct task_struct *t = current;

	barrier();
	WRITE_ONCE(t->preempt_count, t->preempt_count - 1);
	barrier();
	/* An interrupt that sets the flag after this look preempts itself: preempt_irq_exit(). */
	if (unlikely(READ_ONCE(t->need_resched)) && !t->preempt_count)
		preempt_schedule();
}

static inline bool preemptible(void)
{
	return current->preempt_count == 0;
}

#ifdef CONFIG_DEBUG
/*
 * What shall look to the assertions of this thread as if it were not so, that they be seen to fire:
 * a lock of this name is held, interrupts are disabled (DENY_IRQS_OFF).
 */
bool assert_denied(const char *what);
#define DENY_IRQS_OFF "interrupts disabled"
#endif

/* arch_irqs_disabled(), as assertions see it. */
static inline bool irqs_seem_disabled(void)
{
#ifdef CONFIG_DEBUG
	if (assert_denied(DENY_IRQS_OFF))
		return false;
#endif
	return arch_irqs_disabled();
}

/* Are interrupts disabled? Always true in a release build, so: only for assertions. */
static inline bool irqs_are_disabled(void)
{
#ifdef CONFIG_DEBUG
	return irqs_seem_disabled();
#else
	return true;
#endif
}

bool sleep_forbidden(const char *what);

/*
 * Every function that may sleep says so first of all, whether it is going to or not: reports
 * (DETECT_CONTEXT) if the caller may not sleep here, which is @what. False: it has been reported,
 * and a test goes on: who would truly wait for somebody returns at once.
 */
static inline bool might_sleep(const char *what)
{
	const struct task_struct *t = current;

	if (unlikely(t->preempt_count || t->rcu_nesting || t->rcu_callbacks ||
		     arch_irqs_disabled()))
		return sleep_forbidden(what);
	return true;
}

/*
 * From the end of an interrupt, interrupts disabled, the interrupt acknowledged, the registers of
 * what it interrupted on the thread's own stack: switch if a higher claim is waiting. The port
 * calls it as the last thing before it returns to what was interrupted.
 */
void preempt_irq_exit(void);

/* ---- for the kernel's own start, tick and reports ---- */

/* Make the code that runs a thread: CPU 0's idle thread. First of all in kernel_main(). */
void sched_init_early(void);
/* CPU 0's idle thread now runs on this stack. */
void sched_set_boot_stack(void *stack_top);
/* Prepare @cpu's idle thread, on that stack. Boot CPU, before @cpu starts. */
void sched_prepare_cpu(unsigned int cpu, void *stack_top);
/* On a CPU that comes up, before anything that uses current. */
void sched_init_cpu(unsigned int cpu);
/* From timer_interrupt(). */
void sched_tick(void);
/* For the idle thread: is there a thread to run in its place? Interrupts disabled. */
bool sched_cpu_has_work(void);

/*
 * What the scheduler tells RCU, interrupts disabled. Set once, first of all in kernel_main().
 */
struct sched_hooks {
	void (*leaves)(struct task_struct *prev); /* it is about to leave its CPU, or to stay */
	void (*idle_enter)(void);		  /* around the sleep of the idle loop: */
	void (*idle_exit)(void);		  /* no thread is in between */
};
extern const struct sched_hooks *sched_hooks;

/*
 * Called with interrupts disabled when the CPU goes over to a thread with another mm (NULL is one
 * too): set once, by the memory manager, before threads adopt any. May not sleep or wake.
 */
extern void (*sched_mm_switch)(struct task_struct *prev, struct task_struct *next);

/* @t was never started, or is dead and joined: it shall begin on @cpu when it is started. */
void sched_place(struct task_struct *t, unsigned int cpu);
/* The steps of a thread's end and of thread_join() that race: for them, and for their test. */
void thread_done(struct task_struct *t);
/* Be who is woken when @t is done, and about to sleep; is it done already? */
bool thread_join_look(struct task_struct *t);
/* First thing on a new thread's stack: kernel/thread.c. */
void thread_entry(struct task_struct *prev);
/* On the new thread's stack, after the switch from @prev: kernel/native/sched.c. */
void finish_switch(struct task_struct *prev);

/* The end of the thread that runs this; its stack may be used anew when t->on_cpu is 0. */
void schedule_dead(void) __noreturn;

/* Every thread: name, state, CPU, and where it sleeps. Emergency context. */
void threads_print(void);
