/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting CPUs. All of them are fetched from firmware at once, since those that stay there spin
 * and take time from the others (the host's, under QEMU). They sleep in secondary_entry (boot.S)
 * until they are given a stack; CPUs beyond cpus= sleep there for good.
 *
 *	arch_cpu_start()		secondary_entry
 *	slot's other words		drop a pending doorbell, msgsync
 *	sync
 *	slot's stack			no stack in the slot: stop (a doorbell ends it), again
 *	sync, msgsnd			lwsync
 *					slot's other words
 */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <asm/opal.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <mm/address.h>

#include "port.h"

/* cpu_entry.enable_method: does firmware hand this CPU over? */
enum { CPU_FETCHED, CPU_REFUSED };

/*
 * What a CPU needs to get into C. A slot each: one that comes too late must not take another's.
 * Written by the boot CPU; lockless, ordered as above.
 */
struct cpu_start {
	u64 pir_plus_1; /* 0: unused slot */
	u64 stack;	/* 0: sleep */
	u64 percpu, cpu;
};
struct cpu_start cpu_start_table[NR_CPUS];

BUILD_BUG_ON(offsetof(struct cpu_start, pir_plus_1) != CS_PIR_PLUS_1);
BUILD_BUG_ON(offsetof(struct cpu_start, stack) != CS_STACK);
BUILD_BUG_ON(offsetof(struct cpu_start, percpu) != CS_PERCPU);
BUILD_BUG_ON(offsetof(struct cpu_start, cpu) != CS_CPU);
BUILD_BUG_ON(sizeof(struct cpu_start) != CS_SIZE);
BUILD_BUG_ON(NR_CPUS != CS_ENTRIES);

void smp_fetch_cpus(void)
{
	for (unsigned int cpu = 1; cpu < nr_cpus_found; cpu++) {
		u64 pir = cpu_table[cpu].hw_id;
		s64 rc;

		cpu_start_table[cpu] = (struct cpu_start){ .pir_plus_1 = pir + 1, .cpu = cpu };
		/*
		 * The slot before the start; pairs with firmware's hand-over; tests:
		 * kernel.cpus_online
		 */
		mb();
		rc = opal_call_wait(OPAL_START_CPU, pir, __pa(secondary_entry), 0);
		if (rc == OPAL_SUCCESS)
			continue;
		pr_err("OPAL does not start the CPU with PIR %llu: %lld\n", (unsigned long long)pir,
		       (long long)rc);
		cpu_table[cpu].enable_method = CPU_REFUSED;
	}
}

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	if (cpu_table[cpu].enable_method == CPU_REFUSED)
		return -EIO;
	cpu_start_table[cpu].percpu = percpu;
	/*
	 * release: pairs with the lwsync in secondary_entry(), firmware's state until then; the
	 * slot's other words before its stack; tests: litmus.MP+wmb+rmb
	 */
	mb();
	WRITE_ONCE(cpu_start_table[cpu].stack, (u64)stack_top);
	arch_ipi_send(cpu);
	return 0;
}

void secondary_init(unsigned int cpu)
{
	arch_trap_init_cpu();
	secondary_start(cpu);
}
