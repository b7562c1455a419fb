/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: a run queue for each CPU, first come first served, a slice a tick.
 *
 * A thread that runs is its queue's curr and not on the list; one that is ready is on the list; one
 * that sleeps is on neither. An idle CPU takes ready threads from others; so does the tick of a CPU
 * that has much less to do than another.
 *
 * Locks: rq->lock, taken with interrupts disabled. Only one at a time: who moves a thread takes it
 * off under the one lock, writes t->cpu, and puts it on under the other. The lock is held across
 * the switch: prev's schedule() takes it and next's finish_switch() releases it, so whoever holds
 * the lock never sees a thread whose registers are half saved.
 *
 * Sleeping and waking:
 *
 *	sleeper				waker
 *	state = UNINTERRUPTIBLE		condition = true
 *	full barrier			full barrier
 *	condition?			state UNINTERRUPTIBLE -> RUNNING (cmpxchg)
 *	schedule():			take the lock of t->cpu's queue
 *	  take own queue's lock		on_rq: it has not left yet, and will see RUNNING
 *	  state RUNNING: stay		not on_rq: it has left; claim it (on_rq = 1), queue it
 *	  else on_rq = 0, leave
 *
 * Either the sleeper sees the condition, or the waker sees the state (store buffering with full
 * barriers). A wake-up that comes late, when its thread sleeps for another reason, is harmless:
 * every sleeper tests its condition again, and task structs are never given back to other use.
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/this_cpu.h>
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/detect.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/string.h>

struct sleeper {
	struct list_head node; /* on the queue's list of sleepers, that queue's lock */
	struct task_struct *task;
	u64 until_ns;
};

struct run_queue {
	struct raw_spinlock lock;
	u32 holder;		   /* the CPU + 1 that has the lock; its own, for assertions */
	struct list_head queue;	   /* ready threads, without curr; lock */
	unsigned int nr;	   /* on the queue; written under lock, read by anyone as a hint */
	struct task_struct *curr;  /* written under lock by its CPU, read by anyone as a hint */
	struct task_struct *idle;  /* constant */
	struct list_head sleepers; /* struct sleeper; lock */
	unsigned int balance_tick; /* its CPU's */
};

/* A tick in so many looks whether another CPU has too much to do. */
#define BALANCE_TICKS 4

const struct sched_hooks *sched_hooks;

static DEFINE_PER_CPU(struct run_queue, run_queue);

void (*sched_mm_switch)(struct task_struct *prev, struct task_struct *next);

static struct run_queue *cpu_rq(unsigned int cpu)
{
	return per_cpu_ptr(&run_queue, cpu);
}

/* ---- its lock ---- */

static void rq_lock(struct run_queue *rq)
{
	BUG_IF(!arch_irqs_disabled(), "an interrupt may want the same run queue");
	raw_spin_lock(&rq->lock);
	WRITE_ONCE(rq->holder, smp_processor_id() + 1);
}

/* Who changes a queue, or a thread that is on it or leaves it, has its lock. */
static void rq_assert_locked(const struct run_queue *rq)
{
	BUG_IF(READ_ONCE(rq->holder) != smp_processor_id() + 1,
	       "the run queue is locked by CPU %d, not by %u", (int)READ_ONCE(rq->holder) - 1,
	       smp_processor_id());
}

static void rq_unlock(struct run_queue *rq)
{
	rq_assert_locked(rq);
	WRITE_ONCE(rq->holder, 0);
	raw_spin_unlock(&rq->lock);
}

/* ---- start ---- */

static void idle_task_init(unsigned int cpu, void *stack_top)
{
	struct task_struct *t = &idle_tasks[cpu];
	struct run_queue *rq = cpu_rq(cpu);

	snprintf(t->name, sizeof(t->name), "idle/%u", cpu);
	t->stack_top = stack_top;
	t->cpu = cpu;
	t->state = TASK_RUNNING;
	t->allowed = 1ULL << cpu;
	t->on_cpu = 1;
	t->on_rq = 1;
	t->preempt_count = 1; /* it looks at need_resched itself: see cpu_idle_loop() */
	INIT_LIST_HEAD(&t->run_node);
	memset(rq, 0, sizeof(*rq));
	INIT_LIST_HEAD(&rq->queue);
	INIT_LIST_HEAD(&rq->sleepers);
	rq->idle = t;
	rq->curr = t;
}

