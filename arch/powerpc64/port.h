/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this port tell one another. */
#pragma once

#include <lib/types.h>

struct fdt;
struct pt_regs;

/* boot.S: where a started CPU enters, in real mode at its physical address. */
extern char secondary_entry[];

/* trap.S calls it with every interrupt. */
void trap_dispatch(struct pt_regs *regs);

/* boot.S calls it with the MMU off: builds the boot page tables. Arguments are physical. */
void boot_tables_build(phys_addr_t image, phys_addr_t fdt, u64 opal_base, u64 opal_entry);

/* Take every other CPU over from firmware; boot CPU, before any is started. */
void smp_fetch_cpus(void);

/* boot.S calls it on a CPU that was started, with its stack and per-CPU offset. */
void secondary_init(unsigned int cpu) __attribute__((__noreturn__));

/* The device tree as firmware passed it, physical; and what to put into PTCR. */
extern phys_addr_t boot_fdt;
extern u64 boot_ptcr;

/* Entry of the process and the partition table; boot_tables.c owns them. */
struct table_entry {
	u64 dw0, dw1;
};
extern struct table_entry process_table[], partition_table[];

/* What setup.c read from the device tree for the others. */
struct machine {
	u32 timebase_hz;
	u32 dec_bits; /* width of the decrementer */
	u32 cache_line;
	u32 heartbeat_ms; /* how often firmware wants to be polled */
	bool tlbie_twice; /* errata.c's */
	char cpu_model[64];
};
extern struct machine machine;

/* Keep the decrementer from interrupting for as long as it can count. */
void timer_put_off(void);

/*
 * Poll firmware if that is due. From CPU 0's timer interrupt, which has been answered: with
 * interrupts disabled, and never inside firmware.
 */
void opal_heartbeat(void);
