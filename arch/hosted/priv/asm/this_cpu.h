/* SPDX-License-Identifier: GPL-2.0-only */
/* A CPU is a Linux thread; where its per-CPU offset is, is the ISA's matter: <asm/host.h>. */
#pragma once

#include <asm/host.h>

/*
 * What an interrupt takes of the stack that it interrupts: a signal's frame, with vector registers
 * that nobody here uses (3 KiB with AVX-512, 11 with AMX; a page, and two, leave room below).
 */
#define ARCH_STACK_MORE 16384

/* In irq.c. */
void hosted_idle(void);
void hosted_halt(void) __noreturn;

static inline void arch_cpu_idle(void)
{
	hosted_idle();
}

/* Two CPUs may be threads on one core; Linux lets the one that has waited longer run. */
static inline void arch_cpu_give_way(void)
{
	host_syscall(HOST_NR_sched_yield, 0, 0, 0, 0, 0, 0);
}

static inline void __noreturn arch_cpu_halt(void)
{
	hosted_halt();
}

static inline unsigned long arch_percpu_offset(void)
{
	return host_percpu_offset();
}