void sched_init_early(void)
{
	arch_set_current(&idle_tasks[0]);
	idle_task_init(0, boot_stack + KERNEL_STACK_SIZE);
}

void sched_set_boot_stack(void *stack_top)
{
	idle_tasks[0].stack_top = stack_top;
	stack_set_current(0, stack_top);
}

void sched_prepare_cpu(unsigned int cpu, void *stack_top)
{
	idle_task_init(cpu, stack_top);
	per_cpu(current_task, cpu) = &idle_tasks[cpu];
	stack_set_current(cpu, stack_top);
}

void sched_init_cpu(unsigned int cpu)
{
	arch_set_current(&idle_tasks[cpu]);
}

/* ---- the queue ---- */

static void enqueue_locked(struct run_queue *rq, struct task_struct *t, bool first)
{
	rq_assert_locked(rq);
	BUG_IF(!list_empty(&t->run_node) || !t->on_rq || t->cpu != rq->idle->cpu || t == rq->idle,
	       "thread %s onto the queue of CPU %u: on_rq %u, its cpu %u%s", t->name, rq->idle->cpu,
	       t->on_rq, t->cpu, list_empty(&t->run_node) ? "" : ", and it is on a queue");
	BUG_IF(READ_ONCE(t->state) == TASK_DEAD, "thread %s is dead, and queued", t->name);
	if (first)
		list_add(&t->run_node, &rq->queue);
	else
		list_add_tail(&t->run_node, &rq->queue);
	WRITE_ONCE(rq->nr, rq->nr + 1);
}

static void dequeue_locked(struct run_queue *rq, struct task_struct *t)
{
	rq_assert_locked(rq);
	BUG_IF(!rq->nr || list_empty(&t->run_node),
	       "thread %s off the queue of CPU %u, with %u on it", t->name, rq->idle->cpu, rq->nr);
	list_del_init(&t->run_node);
	WRITE_ONCE(rq->nr, rq->nr - 1);
}

/* A thread that is ready on @from and may run on @cpu; it belongs to @cpu then. NULL: none. */
static struct task_struct *take_from(struct run_queue *from, unsigned int cpu)
{
	struct task_struct *t, *found = NULL;

	rq_lock(from);
	list_for_each_entry(t, &from->queue, run_node)
	{
		if (!(t->allowed & (1ULL << cpu)))
			continue;
		dequeue_locked(from, t);
		WRITE_ONCE(t->cpu, cpu);
		found = t;
		break;
	}
	rq_unlock(from);
	return found;
}

/* The one of @cpus with the most ready threads, if these are @least or more; NR_CPUS: none. */
static unsigned int busiest_cpu(cpumask_t cpus, unsigned int least)
{
	unsigned int cpu, busiest = NR_CPUS, most = least;

	for_each_cpu_in(cpu, cpus) {
		unsigned int nr = READ_ONCE(cpu_rq(cpu)->nr);

		if (nr >= most) {
			most = nr + 1;
			busiest = cpu;
		}
	}
	return busiest;
}

/*
 * Move a ready thread here from the CPU with the most, if it has @more than we; from the next of
 * them if none of its threads may run here. Interrupts off.
 */
static void pull_one(struct run_queue *rq, unsigned int more)
{
	unsigned int cpu, me = smp_processor_id(), least = READ_ONCE(rq->nr) + more;
	cpumask_t others = smp_online_mask() & ~(1ULL << me);
	struct task_struct *t = NULL;

	while (!t && (cpu = busiest_cpu(others, least)) < NR_CPUS) {
		t = take_from(cpu_rq(cpu), me);
		others &= ~(1ULL << cpu);
	}
	if (!t)
		return;
	rq_lock(rq);
	enqueue_locked(rq, t, false);
	rq_unlock(rq);
}

/* ---- the switch ---- */

