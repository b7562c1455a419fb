/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of the memory manager. Each CPU adds to its own, so that counting is no point at which
 * CPUs that race meet; who reads sums them up, while they may be in motion.
 */
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <mm/vmstat.h>

struct vm_counters {
	unsigned long fault[MM_FAULT_NR];
	unsigned long reclaim[RECLAIM_EVENTS];
};
static DEFINE_PER_CPU(struct vm_counters, vm_counters); /* its CPU's, preemption disabled */

void mm_fault_count(enum mm_fault_kind kind)
{
	preempt_disable();
	this_cpu(vm_counters).fault[kind]++;
	preempt_enable();
}

unsigned long mm_fault_total(enum mm_fault_kind kind)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		sum += READ_ONCE(per_cpu(vm_counters, cpu).fault[kind]);
	return sum;
}

void reclaim_count(enum reclaim_event e)
{
	preempt_disable();
	this_cpu(vm_counters).reclaim[e]++;
	preempt_enable();
}

static unsigned long reclaim_total(enum reclaim_event e)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		sum += READ_ONCE(per_cpu(vm_counters, cpu).reclaim[e]);
	return sum;
}

void reclaim_read_stats(struct reclaim_stats *s)
{
	s->scanned = reclaim_total(RECLAIM_SCANNED);
	s->freed = reclaim_total(RECLAIM_FREED);
	s->activated = reclaim_total(RECLAIM_ACTIVATED);
	s->swapped_out = reclaim_total(RECLAIM_SWAPPED_OUT);
	s->swapped_in = reclaim_total(RECLAIM_SWAPPED_IN);
	s->migrated = reclaim_total(RECLAIM_MIGRATED);
	s->wakeups = reclaim_total(RECLAIM_WAKEUPS);
}
