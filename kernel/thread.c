/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Threads: their making and their end.
 *
 * A slot is a thread's task_struct and its stack. Slots are made when none is free and never given
 * back to other use: a freed one waits for the next thread. So a stale pointer to a task_struct
 * still points to one, and the list of slots can be walked in any context.
 *
 *	the thread			thread_join()
 *	fn() returns
 *	done = 1 (release)  --------->	done (acquire)
 *	wake t->joiner
 *	DEAD, switch away
 *	on_cpu = 0 (release)  ------->	on_cpu (acquire): the slot is free
 *
 * A waker may come so late that its thread has ended and the slot is another's. What it looks at,
 * on_rq and state, is then under the lock of the queue that t->cpu names; so a new thread's cpu is
 * written under the lock of the queue that the last one's names, as when a thread moves. Else
 *
 *	late waker			the slot's next thread is made and started
 *	RUNNING (its last life)
 *	lock the queue of CPU 1
 *	t->cpu is 1: the right one
 *					t->cpu = 0
 *					RUNNING; lock the queue of CPU 0
 *	RUNNING, and not on_rq		RUNNING, and not on_rq
 *	on_rq = 1, onto a queue		on_rq = 1, onto a queue: twice
 *
 * test: threads.late_wakeup
 *
 * Locks: tasks_lock (raw, interrupts disabled) protects the free list and the counts.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <kernel/asan.h>
#include <kernel/memory.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/trap.h>
#include <lib/string.h>

struct thread_slot {
	struct task_struct task;
	struct thread_slot *next_slot; /* of all; constant once it is reachable */
	struct thread_slot *next_free; /* tasks_lock */
};

static struct raw_spinlock tasks_lock = RAW_SPINLOCK_INIT;
static struct thread_slot *free_slots;
static unsigned int nr_alive, nr_free;

/* Lockless list, only added to: published by release, read by acquire. */
static struct thread_slot *all_slots;

/* The allocators of boot time have no lock of their own. */
static DEFINE_SPINLOCK(slot_grow_lock);

static unsigned long tasks_lock_irqsave(void)
{
	unsigned long flags = arch_irq_save();

	raw_spin_lock(&tasks_lock);
	return flags;
}

static void tasks_unlock_irqrestore(unsigned long flags)
{
	raw_spin_unlock(&tasks_lock);
	arch_irq_restore(flags);
}

unsigned int threads_alive(void)
{
	return READ_ONCE(nr_alive);
}

unsigned int threads_free(void)
{
	return READ_ONCE(nr_free);
}

static struct thread_slot *slot_make(void)
{
	struct thread_slot *s;
	void *top;

	spin_lock(&slot_grow_lock);
	s = kernel_memory->alloc(sizeof(*s), ARCH_CACHE_LINE_MAX);
	top = s ? kernel_memory->stack_alloc() : NULL;
	if (s && !top)
		kernel_memory->free(s, sizeof(*s));
	spin_unlock(&slot_grow_lock);
	if (!top)
		return NULL;
	s->task.stack_top = top;
	/*
	 * A CPU may remember that there was nothing mapped. Elsewhere a fault would tell it better,
	 * but not on the stack that the fault itself needs.
	 */
	arch_tlb_flush_kernel_range((unsigned long)top - KERNEL_STACK_SIZE, KERNEL_STACK_SIZE);
	return s;
}

static void slot_publish(struct thread_slot *s)
{
	struct thread_slot *old;

	do {
		old = READ_ONCE(all_slots);
		s->next_slot = old;
		/* full: the slot before its being on the list; pairs with the acquire in
		 * thread_stack_contains(); tests: litmus.MP+rel+acq */
	} while (cmpxchg(&all_slots, old, s) != old);
}

static struct thread_slot *slot_get(void)
{
	unsigned long flags = tasks_lock_irqsave();
	struct thread_slot *s = free_slots;

	if (s) {
		free_slots = s->next_free;
		nr_free--;
	}
	tasks_unlock_irqrestore(flags);
	if (!s) {
		s = slot_make();
		if (!s)
			return NULL;
		slot_publish(s);
	}
	return s;
}