void finish_switch(struct task_struct *prev)
{
	struct run_queue *rq = this_cpu_ptr(&run_queue);

	rq_assert_locked(rq);
	/* release: pairs with the acquire in thread_join(); orders all that prev did on its stack,
	 * and the saving of its registers, before the stack's next use;
	 * tests: threads.create_join */
	smp_store_release(&prev->on_cpu, 0);
	rq_unlock(rq);
}

static void context_switch(struct run_queue *rq, struct task_struct *prev, struct task_struct *next)
{
	unsigned int cpu = smp_processor_id();

	BUG_IF(READ_ONCE(next->on_cpu), "thread %s is to run on CPU %u, but runs elsewhere",
	       next->name, cpu);
	WRITE_ONCE(rq->curr, next);
	WRITE_ONCE(next->on_cpu, 1);
	next->switches++;
	if (next->mm != prev->mm && sched_mm_switch)
		sched_mm_switch(prev, next);
	this_cpu(current_task) = next;
	stack_set_current(cpu, next->stack_top);
	finish_switch(arch_switch_to(prev, next));
}

/* What must hold of a thread that gives its CPU up; with the idle thread's own, or the dead's. */
static void switch_check(const struct run_queue *rq, const struct task_struct *prev)
{
	u32 own = prev == rq->idle || prev->state == TASK_DEAD;

	/* On the spare stack, after an overflow, nothing may be left behind. */
	BUG_IF((unsigned long)prev->stack_top - arch_current_sp() > KERNEL_STACK_SIZE,
	       "thread %s switches on a stack at %lx, not its own below %p (limits %lx %lx)",
	       prev->name, arch_current_sp(), prev->stack_top, this_cpu(current_stack).bottom,
	       this_cpu(current_stack).top);
	BUG_IF(prev != current || !prev->on_rq || !prev->on_cpu,
	       "thread %s is to leave the CPU, which runs %s; on_rq %u, on_cpu %u", prev->name,
	       current->name, prev->on_rq, prev->on_cpu);
	BUG_IF(prev->preempt_count != own, "thread %s, in state %u, switches with preempt_count %u",
	       prev->name, prev->state, prev->preempt_count);
}

/* @preempt: not prev's own wish, so that it stays ready whatever it prepared to wait for. */
static void __schedule(bool preempt)
{
	unsigned long flags = arch_irq_save();
	struct run_queue *rq = this_cpu_ptr(&run_queue);
	struct task_struct *prev = rq->curr, *next;
	bool leaves;

	switch_check(rq, prev);
	sched_hooks->leaves(prev);
	if (!READ_ONCE(rq->nr) &&
	    (prev == rq->idle || (!preempt && READ_ONCE(prev->state) != TASK_RUNNING)))
		pull_one(rq, 1);
	rq_lock(rq);
	WRITE_ONCE(prev->need_resched, 0);
	leaves = !preempt && READ_ONCE(prev->state) != TASK_RUNNING;
	if (leaves)
		prev->on_rq = 0;
	else if (prev != rq->idle)
		enqueue_locked(rq, prev, false);
	if (list_empty(&rq->queue) || cpu_rests()) {
		next = rq->idle;
	} else {
		next = list_first_entry(&rq->queue, struct task_struct, run_node);
		dequeue_locked(rq, next);
	}
	if (next != prev) {
		prev->preempted += preempt;
		context_switch(rq, prev, next);
	} else {
		rq_unlock(rq);
	}
	arch_irq_restore(flags);
}

bool sleep_forbidden(const char *what)
{
	const struct task_struct *t = current;

	detect(DETECT_CONTEXT, t,
	       "%s may sleep, but preempt_count is %u, %d RCU readers%s, interrupts %s, thread %s",
	       what, t->preempt_count, t->rcu_nesting, t->rcu_callbacks ? ", a callback" : "",
	       arch_irqs_disabled() ? "disabled" : "enabled", t->name);
	return false;
}

void schedule(void)
{
	struct task_struct *t = current;

	if (t == this_cpu(run_queue).idle || might_sleep("schedule()"))
		__schedule(false);
}

void schedule_dead(void)
{
	WRITE_ONCE(current->state, TASK_DEAD);
	__schedule(false);
	panic("a dead thread runs");
}

