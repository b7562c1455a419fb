/* SPDX-License-Identifier: GPL-2.0-only */
/* The idle loop, and work that CPU 0's tests hand to the CPUs that sit in it. */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/watchdog.h>

enum work_state { WORK_NONE, WORK_QUEUED, WORK_RUNNING };

struct cpu_work {
	void (*fn)(void *arg);
	void *arg;
	u32 state; /* lockless, by release: QUEUED by the starter, the rest by the CPU */
};

static DEFINE_PER_CPU(struct cpu_work, cpu_work);

int cpu_work_start(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct cpu_work *w;

	if (cpu >= NR_CPUS || !cpu_is_online(cpu) || cpu == smp_processor_id() || cpu == 0)
		return -EINVAL;
	w = &per_cpu(cpu_work, cpu);
	/* acquire: pairs with the release in cpu_work_run(); tests: litmus.MP+rel+acq */
	if (smp_load_acquire(&w->state) != WORK_NONE)
		return -EBUSY;
	w->fn = fn;
	w->arg = arg;
	/* release: pairs with the acquire in cpu_idle_loop(); tests: litmus.MP+rel+acq */
	smp_store_release(&w->state, WORK_QUEUED);
	arch_ipi_send(cpu);
	return 0;
}

bool cpu_work_done(unsigned int cpu)
{
	/* acquire: pairs with the release in cpu_work_run(); tests: litmus.MP+rel+acq */
	return smp_load_acquire(&per_cpu(cpu_work, cpu).state) == WORK_NONE;
}

void cpu_work_wait(unsigned int cpu)
{
	while (!cpu_work_done(cpu))
		cpu_relax();
}

static void cpu_work_run(struct cpu_work *w)
{
	WRITE_ONCE(w->state, WORK_RUNNING);
	watchdog_set_activity((unsigned long)w->fn);
	arch_irq_enable();
	w->fn(w->arg);
	arch_irq_disable();
	watchdog_set_activity(0);
	/* release: pairs with the acquire in cpu_work_done(); tests: litmus.MP+rel+acq */
	smp_store_release(&w->state, WORK_NONE);
}

void cpu_idle_loop(void)
{
	struct cpu_work *w = &this_cpu(cpu_work);

	for (;;) {
		arch_irq_disable();
		/* acquire: pairs with the release in cpu_work_start(); tests: litmus.MP+rel+acq */
		if (smp_load_acquire(&w->state) == WORK_QUEUED)
			cpu_work_run(w);
		else
			arch_cpu_idle();
	}
}
