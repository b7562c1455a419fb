/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU, the part that both flavours share: readers, quiescent states, grace periods.
 *
 * Readers. Both flavours count their nesting in the task; a classic reader disables preemption too.
 * The outermost reader remembers which kind it is, so that the flavour can be changed at run time.
 *
 * Quiescent states. A CPU goes through one when it switches threads, and when an interrupt finds it
 * outside of any reader; an idle CPU is in one. It counts them (rcu_cpu.qs) and its way in and out
 * of idle (rcu_cpu.idle_seq, even while idle) with fully ordered atomics. A task that is switched
 * away from inside a reader is put on its CPU's list of blocked readers first.
 *
 * Grace period. The waiter looks at all counters, then waits for each CPU until it is idle or a
 * counter has moved; then, if the flavour is preemptible, for the blocked readers of before. Why
 * that suffices, for an updater U that unpublished an object and readers on CPU R:
 *
 *	U				R
 *	unpublish			an old reader's loads
 *	full barrier			full barrier
 *	look at qs: n			qs: n -> n + 1
 *	look again: n + 1		full barrier
 *	full barrier			a new reader's loads
 *	free
 *
 * An old reader, which ended before the quiescent state, has done its loads before the count moved,
 * and U frees after it saw that (message passing). A new one that missed the unpublishing would, by
 * the two full barriers, have had U's first look see n + 1 already (store buffering).
 * tests: litmus.MP+mb+mb, litmus.SB+mb+mb, rcu.torture_classic, rcu.torture_preempt
 *
 * For an idle CPU the same holds with idle_seq, which U sees even: the exit from idle is the count
 * that U's look missed. A look at each CPU suffices; the waiter disturbs none, but for an expedited
 * grace period, which interrupts those that are not idle.
 *
 * Locks: rcu_flavour_sem (readers: grace periods; writer: change of flavour); blocked_lock (raw,
 * interrupts disabled). Callbacks: rcu_callback.c.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/fixture.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>

static char opt_rcu[OPT_STRING_MAX] = "classic";
OPTION_CHOICE(rcu, "rcu", opt_rcu, "classic|preempt", "flavour of RCU");

u64 rcu_stall_ns = 3000000000ULL;
OPTION(rcu_stall, "rcu_stall", OPT_TIME, &rcu_stall_ns, 10000000, 3600000000000ULL,
       "report a grace period that takes longer");

/* How long the waiter sleeps at most between two looks: for CPUs that cannot wake it. */
#define LOOK_NS	    (1000000000ULL / TICK_HZ)
#define LOOK_MAX_NS (5 * LOOK_NS) /* more between two looks, and the host has put us aside */

DEFINE_PER_CPU(struct rcu_cpu, rcu_cpu) = { .idle_seq = 1 };

static const struct rcu_ops *rcu_ops = &rcu_classic_ops; /* under rcu_flavour_sem */
static bool rcu_is_classic = true; /* for readers: lockless, see rcu_read_lock() */
static struct rw_semaphore rcu_flavour_sem;

static struct wait_queue rcu_qs_wait; /* waiters for quiescent states */
static u32 nr_blocked_waits;	      /* waits in the blocked phase: a hint for who leaves a list */

u64 rcu_blocked_gen = 1;
unsigned int rcu_skip_cpu = 1;
struct rcu_stall rcu_last_stall;

/* ---- readers ---- */

void rcu_read_lock(void)
{
	struct task_struct *t = current;

	/*
	 * The nesting before the look at the flavour: a change of flavour waits for whoever may
	 * have seen the old one: it finds them by their nesting; others will see the new one.
	 */
	WRITE_ONCE(t->rcu_nesting, t->rcu_nesting + 1);
	barrier();
	if (t->rcu_nesting == 1 && READ_ONCE(rcu_is_classic)) {
		preempt_disable();
		t->rcu_classic = true;
	}
}

bool rcu_read_lock_held(void)
{
	return current->rcu_nesting > 0;
}