void yield(void)
{
	if (might_sleep("yield()"))
		__schedule(false);
}

void preempt_schedule(void)
{
	/* In an interrupt, or before its end: preempt_irq_exit() will look, or the next tick. */
	if (arch_irqs_disabled())
		return;
	while (READ_ONCE(current->need_resched))
		__schedule(true);
}

void preempt_irq_exit(void)
{
	struct task_struct *t = current;

	/* Interrupts do not nest: the interrupted code had them enabled, or we were not here. */
	while (unlikely(READ_ONCE(t->need_resched)) && !t->preempt_count)
		__schedule(true);
}

/* ---- waking ---- */

void set_current_state(enum task_state state)
{
	BUG_IF(state != TASK_RUNNING && state != TASK_UNINTERRUPTIBLE, "state %d", state);
	WRITE_ONCE(current->state, state);
	/* full: pairs with the barrier in wake_up_process(); the state before the caller's test of
	 * what it waits for; tests: threads.order_sleeper, threads.wakeups */
	smp_mb();
}

/* Ask the thread that runs on @cpu to let another in. Its queue's lock is held. */
static void resched_locked(struct run_queue *rq, unsigned int cpu)
{
	rq_assert_locked(rq);
	WRITE_ONCE(rq->curr->need_resched, 1);
	if (cpu != smp_processor_id())
		arch_ipi_send(cpu);
}

/*
 * Where there are more CPUs than the host has cores, and so many awake: one more that is woken has
 * to wait until the host runs it, and takes its time from the others. So what may run here stays,
 * with nobody queued before it; not if who wakes it keeps preemption off, beyond
 * wake_up_process(), and may go on to wait for it.
 */
static bool better_here(const struct task_struct *t)
{
	unsigned int me = smp_processor_id();

	if (likely(!READ_ONCE(spin_overcommitted)) || !(t->allowed & 1ULL << me) ||
	    current->preempt_count != 1 || READ_ONCE(cpu_rq(me)->nr))
		return false;
	return cpus_in(smp_online_mask() & ~cpus_asleep()) >= cpus_at_once();
}

/* Where a woken thread shall run: where it ran, or an idle CPU, or the one with least to do. */
static unsigned int choose_cpu(const struct task_struct *t)
{
	cpumask_t may = t->allowed & smp_online_mask();
	unsigned int cpu, best = t->cpu, least = ~0U;

	if (better_here(t))
		return smp_processor_id();
	for_each_cpu_in(cpu, may) {
		const struct run_queue *rq = cpu_rq(cpu);
		unsigned int load = READ_ONCE(rq->nr) + (READ_ONCE(rq->curr) != rq->idle);

		if (load < least || (load == least && cpu == t->cpu)) {
			least = load;
			best = cpu;
		}
	}
	return best;
}

static struct run_queue *lock_rq_of(struct task_struct *t)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(t->cpu);
		struct run_queue *rq = cpu_rq(cpu);

		rq_lock(rq);
		if (cpu == t->cpu)
			return rq;
		rq_unlock(rq);
	}
}

void sched_place(struct task_struct *t, unsigned int cpu)
{
	unsigned long flags = arch_irq_save();
	struct run_queue *rq = lock_rq_of(t);

	BUG_IF(t->on_rq || t->on_cpu || t->state != TASK_DEAD,
	       "thread %s is no new one: on_rq %u, on_cpu %u, state %u", t->name, t->on_rq,
	       t->on_cpu, t->state);
	WRITE_ONCE(t->cpu, cpu);
	rq_unlock(rq);
	arch_irq_restore(flags);
}

