/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU's callbacks, and those who wait. Callbacks are queued on a list of the CPU that queues them;
 * the RCU thread takes all lists, waits for a grace period, and calls them, each list in its order.
 * A head belongs to RCU from call_rcu() until its function is called.
 *
 * Locks: the mutexes of synchronize_rcu_expedited() and rcu_barrier(); the lists' locks, which are
 * raw, with interrupts disabled.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/panic.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>

struct rcu_callbacks {
	struct raw_spinlock lock;
	struct rcu_head *first, **tail; /* tail NULL: not used yet; lock */
	unsigned long nr;		/* lock */
};
static DEFINE_PER_CPU(struct rcu_callbacks, rcu_callbacks);

static struct mutex rcu_expedited_mutex, rcu_barrier_mutex;
static struct task_struct *rcu_task;
static u32 rcu_has_work; /* set after a callback was queued, cleared before the lists are taken */
static unsigned long nr_grace_periods, nr_expedited, nr_callbacks_run;

/* ---- callbacks ---- */

static void callback_queue(struct rcu_callbacks *c, struct rcu_head *head)
{
	BUG_IF(!arch_irqs_disabled(), "an interrupt may want the same list");
	sync_point_quiet("rcu.queue");
	head->next = NULL;
	raw_spin_lock(&c->lock);
	if (!c->tail)
		c->tail = &c->first;
	*c->tail = head;
	c->tail = &head->next;
	c->nr++;
	raw_spin_unlock(&c->lock);
}

static void rcu_wake(void)
{
	/* Who finds the flag set leaves the waking to us: not to be put off in between. */
	preempt_disable();
	/* full: pairs with the xchg in rcu_thread(); the callback before the flag; SB with the
	 * thread's state is settled by wake_up_process(); tests: rcu.barrier_classic */
	if (!xchg(&rcu_has_work, 1) && rcu_task)
		wake_up_process(rcu_task);
	preempt_enable();
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	unsigned long flags = arch_irq_save();

	head->func = func;
	callback_queue(this_cpu_ptr(&rcu_callbacks), head);
	arch_irq_restore(flags);
	rcu_wake();
}

/* Take all callbacks of all CPUs, in one chain. */
static struct rcu_head *callbacks_take(void)
{
	struct rcu_head *first = NULL, **tail = &first;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		struct rcu_callbacks *c = per_cpu_ptr(&rcu_callbacks, cpu);
		unsigned long flags = arch_irq_save();

		raw_spin_lock(&c->lock);
		if (c->first) {
			*tail = c->first;
			tail = c->tail;
			c->first = NULL;
			c->tail = &c->first;
			c->nr = 0;
		}
		raw_spin_unlock(&c->lock);
		arch_irq_restore(flags);
	}
	return first;
}

static void callbacks_run(struct rcu_head *head)
{
	struct task_struct *t = current;

	t->rcu_callbacks = true;
	while (head) {
		struct rcu_head *next = head->next;

		head->func(head);
		nr_callbacks_run++;
		head = next;
	}
	t->rcu_callbacks = false;
}

/* The RCU thread: the only one that ends normal grace periods and runs callbacks. */
static void rcu_thread(void *arg)
{
	static struct rcu_wait wait;
	struct rcu_head *batch;

	for (;;) {
		/* full: pairs with the xchg in rcu_wake(); the flag before the lists */
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!xchg(&rcu_has_work, 0)) {
			schedule();
			continue;
		}
		set_current_state(TASK_RUNNING);
		batch = callbacks_take();
		sync_point_quiet("rcu.taken");
		if (!batch)
			continue;
		rcu_grace_period(&wait, false);
		nr_grace_periods++;
		callbacks_run(batch);
	}
}

/* ---- waiting by callers ---- */

/* clock_ns() when the last thread began to wait on that CPU; 0: it does so no more. Lockless. */
static DEFINE_PER_CPU(u64, sleeps_since);

u64 rcu_sleeps_since(unsigned int cpu)
{
	return READ_ONCE(per_cpu(sleeps_since, cpu));
}

/* Returns the CPU, to be handed to sleep_end(): the thread may wake up on another. */
static unsigned int sleep_begin(void)
{
	unsigned int cpu;

	preempt_disable();
	cpu = smp_processor_id();
	WRITE_ONCE(this_cpu(sleeps_since), clock_ns());
	preempt_enable();
	return cpu;
}

