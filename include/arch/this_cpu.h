/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPU that runs this, its data and its sleep: the contract.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/*
 * What is added to the address of a DEFINE_PER_CPU variable to reach this CPU's copy; kept in a
 * dedicated register.
 */
static inline unsigned long arch_percpu_offset(void);

/*
 * Called with interrupts disabled: sleep until an interrupt is pending, return with interrupts
 * enabled and it taken. A wake-up that arrives between the caller's check and the sleep is not
 * lost.
 */
static inline void arch_cpu_idle(void);

/*
 * This CPU has waited long for another one, with interrupts disabled, and goes on to: should both
 * share a core, as threads of a host do, let the other one have it. Nothing where no CPU does.
 */
static inline void arch_cpu_give_way(void);

/* Interrupts off for ever. */
static inline void arch_cpu_halt(void) __noreturn;

#include <asm/this_cpu.h>
