/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults that are expected: probes of memory that may not be there. */
#pragma once

#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>

struct fault_record {
	unsigned long count; /* recovered faults on this CPU so far */
	enum fault_access access;
	bool not_present;
	unsigned long addr;
};
DECLARE_PER_CPU(struct fault_record, last_fault);

/*
 * Touch one byte, or call an address. 0, or -EFAULT if it faulted, with details in this CPU's
 * last_fault. probe_exec() calls @fn as int (*)(void); should it not fault its result is returned.
 */
int probe_read(const volatile void *p, u8 *val);
int probe_write(volatile void *p, u8 val);
int probe_exec(const void *fn);
/* Trap, and come back. -EFAULT, or 0 where nothing trapped. */
int probe_trap(void);

/*
 * Faults at user addresses (below ARCH_USER_END) of code that had interrupts enabled; called with
 * interrupts enabled, on the stack of the thread that faulted. 0: go on at the same instruction.
 * Else it is handled as any other fault; so it must be if the thread has no address space or may
 * not sleep. Set once by mm/fault.c, or for a time by a test.
 */
extern int (*user_fault)(unsigned long addr, enum fault_access access);

/* What trap entry runs on when the stack pointer is outside this CPU's stack. */
DECLARE_PER_CPU(char, overflow_stack[OVERFLOW_STACK_SIZE]);
