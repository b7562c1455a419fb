/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources of the kernel as they are, on threads of which every order of steps is gone through.
 *
 * What matters in a lock, a wait or a reader is often two accesses that follow one another: a
 * count that is read and written where it should be one atomic operation, a look that comes before
 * what it must come after. No interrupt of an emulated machine comes in between, nor is there a
 * place for a sync point. Here each access that is marked (READ_ONCE(), WRITE_ONCE(), acquire,
 * release, atomic operations, barriers) is a step, before which another thread may run, and behind
 * which too if it stores.
 *
 * steps.c	the threads: coroutines, one on each simulated CPU; and who runs next, a list of
 *		decisions. All lists are gone through in which a thread that could have gone on is
 *		put aside a few times at most. Memory is sequentially consistent: barriers are the
 *		business of the litmus tests
 * locks.c	kernel/wait.c, kernel/mutex.c, kernel/rwsem.c
 * work.c	kernel/cpu_work.c
 * calls.c	kernel/native/ipi.c
 * cpus.c	kernel/native/smp.c: a CPU that comes up, against who gives it up
 * rcu.c	kernel/rcu.c with both flavours: readers against a change of flavour
 *
 * This header stands for those that tests/host/Makefile names.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#undef __always_inline

#include <lib/compiler.h>
#include <lib/list.h>
#include <lib/types.h>

#define NR_CPUS 3
#define THREADS NR_CPUS
#define TICK_HZ 10

/* ---- steps.c ---- */

/* step(): another thread may run first. */
/* This thread spins: until another has stored something. */
void step_spin(void);
/* Until *@word is @value. @timed: or nobody else can go on. */
void step_until(const u32 *word, u32 value, bool timed);
/* An interrupt: call fn(arg) on another CPU, in one piece, when its thread has them enabled. */
void step_interrupt(unsigned int cpu, void (*fn)(void *arg), void *arg);
/* Something is wrong: print what, and who ran when. */
void step_fail(const char *fmt, ...) __printf(1, 2) __noreturn;
unsigned int step_thread(void);
unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long flags);
bool arch_irqs_disabled(void);
void arch_ipi_send(unsigned int cpu);
struct pt_regs;

struct steps {
	const char *name;
	unsigned int threads;
	unsigned int put_aside; /* so often at most is a thread that could go on */
	void (*start)(void);	/* before each run */
	void (*thread[THREADS])(void);
	void (*end)(void); /* when all threads have ended, or sleep; they may only if it is set */
};
/* Returns the number of runs. */
unsigned long steps_run(const struct steps *s);

/* ---- accesses ---- */

#define smp_load_acquire(p)	   STEP_VALUE(*(p))
#define smp_store_release(p, v)	   STEP_STORE(*(p), v)
#define smp_mb()		   step()
#define smp_rmb()		   step()
#define smp_read_barrier_depends() barrier()

#define STEP_RMW(p, v, expression) \
	__extension__({ \
		__typeof__(*(p)) __new = (__typeof__(*(p)))(v), __old; \
\
		step(); \
		__old = *(p); \
		*(p) = (expression); \
		step_stores++; \
		step(); \
		__old; \
	})
#define xchg(p, v)		 STEP_RMW(p, v, __new)
#define fetch_add(p, v)		 STEP_RMW(p, v, __old + __new)
#define fetch_add_relaxed(p, v)	 fetch_add(p, v)
#define fetch_add_acquire(p, v)	 fetch_add(p, v)
#define fetch_add_release(p, v)	 fetch_add(p, v)
#define xchg_acquire(p, v)	 xchg(p, v)
#define cmpxchg(p, o, n)	 STEP_RMW(p, n, __old == (o) ? __new : __old)
#define cmpxchg_acquire(p, o, n) cmpxchg(p, o, n)

/* ---- CPUs and threads, one on each ---- */

typedef u64 cpumask_t;

#define for_each_cpu_in(cpu, mask) \
	for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++) \
		if ((mask) & (1ULL << (cpu)))
#define smp_processor_id() step_thread()
#define cpu_is_online(cpu) ((cpu) < NR_CPUS)
#define smp_online_mask()  ((1ULL << NR_CPUS) - 1)
#define cpu_relax()	   step_spin()

/* A copy for each CPU; all begin anew with each run. */
extern long step_percpu_offset[NR_CPUS];
#define DEFINE_PER_CPU(type, name)  __section("percpu_data") __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define per_cpu_ptr(p, cpu)	    ((__typeof__(p))((char *)(p) + step_percpu_offset[cpu]))
#define this_cpu_ptr(p)		    per_cpu_ptr(p, step_thread())
#define per_cpu(var, cpu)	    (*per_cpu_ptr(&(var), cpu))
#define this_cpu(var)		    per_cpu(var, step_thread())

