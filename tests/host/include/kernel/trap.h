/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/kernel/trap.h in the host's build: probes by means of a signal handler. */
#pragma once

#include <lib/types.h>

enum fault_access { FAULT_NONE, FAULT_READ, FAULT_WRITE, FAULT_EXEC };

struct fault_record {
	unsigned long count;
	enum fault_access access;
	unsigned long addr;
};
extern struct fault_record last_fault;
#define this_cpu(var) (var)

int probe_read(const volatile void *p, u8 *val);
