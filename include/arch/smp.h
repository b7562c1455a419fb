/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bringing CPUs up: the contract.
 *
 * The port fills cpu_table (kernel/smp.h) from the device tree or MADT in arch_discover(); logical
 * CPU 0 is the one that booted, whatever its hardware number.
 */
#pragma once

#include <lib/types.h>

/*
 * Start logical CPU @cpu. It shall enter, on the kernel's page tables, with interrupts disabled,
 * its per-CPU offset set to @percpu and its stack pointer at @stack_top (16-byte aligned, as the
 * ABI wants it at a call): secondary_start(cpu).
 *
 * Context: boot CPU, one at a time; the caller waits for the new CPU before it starts another.
 * Returns 0 when firmware took the request, or a negative errno with a printed reason.
 */
int arch_cpu_start(unsigned int cpu, void *stack_top, unsigned long percpu);

/* Entry point in kernel/, called by the port on the new CPU. */
void secondary_start(unsigned int cpu) __attribute__((__noreturn__));
