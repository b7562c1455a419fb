/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults at user addresses, from the trap to the area that says what is permitted; and the kernel's
 * own accesses to user addresses, which fault the same way.
 *
 * A fault sleeps (mmap_sem, memory). One that happens where sleeping is not possible is not
 * resolved but reported: the access then ends with -EFAULT, as if nothing were mapped.
 */
#include <arch/access.h>
#include <arch/pgtable_user.h>
#include <kernel/sched.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/vma.h>
#include <mm/vmstat.h>

#include "internal.h"

/* Does @vma permit @access? A CPU that can write can read, on all four ISAs. */
static bool access_permitted(const struct vm_area_struct *vma, enum fault_access access)
{
	switch (access) {
	case FAULT_READ:
		return vma->vm_flags & VM_ACCESS;
	case FAULT_WRITE:
		return vma->vm_flags & VM_WRITE;
	default: /* execution: kernel/trap.c refuses it */
		return false;
	}
}

static int fault_resolve(struct mm_struct *mm, unsigned long address, enum fault_access access)
{
	struct vm_area_struct *vma;
	int err = 0;

	down_read(&mm->mmap_sem);
	vma = find_extend_vma(mm, address, &err);
	if (vma && access_permitted(vma, access))
		err = handle_mm_fault(mm, vma, address, access);
	else if (vma)
		err = -EFAULT;
	up_read(&mm->mmap_sem);
	return err;
}

int do_user_fault(unsigned long address, enum fault_access access)
{
	struct mm_struct *mm = current->mm;
	int err = -EFAULT;

	if (mm && preemptible() && address >= USER_START && address < USER_END)
		err = fault_resolve(mm, address, access);
	if (err) {
		mm_fault_count(err == -ENOMEM ? MM_FAULT_OOM : MM_FAULT_BAD);
		current->fault_error = err;
	}
	return err;
}

/*
 * Around each access: do_user_fault() says why one failed, but is not even asked about an address
 * that is no user's.
 */
static void user_access_begin(void)
{
	/*
	 * Who has disabled preemption says that the access shall fail rather than sleep. A reader
	 * has not asked for that, whatever its flavour does to preemption.
	 */
	if (preemptible() || current->rcu_nesting)
		might_sleep("an access to a user address");
	current->fault_error = -EFAULT;
}

static int user_access_error(int err)
{
	return err ? current->fault_error : 0;
}

int user_read64(unsigned long addr, u64 *val)
{
	user_access_begin();
	return user_access_error(arch_user_read64((const u64 *)addr, val));
}

int user_write64(unsigned long addr, u64 val)
{
	user_access_begin();
	return user_access_error(arch_user_write64((u64 *)addr, val));
}

int user_cmpxchg64(unsigned long addr, u64 old, u64 new, u64 *found)
{
	user_access_begin();
	return user_access_error(arch_user_cmpxchg64((u64 *)addr, old, new, found));
}

void fault_init(void)
{
	user_fault = do_user_fault;
}
