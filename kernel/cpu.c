/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUs as everybody knows them: which there are, which are online, what each runs and on which
 * stack. Data only: who brings a CPU up is kernel/native/smp.c, who switches threads is
 * kernel/native/sched.c.
 */
#include <arch/barrier.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <lib/string.h>

struct cpu_entry cpu_table[CPUS_NAMED_MAX];
unsigned int nr_cpus_named;
unsigned int nr_cpus_found;
unsigned int nr_cpus_ignored;

static cpumask_t online_mask = 1; /* written by the boot CPU; lockless readers */

unsigned long percpu_offset[NR_CPUS];
struct task_struct idle_tasks[NR_CPUS];

DEFINE_PER_CPU(unsigned int, cpu_number);
DEFINE_PER_CPU(struct task_struct *, current_task) = &idle_tasks[0];
DEFINE_PER_CPU(struct stack_limits, current_stack);

void stack_set_current(unsigned int cpu, void *top)
{
	per_cpu(current_stack, cpu).bottom = (unsigned long)top - KERNEL_STACK_SIZE;
	per_cpu(current_stack, cpu).top = (unsigned long)top;
}

cpumask_t smp_online_mask(void)
{
	return READ_ONCE(online_mask);
}

unsigned int cpus_in(cpumask_t mask)
{
	unsigned int n = 0;

	/* Not the compiler's popcount: where the ISA has no instruction it calls a library. */
	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

unsigned int smp_nr_online(void)
{
	return cpus_in(smp_online_mask());
}

void cpumask_format(cpumask_t mask, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		unsigned int last = cpu;

		if (!(mask >> cpu & 1))
			continue;
		while (last + 1 < NR_CPUS && mask >> (last + 1) & 1)
			last++;
		snprintf(buf + n, size - n, last > cpu ? "%s%u-%u" : "%s%u", n ? "," : "", cpu,
			 last);
		n += strlen(buf + n);
		cpu = last;
	}
}

bool cpu_is_online(unsigned int cpu)
{
	return smp_online_mask() & (1ULL << cpu);
}

void cpu_set_online(unsigned int cpu)
{
	WRITE_ONCE(online_mask, online_mask | 1ULL << cpu);
}
