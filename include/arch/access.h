/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses that may fault: the contract. 0, or -EFAULT when it faulted and was recovered; the
 * details are then in this CPU's last_fault.
 */
#pragma once

#include <lib/errno.h>
#include <lib/types.h>

/* One access to any address; *val stays if it faults. Any context. */
static inline int arch_probe_read(const volatile u8 *p, u8 *val);
static inline int arch_probe_write(volatile u8 *p, u8 val);

/* A trap that is no fault, as a breakpoint is one; expected by probe_trap() alone. -EFAULT. */
static inline int arch_probe_trap(void);

/*
 * One access through the MMU to an aligned user address of the loaded space. A fault goes to the
 * fault handler (kernel/trap.h) first, which may sleep if interrupts are enabled. cmpxchg is fully
 * ordered if it succeeds; *found == old says that it did.
 */
static inline int arch_user_read64(const u64 *uaddr, u64 *val);
static inline int arch_user_write64(u64 *uaddr, u64 val);
static inline int arch_user_cmpxchg64(u64 *uaddr, u64 old, u64 new, u64 *found);

/*
 * Exception table: an instruction that may fault, and where to go on then. Entries are in the
 * section __ex_table, each offset relative to its own place.
 */
struct extable_entry {
	s32 insn;
	s32 fixup;
};

#include <asm/access.h>
