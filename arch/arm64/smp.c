/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting CPUs: by PSCI (Arm DEN 0022), or by an address in memory (mailbox.c). */
#include <arch/barrier.h>
#include <arch/pgtable_user.h>
#include <arch/smp.h>
#include <arch/trap.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/kmap.h>

#include "port.h"

/* DEN 0022, 5.1: function identifiers (SMC64 where an address is passed) and 5.2.2 errors */
#define PSCI_VERSION	   0x84000000
#define PSCI_CPU_ON	   0xc4000003
#define PSCI_SYSTEM_OFF	   0x84000008
#define PSCI_SYSTEM_RESET  0x84000009
#define PSCI_SYSTEM_RESET2 0xc4000012
#define PSCI_VERSION_1_1   0x10001
#define PSCI_RESET_VENDOR  0x80000000 /* what else the number says is between us and firmware */
#define PSCI_ALREADY_ON	   (-4)

BUILD_BUG_ON(offsetof(struct secondary_data, stack_top) != 8);
BUILD_BUG_ON(offsetof(struct secondary_data, percpu) != 16);
BUILD_BUG_ON(offsetof(struct secondary_data, cpu) != 24);

/*
 * Written by the boot CPU for the one CPU that it is starting. One that comes when another is being
 * started, since it was given up or waits at the same address as that one, must not take the
 * other's stack or per-CPU data, and waits until it is its turn:
 *
 *	boot CPU		any other (boot.S)
 *	hw_id = NO_CPU		until hw_id is its own: wait
 *	wmb			dmb
 *	stack_top, ... = ...	read stack_top, percpu, cpu
 *	wmb			dmb
 *	hw_id = ...		read hw_id: still its own? else wait again
 *	sev
 */
#define NO_CPU (~0ULL)
struct secondary_data secondary_data = { .hw_id = NO_CPU };

/* Constant after psci_init(). */
static enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC } conduit;
static u32 psci_cpu_on = PSCI_CPU_ON;
static u32 psci_version; /* 0: version 0.1, which has no such call, or none at all */

/* SMC Calling Convention (Arm DEN 0028), 2.6: x0 to x17 may change. */
static s32 psci_call(u32 function, u64 arg1, u64 arg2, u64 arg3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = arg1;
	register u64 x2 __asm__("x2") = arg2;
	register u64 x3 __asm__("x3") = arg3;

	if (conduit == CONDUIT_HVC)
		__asm__ __volatile__("hvc #0"
				     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				     :
				     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
				       "x13", "x14", "x15", "x16", "x17", "memory");
	else
		__asm__ __volatile__("smc #0"
				     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
				     :
				     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
				       "x13", "x14", "x15", "x16", "x17", "memory");
	return x0;
}

/* ID_AA64PFR0_EL1.EL3 */
static bool have_el3(void)
{
	return arm64_read_sysreg(id_aa64pfr0_el1) >> 12 & 15;
}

/*
 * Who was entered at EL2 has no hypervisor that could answer an HVC: it would go to the vectors
 * that firmware left there.
 */
static enum conduit psci_conduit(const char *method)
{
	if (!strcmp(method, "smc"))
		return CONDUIT_SMC;
	if (strcmp(method, "hvc"))
		return CONDUIT_NONE;
	if (boot_entry_el != 2)
		return CONDUIT_HVC;
	pr_warn("the device tree says psci by hvc, but we were entered at EL2: %s\n",
		have_el3() ? "smc is used" : "there is nobody to ask");
	return have_el3() ? CONDUIT_SMC : CONDUIT_NONE;
}

int psci_init(void)
{
	int root = fdt_root(&machine_fdt);
	int node = fdt_find_compatible(&machine_fdt, root, "arm,psci-1.0");
	const char *method;
	bool v0_1 = false;

	if (node < 0)
		node = fdt_find_compatible(&machine_fdt, root, "arm,psci-0.2");
	if (node < 0) {
		node = fdt_find_compatible(&machine_fdt, root, "arm,psci");
		v0_1 = true;
	}
	method = node < 0 ? NULL : fdt_prop_string(&machine_fdt, node, "method");
	if (!method)
		return -ENODEV;
	/* Version 0.1 has no fixed numbers; the tree gives them (Linux, arm/psci.yaml). */
	if (v0_1 && fdt_prop_u32(&machine_fdt, node, "cpu_on", &psci_cpu_on))
		return -ENODEV;
	conduit = psci_conduit(method);
	if (conduit == CONDUIT_NONE)
		return -ENODEV;
	if (!v0_1)
		psci_version = psci_call(PSCI_VERSION, 0, 0, 0);
	return 0;
}

const char *psci_name(void)
{
	static char name[24];

	if (conduit == CONDUIT_NONE)
		return "no psci";
	snprintf(name, sizeof(name), "psci %u.%u by %s", psci_version >> 16 & 0x7fff,
		 psci_version ? psci_version & 0xffff : 1, conduit == CONDUIT_HVC ? "hvc" : "smc");
	return name;
}

void psci_system_off(void)
{
	if (psci_version)
		psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
}

void psci_system_reset(u32 code)
{
	if (psci_version >= PSCI_VERSION_1_1)
		psci_call(PSCI_SYSTEM_RESET2, PSCI_RESET_VENDOR | code, 0, 0);
}

void psci_system_restart(void)
{
	if (psci_version)
		psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
}

static phys_addr_t secondary_entry(void)
{
	return __pa(boot_secondary);
}

static int psci_start(unsigned int cpu)
{
	s32 err = psci_call(psci_cpu_on, cpu_table[cpu].hw_id, secondary_entry(), 0);

	if (!err)
		return 0;
	pr_err("psci does not start CPU %u: error %d\n", cpu, err);
	return err == PSCI_ALREADY_ON ? -EBUSY : -EIO;
}

int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu)
{
	WRITE_ONCE(secondary_data.hw_id, NO_CPU);
	/* wmb: pairs with the dmb in boot_secondary_mapped(); tests: litmus.MP+wmb+rmb */
	smp_wmb();
	WRITE_ONCE(secondary_data.stack_top, (u64)stack_top);
	WRITE_ONCE(secondary_data.percpu, percpu);
	WRITE_ONCE(secondary_data.cpu, cpu);
	/* wmb: as above */
	smp_wmb();
	WRITE_ONCE(secondary_data.hw_id, cpu_table[cpu].hw_id);
	/* The data before the start; the new CPU reads it once started, MMU and caches on. */
	arm64_dsb(ish);
	if (cpu_table[cpu].enable_method == CPU_METHOD_SPIN_TABLE)
		return spin_table_start(cpu, secondary_entry());
	if (cpu_table[cpu].enable_method == CPU_METHOD_PARKED)
		return parked_start(cpu, secondary_entry());
	if (cpu_table[cpu].enable_method == CPU_METHOD_PSCI && conduit != CONDUIT_NONE)
		return psci_start(cpu);
	pr_err("the device tree does not say how to start CPU %u\n", cpu);
	return -EOPNOTSUPP;
}

void secondary_main(unsigned int cpu)
{
	arch_trap_init_cpu();
	secondary_start(cpu);
}
