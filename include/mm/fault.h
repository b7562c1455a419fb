/* SPDX-License-Identifier: GPL-2.0-only */
/* Faults at user addresses, and the kernel's own accesses: mm/fault.c, mm/memory_fault.c. */
#pragma once

#include <arch/trap.h>
#include <lib/types.h>

struct mm_struct;
struct vm_area_struct;

/*
 * From trap_handle(), on the stack of the thread that faulted, interrupts enabled; may sleep. 0: go
 * on at the same instruction; -EFAULT, -ENOMEM (then also in current->fault_error).
 */
int do_user_fault(unsigned long address, enum fault_access access);
/*
 * Resolve a fault of the kind that @vma permits. mmap_sem for reading; may sleep. 0: try the access
 * again; -ENOMEM.
 */
int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long address,
		    enum fault_access access);

/*
 * One access to a user address of the current thread, through the MMU. 0, -EFAULT (no area, or not
 * permitted), or -ENOMEM. May sleep.
 */
int user_read64(unsigned long addr, u64 *val);
int user_write64(unsigned long addr, u64 val);
/* *found == old means that @new was stored. */
int user_cmpxchg64(unsigned long addr, u64 old, u64 new, u64 *found);