static void sleep_end(unsigned int cpu)
{
	WRITE_ONCE(per_cpu(sleeps_since, cpu), 0);
}

struct rcu_waiter {
	struct rcu_head head;
	struct task_struct *task;
	u32 done;
};

static void waiter_done(struct rcu_head *head)
{
	struct rcu_waiter *w = container_of(head, struct rcu_waiter, head);
	struct task_struct *t = w->task;

	/* release: pairs with the acquire in synchronize_rcu(); the end of the grace period before
	 * what the caller frees; the waiter is gone after it; tests: rcu.torture_classic */
	smp_store_release(&w->done, 1);
	wake_up_process(t);
}

void synchronize_rcu(void)
{
	struct rcu_waiter w = { .task = current };
	unsigned int cpu;

	if (!might_sleep("synchronize_rcu()"))
		return;
	cpu = sleep_begin();
	call_rcu(&w.head, waiter_done);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		/* acquire: pairs with the release in waiter_done(); tests: rcu.torture_classic */
		if (smp_load_acquire(&w.done))
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	sleep_end(cpu);
}

void synchronize_rcu_expedited(void)
{
	static struct rcu_wait wait; /* rcu_expedited_mutex */

	if (!might_sleep("synchronize_rcu_expedited()"))
		return;
	mutex_lock(&rcu_expedited_mutex);
	rcu_grace_period(&wait, true);
	nr_expedited++;
	mutex_unlock(&rcu_expedited_mutex);
}

struct barrier_head {
	struct rcu_head head;
};
static struct barrier_head barrier_heads[NR_CPUS]; /* rcu_barrier_mutex, and RCU's while queued */
static u32 barrier_left;
static struct task_struct *barrier_task;

static void barrier_passed(struct rcu_head *head)
{
	struct task_struct *t = barrier_task;

	/* full: pairs with the acquire in rcu_barrier(); the callbacks before it on its list before
	 * the count; tests: rcu.barrier_classic */
	if (fetch_add(&barrier_left, -1) == 1)
		wake_up_process(t);
}

void rcu_barrier(void)
{
	cpumask_t online = smp_online_mask();
	unsigned int cpu, self;

	if (!might_sleep("rcu_barrier()"))
		return;
	mutex_lock(&rcu_barrier_mutex);
	self = sleep_begin();
	barrier_task = current;
	/* One extra, so that it is not over before all are queued. */
	WRITE_ONCE(barrier_left, 1);
	/* A callback at the end of each CPU's list: when it runs, all before it have run. */
	for_each_cpu_in(cpu, online) {
		struct rcu_head *head = &barrier_heads[cpu].head;
		unsigned long flags = arch_irq_save();

		head->func = barrier_passed;
		fetch_add(&barrier_left, 1);
		callback_queue(per_cpu_ptr(&rcu_callbacks, cpu), head);
		arch_irq_restore(flags);
	}
	rcu_wake();
	fetch_add(&barrier_left, -1);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		/* acquire: pairs with the full fetch_add in barrier_passed();
		 * tests: rcu.barrier_classic */
		if (!smp_load_acquire(&barrier_left))
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	sleep_end(self);
	mutex_unlock(&rcu_barrier_mutex);
}

void rcu_get_stats(struct rcu_stats *s)
{
	unsigned int cpu;

	*s = (struct rcu_stats){
		.grace_periods = READ_ONCE(nr_grace_periods),
		.expedited = READ_ONCE(nr_expedited),
		.callbacks = READ_ONCE(nr_callbacks_run),
	};
	for_each_cpu_in(cpu, smp_online_mask())
		s->queued += READ_ONCE(per_cpu(rcu_callbacks, cpu).nr);
}

void rcu_callbacks_start(void)
{
	mutex_init(&rcu_expedited_mutex, "rcu_expedited");
	mutex_init(&rcu_barrier_mutex, "rcu_barrier");
	rcu_task = thread_prepare("rcu", ~0ULL, rcu_thread, NULL);
	if (!rcu_task)
		panic("not enough memory for the RCU thread");
	rcu_task->urgent = true;
	thread_start(rcu_task);
}
