/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interprocessor calls.
 *
 * Each CPU owns one call slot for every target. A call pushes the slot on the target's list and
 * interrupts it; the target takes the whole list and runs the calls in their order.
 *
 *	caller				target
 *	fill slot
 *	push (release)  ------------->	take list (acquire)
 *	interrupt			run fn
 *	wait for free (acquire) <-----	mark free (release)
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/cores.h>
#include <kernel/detect.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/errno.h>
#include <lib/options.h>

struct call_slot {
	struct call_slot *next; /* the target's list; ordered by its head */
	smp_call_fn fn;
	void *arg;
	u32 in_flight; /* lockless: set by the caller, cleared by release when fn has returned */
};

static DEFINE_PER_CPU(struct call_slot, call_slots[NR_CPUS]);
static DEFINE_PER_CPU(struct call_slot *, call_list);

/* Above what a host may keep a vCPU from running, below the limit of a test. */
static u64 call_timeout_ns = 15000000000ULL;
OPTION(call_timeout, "call_timeout", OPT_TIME, &call_timeout_ns, 1000000, 3600000000000ULL,
       "a CPU that has not done what it was called for in so much time of the caller hangs");

static void __noreturn call_unanswered(const struct call_slot *slot, unsigned int cpu)
{
	unsigned long off = 0;
	const char *fn = ksym_lookup((unsigned long)slot->fn, &off, NULL);

	panic("cpu %u does not answer cpu %u, which has called it for %s", cpu, smp_processor_id(),
	      fn ? fn : "?");
}

/*
 * Until @cpu has run what this CPU called it for last. The limit is of time that this CPU has
 * truly waited, as of a spinlock: whoever runs takes its interrupts sooner.
 */
static void call_slot_wait(struct call_slot *slot, unsigned int cpu)
{
	struct patience patience;

	patience_begin(&patience, call_timeout_ns, SPIN_LOOK_MAX_NS);
	/* acquire: pairs with the release in smp_calls_run(); tests: litmus.MP+rel+acq */
	if (unlikely(!spin_until_on_or("a call's answer", slot, !smp_load_acquire(&slot->in_flight),
				       patience_is_over(&patience))))
		call_unanswered(slot, cpu);
}

/* The slots are this CPU's, and it is left out of those that are interrupted. */
static void assert_stays(void)
{
	BUG_IF(preemptible(), "thread %s may move to another CPU in the midst of a call",
	       current->name);
}

/* Preemption is off: the slot is this CPU's. An interrupt may want it too. */
static struct call_slot *call_queue(unsigned int cpu, smp_call_fn fn, void *arg)
{
	struct call_slot *slot = &this_cpu(call_slots)[cpu];
	struct call_slot **head = &per_cpu(call_list, cpu);
	struct call_slot *old;
	unsigned long flags;

	assert_stays();
	for (;;) {
		call_slot_wait(slot, cpu);
		flags = arch_irq_save();
		if (!READ_ONCE(slot->in_flight))
			break;
		arch_irq_restore(flags);
	}
	sync_point_quiet("ipi.push");
	slot->fn = fn;
	slot->arg = arg;
	slot->in_flight = 1;
	do {
		old = READ_ONCE(*head);
		slot->next = old;
		/* full: publishes the slot; pairs with the acquire in smp_calls_run();
		 * tests: litmus.MP+rel+acq */
	} while (cmpxchg(head, old, slot) != old);
	arch_ipi_send(cpu);
	arch_irq_restore(flags);
	return slot;
}

void smp_calls_run(void)
{
	struct call_slot *slot, *next, *in_order = NULL;

	/* acquire: pairs with the cmpxchg in call_queue(); tests: litmus.MP+rel+acq */
	for (slot = xchg_acquire(&this_cpu(call_list), (struct call_slot *)NULL); slot;
	     slot = next) {
		next = slot->next;
		slot->next = in_order;
		in_order = slot;
	}
	for (slot = in_order; slot; slot = next) {
		next = slot->next;
		slot->fn(slot->arg);
		/* release: pairs with the acquire in call_slot_wait(); tests: litmus.MP+rel+acq */
		smp_store_release(&slot->in_flight, 0);
		spin_kick(slot);
	}
}

static void call_self(smp_call_fn fn, void *arg)
{
	unsigned long flags;

	assert_stays();
	flags = arch_irq_save();
	fn(arg);
	arch_irq_restore(flags);
}

bool smp_wait_check(const char *what)
{
	if (likely(!arch_irqs_disabled())) {
		spin_check_call();
		return true;
	}
	detect(DETECT_CONTEXT, NULL, "%s waits for other CPUs, but interrupts are disabled", what);
	return false;
}

int smp_call_function_single(unsigned int cpu, smp_call_fn fn, void *arg, bool wait)
{
	struct call_slot *slot;

	if (cpu >= NR_CPUS || !cpu_is_online(cpu) ||
	    (wait && !smp_wait_check("smp_call_function_single()")))
		return -EINVAL;
	preempt_disable();
	if (cpu == smp_processor_id()) {
		call_self(fn, arg);
	} else {
		slot = call_queue(cpu, fn, arg);
		if (wait)
			call_slot_wait(slot, cpu);
	}
	preempt_enable();
	return 0;
}

void smp_call_function_many(cpumask_t mask, smp_call_fn fn, void *arg, bool wait)
{
	unsigned int cpu;

	/* Though there may be nobody to wait for, this time. */
	if (wait && !smp_wait_check("smp_call_function_many()"))
		return;
	preempt_disable();
	mask &= smp_online_mask() & ~(1ULL << smp_processor_id());
	for_each_cpu_in(cpu, mask)
		call_queue(cpu, fn, arg);
	for_each_cpu_in(cpu, wait ? mask : 0)
		call_slot_wait(&this_cpu(call_slots)[cpu], cpu);
	preempt_enable();
}

void on_each_cpu(smp_call_fn fn, void *arg)
{
	/* Else the thread could move in between: one CPU left out, another called twice. */
	preempt_disable();
	smp_call_function_many(~0ULL, fn, arg, true);
	call_self(fn, arg);
	preempt_enable();
}

void smp_flush_many(cpumask_t mask, smp_call_fn fn, void *arg)
{
	cpumask_t asleep = flush_when_awake(mask);
	u64 start = READ_ONCE(spin_overcommitted) ? clock_ns() : 0;

	smp_call_function_many(mask & ~asleep, fn, arg, true);
	if (start)
		cores_asked(clock_ns() - start, asleep);
}

void smp_flush_each(smp_call_fn fn, void *arg)
{
	/* Else the thread could move in between. */
	preempt_disable();
	smp_flush_many(~0ULL, fn, arg);
	call_self(fn, arg);
	preempt_enable();
}

void ipi_send_noise(unsigned int cpu)
{
	if (cpu_is_online(cpu))
		arch_ipi_send(cpu);
}
