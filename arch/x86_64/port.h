/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this port tell one another. */
#pragma once

#include <lib/acpi.h>
#include <lib/types.h>

#include <asm/x86.h>

struct pt_regs;

/* ---- setup.c ---- */

/* What ACPI said, zero where it said nothing. Written in arch_discover(). */
extern struct acpi_info x86_acpi;

/*
 * @len readable bytes of physical memory at @addr, which loader or firmware wrote; NULL if they
 * cannot be mapped, as those from x86_boot_map_end on, where memory ends for us too. Only in
 * arch_discover().
 */
const void *x86_boot_map(phys_addr_t addr, size_t len);
extern u64 x86_boot_map_end;

/* Registers at @addr, until kmap_init(); NULL if they cannot be mapped. */
void *x86_boot_map_device(phys_addr_t addr, size_t len);

/* ---- boot.S ---- */

extern u64 boot_pml4[]; /* root of the boot tables */

/* ---- loader.c ---- */

/* What the loader said besides the boot line and the memory map, which are in boot_info. */
struct x86_loader {
	bool uefi;		      /* then low memory has nothing of a BIOS */
	phys_addr_t efi_system_table; /* 0: not known */
	phys_addr_t rsdp;	      /* 0: not known */
};

extern struct x86_loader x86_loader;
extern u32 x86_boot_magic, x86_boot_data; /* set by boot.S: EAX and EBX at entry */

/* Read what the loader handed over. 0, or -errno, printed. */
int x86_loader_read(void);

/* ---- firmware.c ---- */

/* As x86_boot_map(), of low memory that a BIOS has written; NULL where there was no BIOS. */
const void *x86_bios_map(phys_addr_t addr, size_t len);

/* Where ACPI's root pointer should be: not looked at if the loader or UEFI named it. 0: nowhere. */
phys_addr_t x86_find_rsdp(const struct acpi_env *env);

/* Where the pointer to the MP table is; 0: nowhere. */
phys_addr_t x86_find_mptable(const struct acpi_env *env);

/* Into boot_info.machine. Nothing depends on it: a machine without SMBIOS is called "pc". */
void x86_read_machine_name(void);

/* ---- tsc_rate.c ---- */

/* The time stamp counter's rate in Hz as CPUID says it; 0: it does not. */
u64 x86_tsc_hz_by_cpuid(void);

/* ---- console.c, for mmu.c: registers in memory on the final tables ---- */

int x86_console_map(void); /* in arch_kmap_devices(): 0 or -ENOMEM */
void x86_console_activate(void);

/* ---- pci.c ---- */

struct x86_pci_serial {
	phys_addr_t addr;
	bool io_port;
};

/* Is there PCI, with its mechanism of I/O ports? */
bool x86_have_pci(void);
/* A register of 32 bits; @function: bus << 8 | device << 3 | function. All ones: nobody there. */
u32 x86_pci_read(u32 function, u32 reg);
void x86_pci_write(u32 function, u32 reg, u32 val);

/* The first serial port of the 16450's kind on PCI, which it enables. */
bool x86_pci_find_serial(struct x86_pci_serial *found);

/* ---- watchdog.c ---- */

/* Nothing of firmware's resets this machine in a while; prints what would have. */
void x86_watchdogs_stop(void);

/* ---- tsc_sync.c ---- */

/* Boot CPU, before any other runs; and before each is started. */
void x86_tsc_begin(void);
void x86_tsc_expect(unsigned int cpu);

/*
 * The boot CPU, and the new one, @cpu, compare their time stamp counters; each waits for the other.
 * False if it did not come. *@back: ticks by which one was seen behind the other; *@adjusted: what
 * firmware had added to the new CPU's, which has been taken off.
 */
bool x86_tsc_meet_new(unsigned int cpu, u64 *back, u64 *adjusted);
void x86_tsc_meet_boot(unsigned int cpu);

/* ---- mmu.c ---- */

/* The memory types of this CPU's page-table entries are those that asm/pgtable.h takes them for. */
void x86_pat_init_cpu(void);

/* ---- mmu_user.c ---- */

/* What this CPU needs before it loads a user address space; on the boot tables or the kernel's. */
void x86_mmu_init_cpu(void);

/* ---- smp.c ---- */

/* The page below 1 MiB that APs start in; 0: none found. Reserved in arch_discover(). */
extern phys_addr_t x86_trampoline_phys;

/* CPUID leaf that tells this CPU's APIC id: 0xb (EDX) or 1 (EBX bits 31 to 24). */
u32 x86_apic_id_leaf(void);
u32 x86_apic_id(void);

/* ---- ioapic.c ---- */

/* No pin of any I/O APIC interrupts any more. Boot CPU, interrupts disabled. */
void x86_ioapic_mask_all(void);

/* ---- irq.c ---- */

/* Will this machine's CPUs run in x2APIC mode, where ids have 32 bits? Else they have 8. */
bool x86_have_x2apic(void);
/* Write the interrupt command register: @icr is its low half. Any context but NMI. */
void x86_apic_send(u32 apic_id, u32 icr);

/* An interrupt with a vector of 32 or more, from trap.c. */
void x86_interrupt(struct pt_regs *regs);
