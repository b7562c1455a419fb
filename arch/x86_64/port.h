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
 * @len readable bytes of physical memory at @addr, or NULL if the boot tables do not reach there.
 * Only until kmap_init().
 */
const void *x86_boot_map(phys_addr_t addr, size_t len);

/* ---- mmu_user.c ---- */

/* What this CPU needs before it loads a user address space; on the boot tables or the kernel's. */
void x86_mmu_init_cpu(void);

/* ---- smp.c ---- */

/* The page below 1 MiB that APs start in; 0: none found. Reserved in arch_discover(). */
extern phys_addr_t x86_trampoline_phys;

/* CPUID leaf that tells this CPU's APIC id: 0xb (EDX) or 1 (EBX bits 31 to 24). */
u32 x86_apic_id_leaf(void);
u32 x86_apic_id(void);

/* ---- irq.c ---- */

/* Will this machine's CPUs run in x2APIC mode, where ids have 32 bits? Else they have 8. */
bool x86_have_x2apic(void);
/* Write the interrupt command register: @icr is its low half. Any context but NMI. */
void x86_apic_send(u32 apic_id, u32 icr);

/* An interrupt with a vector of 32 or more, from trap.c. */
void x86_interrupt(struct pt_regs *regs);