/* It was switched away from in the reader that has now ended. */
static noinline void reader_unblock(struct task_struct *t)
{
	struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpu, t->rcu_cpu);
	unsigned long flags = arch_irq_save();

	/* Again: an interrupt's reader may have done it. */
	if (t->rcu_special) {
		raw_spin_lock(&rc->blocked_lock);
		BUG_IF(!raw_spin_is_locked(&per_cpu(rcu_cpu, t->rcu_cpu).blocked_lock),
		       "the reader is on the list of CPU %u", t->rcu_cpu);
		list_del_init(&t->rcu_node);
		t->rcu_special = 0;
		raw_spin_unlock(&rc->blocked_lock);
	}
	arch_irq_restore(flags);
	/* full: pairs with the one in wait_for_readers(); off the list before the look whether
	 * somebody waits for it; tests: litmus.SB+mb+mb. One missed costs the waiter LOOK_NS. */
	smp_mb();
	if (READ_ONCE(nr_blocked_waits))
		wake_up_all(&rcu_qs_wait);
}

void rcu_read_unlock(void)
{
	struct task_struct *t = current;
	bool classic = t->rcu_classic;

	BUG_IF(t->rcu_nesting <= 0, "rcu_read_unlock() outside of a reader, thread %s", t->name);
	if (t->rcu_nesting > 1) {
		WRITE_ONCE(t->rcu_nesting, t->rcu_nesting - 1);
		return;
	}
	t->rcu_classic = false;
	barrier();
	WRITE_ONCE(t->rcu_nesting, 0);
	barrier();
	if (unlikely(READ_ONCE(t->rcu_special)))
		reader_unblock(t);
	if (classic)
		preempt_enable();
}

/* ---- quiescent states ---- */

/* This CPU is in no reader, or its reader's task is on the list. Interrupts disabled. */
static void quiescent_state(void)
{
	struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpu);

	BUG_IF(!arch_irqs_disabled(), "it could move to another CPU, or an interrupt's reader end");
	/* full: pairs with the barriers in wait_snapshot(), wait_is_over(), wait_for_readers() and
	 * preempt_blocked_start(), and with the rmb in stall_report(); see the head of this file;
	 * tests: litmus.SB+mb+mb, litmus.MP+mb+mb, rcu.torture_classic */
	fetch_add(&rc->qs, 1);
	if (unlikely(READ_ONCE(rc->wanted))) {
		WRITE_ONCE(rc->wanted, 0);
		wake_up_all(&rcu_qs_wait);
	}
}

static void rcu_note_context_switch(struct task_struct *prev)
{
	BUG_IF(prev->rcu_classic, "thread %s is switched away from in a classic reader",
	       prev->name);
	if (unlikely(prev->rcu_nesting) && !prev->rcu_special) {
		struct rcu_cpu *rc = this_cpu_ptr(&rcu_cpu);

		sync_point_quiet("rcu.blocks");
		raw_spin_lock(&rc->blocked_lock);
		prev->rcu_cpu = smp_processor_id();
		prev->rcu_gen = READ_ONCE(rcu_blocked_gen);
		prev->rcu_special = 1;
		list_add_tail(&prev->rcu_node, &rc->blocked);
		raw_spin_unlock(&rc->blocked_lock);
	}
	quiescent_state();
}

void rcu_tick(void)
{
	if (READ_ONCE(rcu_ops)->outside_reader(current))
		quiescent_state();
}

static void rcu_idle_enter(void)
{
	/* full: as in quiescent_state(); odd -> even */
	fetch_add(&this_cpu(rcu_cpu).idle_seq, 1);
}

static void rcu_idle_exit(void)
{
	/* full: as in quiescent_state(); even -> odd, before the next reader's loads */
	fetch_add(&this_cpu(rcu_cpu).idle_seq, 1);
}

bool rcu_irq_enter(void)
{
	bool was_idle = !(this_cpu(rcu_cpu).idle_seq & 1);

	if (was_idle)
		rcu_idle_exit();
	return was_idle;
}

void rcu_irq_exit(bool was_idle)
{
	if (was_idle)
		rcu_idle_enter();
}

const struct sched_hooks rcu_sched_hooks = {
	.leaves = rcu_note_context_switch,
	.idle_enter = rcu_idle_enter,
	.idle_exit = rcu_idle_exit,
};

