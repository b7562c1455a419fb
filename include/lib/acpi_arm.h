/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arm machines that are described by ACPI alone: what their tables say, and the same as a device
 * tree, which is what the port understands (Arm Base Boot Requirements 2.0, section 8: such a
 * machine has no tree of its own).
 */
#pragma once

#include <lib/acpi.h>

#define ACPI_ARM_CPUS_MAX    256
#define ACPI_ARM_REDISTS_MAX 8

/* Where a CPU is in the machine, the last two in what stands before them; all 0: nobody says. */
struct acpi_place {
	u16 socket, cluster, core, thread;
};

struct acpi_arm_cpu {
	u64 mpidr;	   /* its affinity bits */
	u64 mailbox;	   /* where it waits by Arm's parking protocol, physical; 0: it does not */
	u32 cpu_interface; /* its number at the interrupt controller, and in the mailbox */
	u32 uid;	   /* what other tables call it */
	struct acpi_place place;
};

/* An interrupt of the timer, 0 if there is none, and how it is signalled. */
struct acpi_arm_irq {
	u32 gsiv;
	bool edge, low;
};

enum { ACPI_ARM_SECURE, ACPI_ARM_PHYSICAL, ACPI_ARM_VIRTUAL, ACPI_ARM_HYP, ACPI_ARM_TIMERS };

struct acpi_arm {
	struct acpi_arm_cpu cpu[ACPI_ARM_CPUS_MAX];
	unsigned int nr_cpus;
	u8 gic; /* version of the interrupt controller: 2 or 3, which 4 contains */
	u64 distributor, cpu_interface; /* physical; the latter of version 2 */
	struct {
		u64 base, size;
	} redist[ACPI_ARM_REDISTS_MAX]; /* regions of redistributors; of version 3 */
	unsigned int nr_redists;
	struct acpi_arm_irq timer[ACPI_ARM_TIMERS];
	bool psci, psci_by_hvc;
	u64 watchdog_refresh,
		watchdog_control; /* frames of Arm's generic watchdog, 0: it has none */
	struct acpi_serial console;
	char model[16]; /* who made the tables, and for what */
};

/*
 * Read from the RSDP at @rsdp: MADT, GTDT, FADT, PPTT, and SPCR or DBG2. 0, or -errno, printed, for
 * what no CPU could be started with. @env->cpu_id_max is not used.
 */
int acpi_read_arm(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_arm *info);

/* Where the CPU that the tables call @uid is, by the PPTT; all 0 where that does not say. */
struct acpi_table;
struct acpi_place acpi_find_place(const struct acpi_table *pptt, u32 uid);

/*
 * The same as a device tree of at most @size bytes at @blob, 8-byte aligned: Linux's bindings. Its
 * memory and its boot line it does not have. The bytes used, or -ENOSPC.
 */
int acpi_arm_tree(const struct acpi_arm *info, void *blob, u32 size);