static void slot_put_locked(struct thread_slot *s)
{
	BUG_IF(!raw_spin_is_locked(&tasks_lock), "another CPU may take a slot");
	s->next_free = free_slots;
	free_slots = s;
	nr_alive--;
	nr_free++;
}

/* Of a slot's task so many bytes are not made anew: stack_top, and what wakers look at. */
#define TASK_KEPT offsetof(struct task_struct, preempt_count)
BUILD_BUG_ON(offsetof(struct task_struct, cpu) > TASK_KEPT ||
	     offsetof(struct task_struct, state) > TASK_KEPT ||
	     offsetof(struct task_struct, on_cpu) > TASK_KEPT ||
	     offsetof(struct task_struct, on_rq) > TASK_KEPT);

static unsigned int mask_first(cpumask_t mask)
{
	unsigned int cpu = 0;

	while (!(mask & (1ULL << cpu)))
		cpu++;
	return cpu;
}

struct task_struct *thread_prepare(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				   void *arg)
{
	struct thread_slot *s;
	struct task_struct *t;
	unsigned long flags;

	smp_wait_check("thread_prepare()");
	allowed &= smp_online_mask();
	if (!allowed)
		return NULL;
	s = slot_get();
	if (!s)
		return NULL;
	t = &s->task;
	/* It is DEAD until it is started: a late wake-up leaves such a one alone. */
	memset((char *)t + TASK_KEPT, 0, sizeof(*t) - TASK_KEPT);
	t->allowed = allowed;
	t->fn = fn;
	t->arg = arg;
	strscpy(t->name, name, sizeof(t->name));
	INIT_LIST_HEAD(&t->run_node);
	INIT_LIST_HEAD(&t->rcu_node);
	/* Whoever ended on this stack did not return from its functions. */
	asan_unpoison((char *)t->stack_top - KERNEL_STACK_SIZE, KERNEL_STACK_SIZE);
	t->sp = arch_thread_frame(t->stack_top, thread_entry);
	sched_place(t, mask_first(allowed));
	flags = tasks_lock_irqsave();
	nr_alive++;
	tasks_unlock_irqrestore(flags);
	return t;
}

void thread_start(struct task_struct *t)
{
	/* release: pairs with the cmpxchg() in wake_up_process(), and of who comes late with the
	 * acquire in wake_queue(); all of the thread before its being one that can be woken;
	 * tests: litmus.MP+rel+acq */
	smp_store_release(&t->state, TASK_UNINTERRUPTIBLE);
	wake_up_process(t);
}

struct task_struct *thread_create(const char *name, cpumask_t allowed, void (*fn)(void *arg),
				  void *arg)
{
	struct task_struct *t = thread_prepare(name, allowed, fn, arg);

	if (t)
		thread_start(t);
	return t;
}

void thread_done(struct task_struct *t)
{
	struct task_struct *joiner;

	/* release: pairs with the acquire in thread_join_look(); orders what the thread did before
	 * its being done; tests: threads.create_join */
	smp_store_release(&t->done, 1);
	/* full: pairs with set_current_state() in thread_join_look(); done before the look at who
	 * waits; tests: threads.order_join */
	smp_mb();
	joiner = READ_ONCE(t->joiner);
	if (joiner)
		wake_up_process(joiner);
}

/* The first thing on a new thread's stack, with its run queue's lock held by the switch. */
void thread_entry(struct task_struct *prev)
{
	struct task_struct *t = current;

	finish_switch(prev);
	arch_irq_enable();
	t->fn(t->arg);
	BUG_IF(t->preempt_count, "thread %s ends with preempt_count %u", t->name, t->preempt_count);
	BUG_IF(t->rcu_nesting, "thread %s ends inside an RCU reader", t->name);
	BUG_IF(arch_irqs_disabled(), "thread %s ends with interrupts disabled", t->name);
	sleep_lock_check_leaked();
	preempt_disable();
	thread_done(t);
	schedule_dead();
}

bool thread_join_look(struct task_struct *t)
{
	WRITE_ONCE(t->joiner, current);
	/* Its barrier pairs with the one in thread_done(); tests: threads.order_join */
	set_current_state(TASK_UNINTERRUPTIBLE);
	/* acquire: pairs with the release in thread_done(); tests: threads.create_join */
	return smp_load_acquire(&t->done);
}