/* It is RUNNING, but may have left its queue before it knew. Interrupts disabled. */
static void wake_queue(struct task_struct *t)
{
	struct run_queue *rq;
	unsigned int cpu;

	sync_point_quiet("wake.found");
	rq = lock_rq_of(t);
	sync_point_quiet("wake.locked");
	/* acquire: pairs with the release in thread_start(), by the cmpxchg that made it RUNNING:
	 * who comes late reads what a new thread may do and where; tests: litmus.MP+rel+acq */
	if (t->on_rq || smp_load_acquire(&t->state) != TASK_RUNNING) {
		rq_unlock(rq);
		return;
	}
	sync_point_quiet("wake.queues");
	t->on_rq = 1; /* ours: nobody else will queue it */
	cpu = choose_cpu(t);
	WRITE_ONCE(t->cpu, cpu);
	if (rq != cpu_rq(cpu)) {
		rq_unlock(rq);
		rq = cpu_rq(cpu);
		rq_lock(rq);
	}
	enqueue_locked(rq, t, t->urgent);
	if (rq->curr == rq->idle || t->urgent)
		resched_locked(rq, cpu);
	rq_unlock(rq);
}

bool wake_up_process(struct task_struct *t)
{
	unsigned long flags;
	bool slept;

	/* full: pairs with the barrier in set_current_state(); what the sleeper waits for before
	 * the look at its state; tests: threads.order_state, threads.wakeups */
	smp_mb();
	if (READ_ONCE(t->state) != TASK_UNINTERRUPTIBLE)
		return false;
	/* Once it is RUNNING nobody else will queue it: it must not wait for our next turn. */
	preempt_disable();
	/* full: pairs with the release in thread_start(); what a new thread is before whoever wakes
	 * it queues it; tests: litmus.MP+rel+acq */
	slept = cmpxchg(&t->state, TASK_UNINTERRUPTIBLE, TASK_RUNNING) == TASK_UNINTERRUPTIBLE;
	if (slept) {
		flags = arch_irq_save();
		wake_queue(t);
		arch_irq_restore(flags);
	}
	preempt_enable();
	return slept;
}

/* ---- time ---- */

static void sleeper_add_locked(struct run_queue *rq, struct sleeper *s)
{
	rq_assert_locked(rq);
	list_add_tail(&s->node, &rq->sleepers);
}

/* By itself if the other of the tick and the sleeper has been first. */
static void sleeper_del_locked(struct run_queue *rq, struct sleeper *s)
{
	rq_assert_locked(rq);
	list_del_init(&s->node);
}

void schedule_timeout(u64 ns)
{
	struct sleeper s = { .task = current, .until_ns = clock_ns() + ns };
	unsigned long flags = arch_irq_save();
	struct run_queue *rq = this_cpu_ptr(&run_queue);

	rq_lock(rq);
	sleeper_add_locked(rq, &s);
	rq_unlock(rq);
	arch_irq_restore(flags);
	schedule();
	flags = arch_irq_save();
	rq_lock(rq);
	sleeper_del_locked(rq, &s);
	rq_unlock(rq);
	arch_irq_restore(flags);
}

void sleep_ns(u64 ns)
{
	u64 until = clock_ns() + ns, now;

	if (!might_sleep("sleep_ns()"))
		return;
	while ((now = clock_ns()) < until) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_timeout(until - now);
	}
}

/* Wake those whose time has come. From the tick. */
static void sleepers_wake(struct run_queue *rq)
{
	u64 now = clock_ns();
	struct sleeper *s;
	struct task_struct *t;

	do {
		t = NULL;
		rq_lock(rq);
		list_for_each_entry(s, &rq->sleepers, node)
		{
			if (s->until_ns > now)
				continue;
			sleeper_del_locked(rq, s);
			t = s->task;
			break;
		}
		rq_unlock(rq);
		if (t)
			wake_up_process(t);
	} while (t);
}

void sched_tick(void)
{
	struct run_queue *rq = this_cpu_ptr(&run_queue);

	if (!list_empty(&rq->sleepers))
		sleepers_wake(rq);
	if (cpu_rests())
		return;
	if (++rq->balance_tick % BALANCE_TICKS == 0)
		pull_one(rq, 2);
	/* A hint: what is queued meanwhile waits for the next tick. */
	if (READ_ONCE(rq->nr))
		WRITE_ONCE(rq->curr->need_resched, 1);
}

bool sched_cpu_has_work(void)
{
	/* Who is woken here need not wait for the CPU's turn. */
	if (READ_ONCE(current->need_resched))
		cpu_rest_end();
	return !cpu_rests() &&
	       (READ_ONCE(current->need_resched) || READ_ONCE(this_cpu(run_queue).nr));
}
