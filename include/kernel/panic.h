/* SPDX-License-Identifier: GPL-2.0-only */
/* Ends of the line: panic, backtraces, and the stacks that they look at. */
#pragma once

#include <arch/power.h>
#include <kernel/percpu.h>
#include <lib/compiler.h>
#include <lib/report.h>
#include <lib/types.h>

struct pt_regs;

/* panic() and panic_regs(): see lib/report.h. The same, with what fn(arg) prints before the
 * backtraces. */
void panic_with(void (*fn)(const void *arg), const void *arg, const char *fmt, ...)
	__printf(3, 4) __noreturn;

/*
 * Be the one CPU that reports the end of the run, and ends it. 0: this CPU is; else the number + 1
 * of the CPU that was first (it may be this one). Interrupts disabled. For panic and the watchdog.
 */
u32 panic_claim(void);
/* Another CPU reports the end: do nothing more but answer when it asks what this one does. */
void panic_stand_by(void) __noreturn;
/* Stand by if some CPU reports the end; else go on. Thread context. */
void panic_stop_if_claimed(void);

/* Print a backtrace with symbol names: of @regs, or of the caller if NULL. Any context. */
void backtrace_print(const struct pt_regs *regs);

/* The stack that @cpu runs on from now on ends at @top. Boot CPU, or that CPU itself. */
void stack_set_current(unsigned int cpu, void *top);

/* Limits of the stack of the CPU that runs this: for the ports' overflow check at trap entry. */
struct stack_limits {
	unsigned long bottom, top;
};
DECLARE_PER_CPU(struct stack_limits, current_stack);

/* Is [@addr, @addr + @size) inside a kernel stack (of any CPU, or the boot stack)? Any context. */
bool stack_contains(unsigned long addr, size_t size);

/* What an interrupt of the port takes of a stack beside its registers: <asm/this_cpu.h>. */
#ifndef ARCH_STACK_MORE
#define ARCH_STACK_MORE 0
#endif
#define KERNEL_STACK_SIZE   (16384 + ARCH_STACK_MORE)
#define OVERFLOW_STACK_SIZE (8192 + ARCH_STACK_MORE)

/* The stack that boot.S starts kernel_main() on; CPU 0 keeps it until it has one with guards. */
extern char boot_stack[KERNEL_STACK_SIZE];

/* Nearest symbol at or below @addr in .text; its offset in @off. NULL if there is none. */
const char *ksym_lookup(unsigned long addr, unsigned long *off, unsigned long *size);
/* Address of the function called @name, or 0. */
unsigned long ksym_find(const char *name);