void thread_join(struct task_struct *t)
{
	struct thread_slot *s = container_of(t, struct thread_slot, task);
	unsigned long flags;

	if (!might_sleep("thread_join()"))
		return;
	BUG_IF(t == current, "thread %s waits for its own end", t->name);
	while (!thread_join_look(t))
		schedule();
	set_current_state(TASK_RUNNING);
	/* acquire: pairs with the release in finish_switch(): its stack is no longer in use;
	 * tests: threads.create_join */
	while (READ_ONCE(t->state) != TASK_DEAD || smp_load_acquire(&t->on_cpu))
		yield();
	flags = tasks_lock_irqsave();
	slot_put_locked(s);
	tasks_unlock_irqrestore(flags);
}

/* ---- stacks ---- */

static bool thread_stack_contains(unsigned long addr, size_t size)
{
	const struct thread_slot *s;

	/* acquire: pairs with the cmpxchg in slot_publish(); tests: litmus.MP+rel+acq */
	for (s = smp_load_acquire(&all_slots); s; s = s->next_slot) {
		unsigned long top = (unsigned long)s->task.stack_top;

		if (addr < top && addr >= top - KERNEL_STACK_SIZE && top - addr >= size)
			return true;
	}
	return false;
}

static bool in_range(unsigned long addr, size_t size, unsigned long start, size_t len)
{
	return addr >= start && addr - start <= len && len - (addr - start) >= size;
}

bool stack_contains(unsigned long addr, size_t size)
{
	if (in_range(addr, size, (unsigned long)boot_stack, KERNEL_STACK_SIZE))
		return true;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (cpu && !percpu_offset[cpu])
			continue;
		if (per_cpu(current_stack, cpu).top &&
		    in_range(addr, size, per_cpu(current_stack, cpu).bottom, KERNEL_STACK_SIZE))
			return true;
		if (in_range(addr, size, (unsigned long)per_cpu(overflow_stack, cpu),
			     OVERFLOW_STACK_SIZE))
			return true;
	}
	return thread_stack_contains(addr, size);
}

/* ---- reports ---- */

#define PRINT_FRAMES  6
#define PRINT_THREADS 32

static void thread_print_sleeping(unsigned long sp)
{
	struct unwind u;
	char line[200];
	size_t n = 0;

	arch_unwind_sleeping(&u, sp);
	for (int i = 0; i < PRINT_FRAMES && n < sizeof(line) - 1; i++) {
		unsigned long off = 0;
		const char *name = ksym_lookup(u.pc - 1, &off, NULL);

		n += snprintf(line + n, sizeof(line) - n, "%s%s", i ? " < " : "",
			      name ? name : "?");
		if (!arch_unwind_step(&u))
			break;
	}
	printk("    in %s\n", line);
}

static void thread_print(const struct task_struct *t)
{
	bool runs = READ_ONCE(t->on_cpu);
	const char *wait = READ_ONCE(t->waits_for);
	unsigned long sp = READ_ONCE(t->sp);

	printk("thread %s: %s, cpu %u, %lu switches, %lu times preempted%s%s\n", t->name,
	       runs				     ? "running"
	       : READ_ONCE(t->state) == TASK_RUNNING ? "ready"
	       : READ_ONCE(t->on_rq)		     ? "ready, about to sleep"
						     : "sleeping",
	       t->cpu, t->switches, t->preempted, wait ? ", waits for " : "", wait ? wait : "");
	if (!runs && sp)
		thread_print_sleeping(sp);
}

void threads_print(void)
{
	const struct thread_slot *s;
	unsigned int n = 0;

	/* Without the lock, whose holder may be what we report on: the other CPUs go on, and their
	 * threads come and go meanwhile, but slots stay.
	 * acquire: as in thread_stack_contains(); tests: litmus.MP+rel+acq */
	for (s = smp_load_acquire(&all_slots); s; s = s->next_slot)
		if (READ_ONCE(s->task.state) != TASK_DEAD && n++ < PRINT_THREADS)
			thread_print(&s->task);
	if (n > PRINT_THREADS)
		printk("and %u threads more\n", n - PRINT_THREADS);
}
