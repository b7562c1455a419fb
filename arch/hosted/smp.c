/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs are Linux threads, each bound to one of the cores that this process may use: the first CPU
 * to the first of them and so on, and round again where there are more CPUs than cores.
 */
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>

#include "port.h"

#define CORES_MAX     1024
#define BITS_PER_WORD 64

DEFINE_PER_CPU(s32, hosted_tid);

/* For ISAs that keep it in memory: <asm/host.h>. */
DEFINE_PER_CPU(unsigned long, hosted_offset);

/* Those that this process may use; written once, by the first CPU. */
static u64 cores[CORES_MAX / BITS_PER_WORD];
static unsigned int nr_cores;

void hosted_cores_init(void)
{
	long len = host_syscall(HOST_NR_sched_getaffinity, 0, sizeof(cores), (long)cores, 0, 0, 0);

	for (unsigned int i = 0; i < CORES_MAX && (long)i < len * 8; i++)
		nr_cores += cores[i / BITS_PER_WORD] >> i % BITS_PER_WORD & 1;
	if (!nr_cores)
		panic("Linux does not say which cores this process may use (error %ld)", -len);
}

unsigned int hosted_nr_cores(void)
{
	return nr_cores;
}

/* The core that is @n-th of ours. */
static unsigned int core_at(unsigned int n)
{
	unsigned int core = 0;

	for (;; core++)
		if ((cores[core / BITS_PER_WORD] >> core % BITS_PER_WORD & 1) && !n--)
			return core;
}

void hosted_cpu_init(unsigned int cpu)
{
	unsigned int core = core_at(cpu % nr_cores);
	u64 mask[CORES_MAX / BITS_PER_WORD] = { 0 };
	long err;

	mask[core / BITS_PER_WORD] = 1ULL << core % BITS_PER_WORD;
	err = host_syscall(HOST_NR_sched_setaffinity, 0, sizeof(mask), (long)mask, 0, 0, 0);
	if (err < 0)
		pr_warn("CPU %u cannot be bound to core %u (error %ld)", cpu, core, -err);
	per_cpu(hosted_tid, cpu) = host_syscall(HOST_NR_gettid, 0, 0, 0, 0, 0, 0);
}

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	long tid = host_clone(LINUX_CLONE_THREAD, stack_top, cpu, percpu);

	if (tid < 0) {
		pr_err("Linux makes no thread for CPU %u (error %ld)", cpu, -tid);
		return tid;
	}
	return 0;
}

void hosted_secondary(unsigned int cpu, unsigned long percpu)
{
	host_percpu_set(percpu);
	arch_set_current(&idle_tasks[cpu]);
	hosted_cpu_init(cpu);
	arch_trap_init_cpu();
	secondary_start(cpu);
}
