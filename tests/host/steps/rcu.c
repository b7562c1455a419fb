/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RCU: readers against the end of a grace period, and against a change of flavour, when they look
 * at the one and count themselves for the other. A thread is alone on its CPU: when its slice ends
 * it is switched away from, to the idle thread, and back.
 */
#include "sim.h"

static void expedite(cpumask_t mask, smp_call_fn fn, void *arg);
#define smp_call_function_many(mask, fn, arg, wait) expedite(mask, fn, arg)

#include "../../../kernel/rcu.c"

#include "../../../kernel/rcu_classic.c"
#include "../../../kernel/rcu_preempt.c"
#include "scenes.h"

static u32 published, freed; /* an object, and its end */
static u32 changed;	     /* the change of flavour has ended */
static const char *flavour_before, *flavour_after;

void rcu_callbacks_start(void)
{
}

/* What expedited grace periods ask of a CPU. */
static void expedite(cpumask_t mask, smp_call_fn fn, void *arg)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, mask & ~(1ULL << step_thread()))
		step_interrupt(cpu, fn, arg);
}

/* The end of a slice, in an interrupt: not if preemption is disabled. */
static void slice_ends(void *unused)
{
	if (!current->preempt_count)
		rcu_note_context_switch(current);
}

static void ticks(void *unused)
{
	rcu_tick();
}

/* The reader's CPU is interrupted, wherever it is. */
static void interrupts(void)
{
	step_interrupt(0, ticks, NULL);
	step_interrupt(0, slice_ends, NULL);
	step_interrupt(0, slice_ends, NULL);
}

static void reads(void)
{
	unsigned long flags;
	u32 seen;

	rcu_read_lock();
	if (READ_ONCE(changed) && current->rcu_classic != !strcmp(flavour_after, "classic"))
		step_fail("a reader of the old kind is left, when the flavour has changed");
	seen = READ_ONCE(published);
	if (seen && READ_ONCE(freed))
		step_fail("freed under a reader");
	rcu_read_unlock();
	if (current->rcu_special)
		step_fail("who is in no reader is on the list of those that are blocked in one");
	flags = arch_irq_save();
	rcu_note_context_switch(current);
	rcu_idle_enter();
	arch_irq_restore(flags);
}

static void changes(void)
{
	if (rcu_set_flavour(flavour_after))
		step_fail("the flavour %s is unknown", flavour_after);
	WRITE_ONCE(changed, 1);
}

static void frees(void)
{
	static struct rcu_wait wait;

	WRITE_ONCE(published, 0);
	rcu_grace_period(&wait, false);
	WRITE_ONCE(freed, 1);
}

static void frees_after_change(void)
{
	changes();
	frees();
}

static void start(void)
{
	published = 1;
	freed = changed = 0;
	strcpy(opt_rcu, flavour_before);
	rcu_start();
	for (unsigned int cpu = 2; cpu < NR_CPUS; cpu++)
		per_cpu(rcu_cpu, cpu).idle_seq = 0;
}

unsigned long scenes_rcu(void)
{
	static const char *const flavours[] = { "classic", "preempt" };
	unsigned long runs = 0;

	for (unsigned int i = 0; i < 4; i++) {
		struct steps s = { .name = "rcu",
				   .threads = 3,
				   .put_aside = 2,
				   .start = start,
				   .thread = { reads, i & 2 ? frees_after_change : frees,
					       interrupts } };

		flavour_before = flavours[i & 1];
		flavour_after = flavours[!(i & 1)];
		runs += steps_run(&s);
	}
	return runs;
}
