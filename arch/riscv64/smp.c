/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting harts: SBI 2.0, chapter 9 (hart state management). */
#include <arch/barrier.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/errno.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <mm/memory.h>

#include "port.h"

/*
 * What secondary_entry() in boot.S reads, with the MMU off. One for each CPU: a hart that answers
 * late finds its own, not those of the next one.
 */
struct secondary_args {
	u64 satp;
	u64 stack_top;
	u64 percpu;
	u64 cpu;
};
BUILD_BUG_ON(offsetof(struct secondary_args, cpu) != 24);

static struct secondary_args secondary_args[NR_CPUS];

void secondary_init(unsigned int cpu) __noreturn;

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	struct secondary_args *args = &secondary_args[cpu];
	struct sbi_ret r;

	args->satp = mmu_satp(kernel_root);
	args->stack_top = (u64)stack_top;
	args->percpu = percpu;
	args->cpu = cpu;

	/*
	 * mb: pairs with the start of the hart by firmware; orders the stores to args, page tables and
	 * per-CPU data before it; tests: kernel.smp*
	 */
	mb();
	r = sbi_call(SBI_EXT_HSM, SBI_HSM_START, cpu_table[cpu].hw_id, __pa(secondary_entry),
		     __pa(args), 0);
	if (r.error) {
		pr_err("cpu %u: firmware does not start hart %lu: SBI error %ld\n", cpu,
		       cpu_table[cpu].hw_id, r.error);
		return -EIO;
	}
	return 0;
}

/* From boot.S, on its own stack and the kernel's tables. */
void secondary_init(unsigned int cpu)
{
	arch_trap_init_cpu();
	secondary_start(cpu);
}
