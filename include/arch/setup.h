/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Boot and discovery: the contract.
 *
 * boot.S gets the CPU from its firmware's state to 64-bit kernel mode, zeroes .bss, builds a first
 * page table that maps the image (wherever it was loaded) at KIMAGE_BASE, and calls kernel_main()
 * on boot_stack with per-CPU offset 0. What else has to be reached, arch_discover() maps by
 * boot_map() and its like (mm/boot_map.h).
 */
#pragma once

#include <lib/types.h>

/* Where the image is in physical memory; set by boot.S before any C code runs. */
extern phys_addr_t kimage_phys;

/*
 * Read what firmware says about the machine: set boot_info (kernel/boot.h): command line, memory,
 * reservations, CPUs, console. Runs on the boot tables, before any allocation; must survive
 * damaged tables with a printed error. Returns 0 or -errno (the kernel then stops with the reason).
 */
int arch_discover(void);

/* Data cache line size in bytes as the CPU or device tree reports it. Any context. */
unsigned int arch_cache_line_size(void);

/*
 * The identification of the CPU that runs this, as its ISA has it: signature of CPUID leaf 1,
 * MIDR_EL1, marchid, PVR. Any context.
 */
u64 arch_cpu_id(void);

/* One line for the BEGIN record, such as "cortex-a72 r0p3". Static or percpu-init storage. */
const char *arch_cpu_model(void);

/*
 * Call fn(arg) with the stack pointer at @top (16-byte aligned) and an end of the frame chain, so
 * that a backtrace stops there; the old stack is given up. Does not return.
 */
void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) __attribute__((__noreturn__));

/* Entry point in kernel/, called by boot.S. */
void kernel_main(void) __attribute__((__noreturn__));
