/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: bringing CPUs up, by INIT and start-up IPIs (Intel SDM vol. 3A section 9.4.4.1), and the
 * CPU's identity and per-CPU offset.
 */
#include <arch/atomic.h>
#include <arch/clock.h>
#include <arch/mmu.h>
#include <arch/pgtable_user.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>

#include "port.h"

#define ICR_INIT	    0x4500 /* level assert */
#define ICR_STARTUP(page)   (0x4600 | (page))
#define INIT_DELAY_NS	    10000000
#define STARTUP_DELAY_NS    200000
#define STARTUP_POLL_NS	    5000
#define TSC_APART_US	    5 /* "a few microseconds": include/arch/clock.h */
#define CPUID_LEAF_TOPOLOGY 0xb

/* In boot.S. */
extern char x86_trampoline[], x86_trampoline_end[], x86_trampoline_gdtr[], x86_trampoline_target[];
extern char boot_gdt[], ap_start32[];
void x86_secondary_start(unsigned int cpu, unsigned long percpu) __noreturn;

phys_addr_t x86_trampoline_phys;

DEFINE_PER_CPU(unsigned long, x86_percpu_offset);

/*
 * The request to start a CPU, read by ap_start64 in boot.S; what x86_secondary_start() wants is on
 * the new stack. A CPU may come when it was given up and another is being started:
 *
 *	boot CPU		a late AP
 *	id = NO_CPU		read stack
 *	stack = ...		read id: its own?
 *	id = ...
 *
 * Stores are in order, and so are loads: an AP that finds its own id has read its own stack.
 */
#define NO_CPU 0xffffffff
u32 x86_ap_apic_id = NO_CPU;
u64 x86_ap_stack;
u32 x86_ap_id_leaf; /* constant */

static u32 ap_arrived; /* the last CPU to come, written by it; lockless: only to wait no longer */

static void percpu_offset_set(unsigned long offset)
{
	x86_wrmsr(MSR_GS_BASE, offset);
	*(unsigned long *)((unsigned long)&x86_percpu_offset + offset) = offset;
}

u32 x86_apic_id_leaf(void)
{
	/* EBX = 0: the leaf is there but says nothing (SDM vol. 2A, CPUID). */
	return x86_cpuid(CPUID_LEAF_TOPOLOGY).ebx ? CPUID_LEAF_TOPOLOGY : 1;
}

u32 x86_apic_id(void)
{
	u32 leaf = x86_apic_id_leaf();
	struct cpuid c = x86_cpuid(leaf);

	return leaf == 1 ? c.ebx >> 24 : c.edx;
}

static void write_phys(char *page, const char *field, u32 val)
{
	memcpy(page + (field - x86_trampoline), &val, sizeof(val));
}

/* Once: copy the trampoline to its page; reset all other CPUs, so that one delay does for all. */
static void prepare_aps(void)
{
	char *page = __va(x86_trampoline_phys);
	unsigned int cpu;

	memcpy(page, x86_trampoline, x86_trampoline_end - x86_trampoline);
	write_phys(page, x86_trampoline_gdtr + 2, __pa(boot_gdt));
	write_phys(page, x86_trampoline_target, __pa(ap_start32));
	x86_ap_id_leaf = x86_apic_id_leaf();
	for (cpu = 1; cpu < nr_cpus_found; cpu++)
		x86_apic_send(cpu_table[cpu].hw_id, ICR_INIT);
	clock_delay_ns(INIT_DELAY_NS);
}

static void request_start(u32 apic_id, unsigned int cpu, void *stack_top, unsigned long percpu)
{
	u64 *stack = stack_top;

	*--stack = percpu;
	*--stack = cpu;
	WRITE_ONCE(x86_ap_apic_id, NO_CPU);
	/* wmb: pairs with the order of loads in ap_start64(); tests: litmus.MP+wmb+rmb */
	smp_wmb();
	WRITE_ONCE(x86_ap_stack, (u64)stack);
	/* wmb: as above, and the stack's content, which the new CPU pops */
	smp_wmb();
	WRITE_ONCE(x86_ap_apic_id, apic_id);
}

/* Two start-up IPIs: the second is for CPUs that missed the first, and nothing to one that runs. */
static void send_startup(unsigned int cpu)
{
	for (unsigned int tries = 0; tries < 2; tries++) {
		x86_apic_send(cpu_table[cpu].hw_id, ICR_STARTUP(x86_trampoline_phys >> PAGE_SHIFT));
		for (unsigned int i = 0; i < STARTUP_DELAY_NS / STARTUP_POLL_NS; i++) {
			clock_delay_ns(STARTUP_POLL_NS);
			if (READ_ONCE(ap_arrived) == cpu)
				return;
		}
	}
}

/* It is there: does it have the boot CPU's time? NULL, or why it cannot be used. */
static const char *compare_time(unsigned int cpu)
{
	u64 back, adjusted, us;

	if (!x86_tsc_meet_new(cpu, &back, &adjusted))
		return "it did not come up in time";
	if (adjusted)
		pr_warn("cpu %u: firmware had moved its time stamp counter by %lld ticks: put "
			"right",
			cpu, (long long)adjusted);
	us = back / (arch_clock_hz() / 1000000);
	if (us < TSC_APART_US)
		return NULL;
	pr_err("cpu %u: its time stamp counter is apart from cpu 0's by %llu us or more%s", cpu,
	       (unsigned long long)us,
	       x86_tsc_is_invariant() ? "" : ", and is not an invariant one");
	return "its time stamp counter tells another time";
}

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	static bool prepared;
	const char *why;

	if (!x86_trampoline_phys) {
		pr_err("cpu %u: no usable memory below 1 MiB to start it in", cpu);
		return -ENOMEM;
	}
	if (!prepared) {
		x86_tsc_begin();
		prepare_aps();
	}
	prepared = true;

	x86_tsc_expect(cpu);
	request_start(cpu_table[cpu].hw_id, cpu, stack_top, percpu);
	send_startup(cpu);
	why = compare_time(cpu);
	if (!why)
		return 0;
	smp_leave_out(cpu, why);
	return -EIO;
}

/* From boot.S, on the new CPU's own stack and the kernel's page tables. */
void x86_secondary_start(unsigned int cpu, unsigned long percpu)
{
	percpu_offset_set(percpu);
	WRITE_ONCE(ap_arrived, cpu);
	arch_trap_init_cpu();
	x86_tsc_meet_boot(cpu);
	secondary_start(cpu);
}
