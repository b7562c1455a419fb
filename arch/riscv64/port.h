/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this port tell one another. */
#pragma once

#include <arch/mmu.h>
#include <arch/smp.h>
#include <lib/fdt.h>
#include <lib/types.h>

#include <asm/csr.h>
#include <asm/sbi.h>

/* trap.S */
void trap_entry(void);
extern char trap_entry_end[];

/* boot.S */
extern u64 boot_hartid, boot_fdt_phys;
extern u64 boot_table_root[], boot_table_giga[];
void secondary_entry(void);

/*
 * mmu.c: reach @size bytes at @pa, registers or what firmware left to be read, in the boot tables;
 * in arch_discover(). NULL: these are full.
 */
void *early_map(phys_addr_t pa, u64 size, enum pgprot prot);

/* mmu.c: root of the tables in use, the satp value for a root, has kmap_init() finished? */
phys_addr_t mmu_current_root(void);
u64 mmu_satp(phys_addr_t root);
bool mmu_is_final(void);

/*
 * tlb.c: a page fault at an address for which the tables hold the leaf @pte of @level. If that
 * permits what was @needed (PTE_*), this hart is behind its tables: brings it up to date and
 * returns true, try again. Interrupts disabled since the fault.
 */
bool mmu_fault_is_stale(pteval_t pte, int level, pteval_t needed);
/* tlb.c: a fence of one address may leave it cached. Set by errata.c. */
extern bool riscv_page_fence_misses;

/* clock.c, power.c: take from the device tree what is needed later. 0 or -errno, printed. */
int clock_discover(const struct fdt *f);
/* Does every usable hart have a comparator of its own, as the device tree says? */
void clock_has_sstc(bool says_tree);
int power_discover(const struct fdt *f);
/* console.c: once there is a device tree, see whether it or the boot line has a better one. */
void console_choose(const struct fdt *f, bool firmware_has_one);
/* Map the device of power.c, of console.c; from arch_kmap_devices(). 0 or -ENOMEM. */
int power_map_device(void);
int console_map_device(void);
