/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting CPUs: OPAL sets one going at secondary_entry (boot.S), where it looks for its slot. */
#include <arch/barrier.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <asm/opal.h>
#include <asm/ptrace.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <mm/memory.h>

#include "port.h"

/* What a CPU needs to get into C. A slot each: one that comes too late must not take another's. */
struct cpu_start {
	u64 pir_plus_1; /* 0: unused slot */
	u64 stack, percpu, cpu;
};
struct cpu_start cpu_start_table[NR_CPUS];

BUILD_BUG_ON(offsetof(struct cpu_start, pir_plus_1) != CS_PIR_PLUS_1);
BUILD_BUG_ON(offsetof(struct cpu_start, stack) != CS_STACK);
BUILD_BUG_ON(offsetof(struct cpu_start, percpu) != CS_PERCPU);
BUILD_BUG_ON(offsetof(struct cpu_start, cpu) != CS_CPU);
BUILD_BUG_ON(sizeof(struct cpu_start) != CS_SIZE);
BUILD_BUG_ON(NR_CPUS != CS_ENTRIES);

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	u64 pir = cpu_table[cpu].hw_id;
	s64 rc;

	cpu_start_table[cpu] = (struct cpu_start){ pir + 1, (u64)stack_top, percpu, cpu };
	mb(); /* the slot before the start, which reads it with the MMU off; firmware orders it too */
	rc = opal_call_wait(OPAL_START_CPU, pir, __pa(secondary_entry), 0);
	if (rc == OPAL_SUCCESS)
		return 0;
	pr_err("OPAL does not start the CPU with PIR %llu: %lld\n", (unsigned long long)pir,
	       (long long)rc);
	return -EIO;
}

void secondary_init(unsigned int cpu)
{
	arch_trap_init_cpu();
	secondary_start(cpu);
}