/* ---- waiting for readers ---- */

static void wait_snapshot(struct rcu_wait *w)
{
	unsigned int cpu;

	w->left = smp_online_mask();
	if (busted(BUSTED_RCU_SKIP_CPU))
		w->left &= ~(1ULL << rcu_skip_cpu);
	w->blocked_phase = false;
	/* full: pairs with quiescent_state(), rcu_idle_enter() and rcu_idle_exit(); all that was
	 * unpublished before the look at the counters;
	 * tests: litmus.SB+mb+mb, rcu.torture_classic */
	smp_mb();
	for_each_cpu_in(cpu, w->left) {
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpu, cpu);

		w->qs[cpu] = READ_ONCE(rc->qs);
		w->idle_seq[cpu] = READ_ONCE(rc->idle_seq);
		if (!(w->idle_seq[cpu] & 1))
			w->left &= ~(1ULL << cpu);
	}
}

/* Who waits is itself in no reader. */
static void self_is_quiescent(void)
{
	unsigned long flags = arch_irq_save();

	quiescent_state();
	arch_irq_restore(flags);
}

/* Strike off the CPUs that have gone through a quiescent state; true when nothing is left. */
static bool wait_is_over(struct rcu_wait *w, const struct rcu_ops *ops)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, w->left) {
		struct rcu_cpu *rc = per_cpu_ptr(&rcu_cpu, cpu);

		if (READ_ONCE(rc->qs) != w->qs[cpu] || READ_ONCE(rc->idle_seq) != w->idle_seq[cpu])
			w->left &= ~(1ULL << cpu);
	}
	if (w->left)
		return false;
	/* full: pairs with quiescent_state(), rcu_idle_enter() and rcu_idle_exit(); the looks at
	 * the counters before the looks at the lists and before what is freed;
	 * tests: litmus.MP+mb+mb */
	smp_mb();
	if (!w->blocked_phase) {
		ops->blocked_start(w);
		w->blocked_phase = true;
		fetch_add(&nr_blocked_waits, 1);
	}
	return !ops->blocked_left(w, false);
}

static void wait_ask(const struct rcu_wait *w)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, w->left)
		WRITE_ONCE(per_cpu(rcu_cpu, cpu).wanted, 1);
}

void rcu_stall_note(int cpu, const struct task_struct *t)
{
	rcu_last_stall.cpu = cpu;
	strscpy(rcu_last_stall.thread, t->name, sizeof(rcu_last_stall.thread));
	if (cpu >= 0)
		pr_warn("RCU waits for CPU %d, which runs thread %s\n", cpu, t->name);
	else
		pr_warn("RCU waits for thread %s, switched away from in a reader\n", t->name);
}

static void stall_report(struct rcu_wait *w, const struct rcu_ops *ops, u64 ns)
{
	unsigned int cpu;

	pr_warn("RCU (%s): a grace period takes %llu ms\n", ops->name,
		(unsigned long long)ns / 1000000);
	for_each_cpu_in(cpu, w->left) {
		const struct task_struct *t = READ_ONCE(per_cpu(current_task, cpu));

		/* rmb: pairs with the full barrier in quiescent_state(), before the switch;
		 * the thread before the counter: if that has not moved, it is the one */
		smp_rmb();
		if (READ_ONCE(per_cpu(rcu_cpu, cpu).qs) == w->qs[cpu] &&
		    READ_ONCE(per_cpu(rcu_cpu, cpu).idle_seq) == w->idle_seq[cpu])
			rcu_stall_note(cpu, t);
	}
	if (w->blocked_phase)
		ops->blocked_left(w, true);
	WRITE_ONCE(rcu_last_stall.count, rcu_last_stall.count + 1);
}

/* In interrupt context on a CPU that an expedited grace period waits for. */
static void expedite_this_cpu(void *arg)
{
	const struct rcu_ops *ops = arg;
	struct task_struct *t = current;

	if (ops->outside_reader(t))
		quiescent_state();
	else
		WRITE_ONCE(t->need_resched, 1); /* it switches as soon as it may */
}

