/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work that CPU 0's tests hand to other CPUs: each has a worker thread that may run nowhere else.
 * While it works nothing but interrupts takes its CPU, as long as no other thread is ready there.
 */
#include <arch/barrier.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/watchdog.h>
#include <lib/errno.h>

enum work_state { WORK_NONE, WORK_QUEUED, WORK_RUNNING };

struct cpu_work {
	void (*fn)(void *arg);
	void *arg;
	u32 state; /* lockless, by release: QUEUED by the starter, the rest by the worker */
	struct task_struct *worker; /* constant after cpu_work_init(); NULL: there was no memory */
};

static DEFINE_PER_CPU(struct cpu_work, cpu_work);

int cpu_work_start(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct cpu_work *w;

	if (cpu >= NR_CPUS || !cpu_is_online(cpu) || cpu == 0 || cpu == current->cpu)
		return -EINVAL;
	w = &per_cpu(cpu_work, cpu);
	if (!w->worker)
		return -ENOMEM;
	/* acquire: as in cpu_work_done(); tests: litmus.MP+rel+acq */
	if (smp_load_acquire(&w->state) != WORK_NONE)
		return -EBUSY;
	w->fn = fn;
	w->arg = arg;
	/* release: pairs with the acquire in cpu_work_thread(); tests: litmus.MP+rel+acq */
	smp_store_release(&w->state, WORK_QUEUED);
	wake_up_process(w->worker);
	return 0;
}

bool cpu_work_done(unsigned int cpu)
{
	/* acquire: pairs with the release in cpu_work_run(); tests: litmus.MP+rel+acq */
	return smp_load_acquire(&per_cpu(cpu_work, cpu).state) == WORK_NONE;
}

void cpu_work_wait(unsigned int cpu)
{
	/* acquire: pairs with the release in cpu_work_run(); tests: litmus.MP+rel+acq */
	smp_cond_load_acquire("work of another CPU", &per_cpu(cpu_work, cpu).state,
			      VAL == WORK_NONE);
}

static void cpu_work_run(struct cpu_work *w)
{
	WRITE_ONCE(w->state, WORK_RUNNING);
	watchdog_set_activity((unsigned long)w->fn);
	w->fn(w->arg);
	watchdog_set_activity(0);
	/* release: pairs with the acquires in cpu_work_wait() and cpu_work_done();
	 * tests: litmus.MP+rel+acq */
	smp_store_release(&w->state, WORK_NONE);
	spin_kick_all(&w->state);
}

static void cpu_work_thread(void *arg)
{
	struct cpu_work *w = arg;

	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		/* acquire: pairs with the release in cpu_work_start(); tests: litmus.MP+rel+acq */
		if (smp_load_acquire(&w->state) == WORK_QUEUED) {
			set_current_state(TASK_RUNNING);
			cpu_work_run(w);
		} else {
			schedule();
		}
	}
}

void cpu_work_init(void)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL) {
		struct cpu_work *w = &per_cpu(cpu_work, cpu);
		char name[TASK_NAME_MAX];

		snprintf(name, sizeof(name), "worker/%u", cpu);
		w->worker = thread_create(name, 1ULL << cpu, cpu_work_thread, w);
		if (!w->worker)
			pr_err("no memory for the worker thread of CPU %u\n", cpu);
	}
}
