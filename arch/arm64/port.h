/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this port tell one another. */
#pragma once

#include <arch/barrier.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/trap.h>
#include <asm/sysreg.h>
#include <kernel/boot.h>
#include <kernel/smp.h>
#include <lib/fdt.h>

/* ---- boot.S ---- */

extern char boot_secondary[]; /* where other CPUs enter, at its physical address */
extern u64 boot_l0[];	      /* root of the boot tables for the kernel's half */
void boot_use_root(phys_addr_t root);

/* ---- setup.c ---- */

extern phys_addr_t boot_fdt_phys;
extern u32 boot_entry_el;
extern struct fdt machine_fdt; /* opened by arch_discover(); its blob stays mapped */

/* ---- acpi.c: where UEFI has handed over ACPI's tables ---- */

bool acpi_is_wanted(void);  /* they, and not a device tree, describe the machine */
bool acpi_is_missing(void); /* the boot line asks for them; after fdt_scan_boot_info() */
/* A device tree of what they say, into boot_fdt_phys. 0 or -errno, printed. */
int acpi_make_tree(void);
/* What the tree has no property for: a CPU's number at the interrupt controller. */
u32 acpi_cpu_interface(u64 mpidr);
/* Say where each CPU is, once all are added. */
void acpi_place_cpus(void);

/* ---- mmu.c ---- */

/*
 * A device whose registers, within one page, must be reachable on the boot tables and ever after:
 * @base is their address, NULL before early_ioremap(), and changes in arch_mmu_activate().
 */
struct early_device {
	char *base;
	char *final; /* in the final tables, until those are active */
	phys_addr_t pa;
	u64 size;
};
/* Boot CPU, in arch_discover(). 0 or -errno. */
int early_ioremap(struct early_device *d, phys_addr_t pa, u64 size);

/* ---- console.c ---- */

/* Write to the frame buffer of UEFI or of the tree (or NULL: there is none). 0 or -ENODEV. */
int console_use_screen(const struct fdt *f);
/* Without a usable device tree: write by semihosting, and end the run by it. */
void console_use_semihosting(void);
bool console_is_semihosting(void);
/* Is there anybody who gets what is written? */
bool console_is_heard(void);

/* ---- power.c ---- */

void power_init(void); /* find what can switch the machine off; in arch_discover() */

/* Ask the host, by an instruction that is undefined without one. (trap.S) */
u64 semihosting_call(u64 operation, const void *block);
extern char semihosting_insn[];

/* ---- smp.c ---- */

enum { CPU_METHOD_NONE, CPU_METHOD_PSCI, CPU_METHOD_SPIN_TABLE, CPU_METHOD_PARKED };

/* Parameters of the CPU that is being started; boot.S reads it by these offsets. */
struct secondary_data {
	u64 hw_id, stack_top, percpu, cpu;
};
extern struct secondary_data secondary_data;
void secondary_main(unsigned int cpu) __noreturn;

/* Look for PSCI in the device tree; 0 or -ENODEV. psci_name() is for people: "psci 1.1 by hvc". */
int psci_init(void);
const char *psci_name(void);
/* Turn the machine off; returns only if firmware does not do it. */
void psci_system_off(void);
/* Reset it with a code of ours; returns where firmware knows of no such thing. */
void psci_system_reset(u32 code);
/* Boot again (DEN 0022, 5.11); the same. */
void psci_system_restart(void);

/* ---- mailbox.c: CPUs that wait for an address, @entry, in memory. 0 or -errno, printed ---- */

int spin_table_start(unsigned int cpu, phys_addr_t entry);
int parked_start(unsigned int cpu, phys_addr_t entry);

/* ---- clock.c ---- */

/* The timer's node, and which of its interrupts (index for fdt_interrupt()) we use. */
int timer_node(void);
u32 timer_irq_index(void);
/* Withdraw this CPU's timer interrupt, which is a level. */
void timer_ack(void);

/* ---- errata.c: what a core needs that has come up; never withdrawn ---- */

extern bool arm64_repeat_tlbi; /* behind a broadcast TLBI and its DSB: another pair */

/* ---- irq.c and its interrupt controllers ---- */

struct irqchip {
	const char *compatible;
	/* Map the device of @node; @timer: the timer's specifier, of @cells. 0 or -errno. */
	int (*init)(int node, const u32 *timer, u32 cells);
	void (*init_cpu)(void);
	/* Can it interrupt @cpu, of which only cpu_table says something yet? After init. */
	bool (*reaches)(unsigned int cpu);
	void (*ipi)(unsigned int cpu);
	/* Interrupt @cpu, which is firmware's, and number @nr to it. NULL: cannot. */
	void (*wake)(unsigned int cpu, u32 nr);
	int (*nmi)(unsigned int cpu);
	void (*irq)(struct pt_regs *regs);
	void (*fiq)(struct pt_regs *regs);
};

extern const struct irqchip gic_v2_chip, gic_400_chip, gic_v3_chip, bcm2836_chip;

/* Interrupt a CPU that firmware has parked, and by which firmware knows it. 0 or -EOPNOTSUPP. */
int irq_wake(unsigned int cpu, u32 interface);

void irq_handle(struct pt_regs *regs);
void fiq_handle(struct pt_regs *regs);

/* ---- trap.c, for trap.S ---- */

void trap_sync(struct pt_regs *regs, bool stack_overflow);
void trap_bad(struct pt_regs *regs, unsigned int vector) __noreturn;

/*
 * Behind a broadcast TLBI: wait for it on every CPU, and for this one's own fetches. Where cores
 * need it, a second one, of no matter which entry, waits for what the first did not (errata.c).
 */
static inline void tlbi_wait_all(void)
{
	arm64_dsb(ish);
	if (unlikely(READ_ONCE(arm64_repeat_tlbi))) {
		__asm__ __volatile__("tlbi vale1is, xzr" : : : "memory");
		arm64_dsb(ish);
	}
	arm64_isb();
}