static void wait_for_readers(struct rcu_wait *w, const struct rcu_ops *ops, bool expedited)
{
	struct wait_entry e = { .task = NULL };
	u64 start = clock_ns();
	struct patience patience;

	BUG_IF(w->owner, "thread %s waits with the memory of thread %s", current->name,
	       w->owner->name);
	w->owner = current;
	patience_begin(&patience, READ_ONCE(rcu_stall_ns), LOOK_MAX_NS);
	wait_snapshot(w);
	self_is_quiescent();
	if (expedited && !wait_is_over(w, ops))
		smp_call_function_many(w->left, expedite_this_cpu, (void *)ops, true);
	while (!wait_is_over(w, ops)) {
		wait_prepare(&rcu_qs_wait, &e);
		wait_ask(w);
		/* full: pairs with quiescent_state() and reader_unblock(); the asking before the
		 * last look; tests: litmus.SB+mb+mb */
		smp_mb();
		if (wait_is_over(w, ops))
			break;
		schedule_timeout(LOOK_NS);
		if (patience_is_over(&patience)) {
			patience_begin(&patience, READ_ONCE(rcu_stall_ns), LOOK_MAX_NS);
			stall_report(w, ops, clock_ns() - start);
		}
	}
	wait_finish(&rcu_qs_wait, &e);
	if (w->blocked_phase)
		fetch_add(&nr_blocked_waits, -1);
	w->owner = NULL;
	/* full: pairs with quiescent_state(); all looks before all that the caller frees;
	 * tests: litmus.MP+mb+mb, rcu.torture_classic */
	smp_mb();
}

void rcu_grace_period(struct rcu_wait *w, bool expedited)
{
	down_read(&rcu_flavour_sem);
	wait_for_readers(w, rcu_ops, expedited);
	up_read(&rcu_flavour_sem);
}

/* ---- flavours, start ---- */

const char *rcu_flavour(void)
{
	return READ_ONCE(rcu_ops)->name;
}

static const struct rcu_ops *flavour_find(const char *name)
{
	if (!strcmp(name, rcu_classic_ops.name))
		return &rcu_classic_ops;
	if (!strcmp(name, rcu_preempt_ops.name))
		return &rcu_preempt_ops;
	return NULL;
}

int rcu_set_flavour(const char *name)
{
	static struct rcu_wait wait; /* rcu_flavour_sem */
	const struct rcu_ops *next = flavour_find(name), *old;

	might_sleep("rcu_set_flavour()");
	if (!next)
		return -EINVAL;
	down_write(&rcu_flavour_sem);
	BUG_IF(!rwsem_is_mine(&rcu_flavour_sem), "a grace period may be reading the flavour");
	old = rcu_ops;
	WRITE_ONCE(rcu_ops, next);
	WRITE_ONCE(rcu_is_classic, next->classic);
	/*
	 * Readers that saw the old flavour must end before a grace period goes by the new rules: a
	 * preemptible one may be switched away from, which the classic rule takes for its end. Wait
	 * by the preemptible rule, which holds for both kinds, since both count their nesting.
	 */
	if (old != next)
		wait_for_readers(&wait, &rcu_preempt_ops, true);
	up_write(&rcu_flavour_sem);
	return 0;
}

/* Some tests go over to a flavour; the next one has that of the boot line again. */
static void flavour_restore(void)
{
	if (strcmp(rcu_flavour(), opt_rcu) != 0)
		rcu_set_flavour(opt_rcu);
}

static const char *flavour_describe(void)
{
	return strcmp(opt_rcu, rcu_classic_ops.name) ? opt_rcu : NULL;
}
FIXTURE(rcu, .end = flavour_restore, .describe = flavour_describe);

void rcu_start(void)
{
	const struct rcu_ops *ops = flavour_find(opt_rcu);
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		INIT_LIST_HEAD(&per_cpu(rcu_cpu, cpu).blocked);
	wait_queue_init(&rcu_qs_wait, "rcu_qs_wait");
	init_rwsem(&rcu_flavour_sem, "rcu_flavour_sem");
	rcu_ops = ops;
	rcu_is_classic = ops->classic;
	rcu_callbacks_start();
}
