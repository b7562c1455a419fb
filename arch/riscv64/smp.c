/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting harts: SBI 2.0, chapter 9 (hart state management). */
#include <arch/barrier.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>

#include <asm/boot.h>
#include <mm/address.h>
#include <mm/kmap.h>

#include "port.h"

/*
 * What secondary_entry() in boot.S reads, with the MMU off. One for each CPU: a hart that answers
 * late finds its own, not those of the next one.
 */
struct secondary_args {
	u64 satp; /* 0: not to be started */
	u64 stack_top;
	u64 percpu;
	u64 cpu;
	u64 hart;
};
BUILD_BUG_ON(offsetof(struct secondary_args, satp) != ARGS_SATP);
BUILD_BUG_ON(offsetof(struct secondary_args, stack_top) != ARGS_STACK_TOP);
BUILD_BUG_ON(offsetof(struct secondary_args, percpu) != ARGS_PERCPU);
BUILD_BUG_ON(offsetof(struct secondary_args, cpu) != ARGS_CPU);
BUILD_BUG_ON(offsetof(struct secondary_args, hart) != ARGS_HART);
BUILD_BUG_ON(sizeof(struct secondary_args) != ARGS_SIZE);
BUILD_BUG_ON(KERNEL_STACK_SIZE != BOOT_STACK_SIZE || NR_CPUS != BOOT_NR_CPUS);

struct secondary_args secondary_args[NR_CPUS];

void secondary_init(unsigned int cpu) __noreturn;

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	struct secondary_args *args = &secondary_args[cpu];
	struct sbi_ret r;

	args->satp = mmu_satp(kernel_root);
	args->stack_top = (u64)stack_top;
	args->percpu = percpu;
	args->cpu = cpu;
	args->hart = cpu_table[cpu].hw_id;

	/*
	 * mb: pairs with the start of the hart by firmware, and with the fence in boot_astray();
	 * orders the stores to args, page tables and per-CPU data before it;
	 * tests: kernel.cpus_online
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
