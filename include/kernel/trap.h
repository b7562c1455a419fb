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
	unsigned long pc;
};
DECLARE_PER_CPU(struct fault_record, last_fault);

/*
 * Touch one byte, or call an address. 0, or -EFAULT if it faulted, with details in this CPU's
 * last_fault. probe_exec() calls @fn as int (*)(void); should it not fault its result is returned.
 */
int probe_read(const volatile void *p, u8 *val);
int probe_write(volatile void *p, u8 val);
int probe_exec(const void *fn);

/* What trap entry runs on when the stack pointer is outside this CPU's stack. */
DECLARE_PER_CPU(char, overflow_stack[OVERFLOW_STACK_SIZE]);