enum task_state { TASK_DEAD, TASK_RUNNING, TASK_UNINTERRUPTIBLE };

#define TASK_NAME_MAX 24

struct task_struct {
	u32 state, preempt_count, need_resched;
	unsigned int cpu;
	const char *name;
	int rcu_nesting;
	bool rcu_classic;
	u32 rcu_special;
	unsigned int rcu_cpu;
	u64 rcu_gen;
	struct list_head rcu_node;
};

/* As kernel/sched.h has it; here nobody is told. */
struct sched_hooks {
	void (*leaves)(struct task_struct *prev);
	void (*idle_enter)(void);
	void (*idle_exit)(void);
};
extern struct task_struct step_tasks[THREADS];
DECLARE_PER_CPU(struct task_struct *, current_task);
#define current (&step_tasks[step_thread()])

#define preempt_disable() WRITE_ONCE(current->preempt_count, current->preempt_count + 1)
#define preempt_enable()  WRITE_ONCE(current->preempt_count, current->preempt_count - 1)
#define preemptible()	  (!current->preempt_count)
#define might_sleep(what) true

void set_current_state(enum task_state state);
bool wake_up_process(struct task_struct *t);
void schedule(void);
void schedule_timeout(u64 ns);
struct task_struct *thread_create(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				  void *arg);

typedef void (*smp_call_fn)(void *arg);
void smp_call_function_many(cpumask_t mask, smp_call_fn fn, void *arg, bool wait);
cpumask_t flush_when_awake(cpumask_t mask);

/* ---- locks ---- */

struct raw_spinlock {
	u32 held;
};
struct spinlock {
	struct raw_spinlock raw;
	unsigned int holder; /* its thread + 1 */
};

void raw_spin_lock(struct raw_spinlock *l);
void raw_spin_unlock(struct raw_spinlock *l);
void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);
#define raw_spin_is_locked(l)	     ((l)->held)
#define spin_is_mine(l)		     ((l)->holder == step_thread() + 1)
#define spin_lock_init(l, name)	     (*(l) = (struct spinlock){ { 0 } })
#define spin_lock_irqsave(l)	     (spin_lock(l), 0UL)
#define spin_unlock_irqrestore(l, f) (spin_unlock(l), (void)(f))

#define sleep_lock_check(l, inner) true
#define sleep_lock_taken(l, inner) ((void)0)
#define sleep_lock_released(l)	   true

#define spin_until_on(what, on, cond) \
	do { \
		while (!(cond)) \
			step_spin(); \
	} while (0)
#define smp_cond_load_acquire(what, ptr, cond) \
	__extension__({ \
		typeof(*(ptr) + 0) VAL; \
\
		spin_until_on(what, ptr, ({ \
				      VAL = smp_load_acquire(ptr); \
				      (cond); \
			      })); \
		VAL; \
	})
#define spin_until_on_or(what, on, cond, give_up) \
	({ \
		while (!(cond)) \
			step_spin(); \
		(void)(give_up); \
		true; \
	})
#define spin_kick(on)	  ((void)0)
#define spin_kick_all(on) ((void)0)

/* ---- what plays no part ---- */

struct patience {
	int none;
};
#define patience_begin(p, limit, step) ((void)(p), (void)(limit))
#define patience_is_over(p)	       false
#define clock_ns()		       0ULL

#define BUG_ON(cond) BUG_IF(cond, "%s", "")
#define BUG_IF(cond, fmt, ...) \
	do { \
		if (unlikely(cond)) \
			step_fail("BUG at %s:%d: %s: " fmt, __FILE__, __LINE__, #cond, \
				  ##__VA_ARGS__); \
	} while (0)

#define busted(mistake)		     false
#define sync_point_quiet(name)	     ((void)0)
#define sync_point(name)	     ((void)0)
#define pr_warn(...)		     ((void)0)
#define pr_err(...)		     ((void)0)
#define snprintf		     __builtin_snprintf
#define strscpy(to, from, n)	     ((void)0)
#define panic(...)		     step_fail(__VA_ARGS__)
#define ksym_lookup(addr, off, size) ((void)(off), (const char *)NULL)
#define detect(kind, obj, ...)	     step_fail(__VA_ARGS__)
#define spin_check_call()	     ((void)0)
#define lock_irq_enter()	     ((void)0)
#define lock_irq_exit()		     ((void)0)
#define watchdog_show_self(regs)     ((void)(regs))
#define watchdog_set_activity(x)     ((void)(x))

#define OPT_STRING_MAX	   16
#define OPTION_CHOICE(...) _Static_assert(true, "")
#define OPTION(...)	   _Static_assert(true, "")
