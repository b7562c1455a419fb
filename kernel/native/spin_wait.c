/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a CPU waits for another one: see the header.
 *
 * A doze is not idleness: to RCU the CPU still runs what waits, preemptible or not as that is, and
 * takes all interrupts. So one of them may give the CPU to another thread, and the waiter may wake
 * up elsewhere: until then its doze is still counted where it began, and who kicks may send an
 * interrupt for nothing. The counts are lockless, ordered as the header draws it.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>

/* A doze costs two context switches of the host: shorter waits are better spun. */
#define SPIN_NS 20000
static u64 spin_ns = SPIN_NS; /* lockless; any value will do */

struct dozing {
	u32 nr;		/* waits that dozed off here and are not awake yet; atomic */
	const void *on; /* what the last of them waits for */
};
static DEFINE_PER_CPU(struct dozing, dozing);
static u32 nr_dozing; /* on all CPUs; atomic */

static bool cpus_are_too_many(void)
{
	return smp_nr_online() > cpus_at_once();
}

void spin_wait_init(void)
{
	WRITE_ONCE(spin_overcommitted, cpus_are_too_many());
}

void spin_wait_pretend(bool overcommitted, u64 ns)
{
	WRITE_ONCE(spin_ns, ns ? ns : SPIN_NS);
	WRITE_ONCE(spin_overcommitted, ns ? overcommitted : cpus_are_too_many());
}

u64 spin_dozers(void)
{
	u64 mask = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		mask |= READ_ONCE(per_cpu(dozing, cpu).nr) ? 1ULL << cpu : 0;
	return mask;
}

const char *spin_waits_for(unsigned int cpu)
{
	return READ_ONCE(READ_ONCE(per_cpu(current_task, cpu))->waits_for);
}

/* The wait is a long one: reports shall know it. */
static void wait_note(struct spin_wait *w)
{
	w->since_ns = clock_ns() | 1;
	w->outer = current->waits_for;
	WRITE_ONCE(current->waits_for, w->what);
}

/* Say that this CPU dozes. Interrupts stay disabled until it does, or the wait is over. */
static void doze_begin(struct spin_wait *w)
{
	struct dozing *d;

	arch_irq_disable();
	d = this_cpu_ptr(&dozing);
	w->dozes_at = d;
	WRITE_ONCE(d->on, w->on);
	fetch_add_relaxed(&d->nr, 1);
	/* full: pairs with the barrier in __spin_kick(); that we doze before the last look at the
	 * condition; tests: litmus.SB+mb+mb, kernel.order_kick */
	fetch_add(&nr_dozing, 1);
}

/* Where no interrupt could end a doze, the CPU that is waited for is let run, if that can be. */
static void rest_begin(struct spin_wait *w)
{
	if (arch_irqs_disabled())
		arch_cpu_give_way();
	else
		doze_begin(w);
}

static void doze_end(struct spin_wait *w)
{
	fetch_add_relaxed(&w->dozes_at->nr, -1);
	fetch_add_relaxed(&nr_dozing, -1);
	w->dozes_at = NULL;
	w->since_ns = clock_ns() | 1;
}

void __spin_wait_turn(struct spin_wait *w)
{
	w->rests++;
	if (w->dozes_at) {
		cores_pass_on();
		cpu_sleep();
		doze_end(w);
		return;
	}
	if (!w->since_ns)
		wait_note(w);
	else if (READ_ONCE(spin_overcommitted) && !w->awake &&
		 clock_ns() - w->since_ns > READ_ONCE(spin_ns))
		rest_begin(w);
}

void __spin_wait_end(struct spin_wait *w)
{
	if (w->dozes_at) {
		arch_irq_enable();
		doze_end(w);
	}
	WRITE_ONCE(current->waits_for, w->outer);
}

bool __spin_kick(const void *on, bool all)
{
	unsigned int cpu;

	/* full: pairs with the one in doze_begin(); what ends the wait before the look at who
	 * dozes; tests: litmus.SB+mb+mb, kernel.order_kick */
	smp_mb();
	if (likely(!READ_ONCE(nr_dozing)))
		return false;
	for_each_cpu_in(cpu, smp_online_mask()) {
		const struct dozing *d = per_cpu_ptr(&dozing, cpu);

		if (!READ_ONCE(d->nr) || READ_ONCE(d->on) != on)
			continue;
		arch_ipi_send(cpu);
		if (!all)
			break;
	}
	return true;
}

void clock_delay_ns(u64 ns)
{
	u64 start = arch_clock_read();
	u64 ticks = clock_ns_to_ticks(ns) + 1;

	spin_until_awake("time to pass", arch_clock_read() - start >= ticks);
}
