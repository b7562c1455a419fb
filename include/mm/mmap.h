/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations on address spaces, mmap_sem held for writing: mm/mmap.c, mm/mprotect.c. */
#pragma once

#include <lib/types.h>

struct mm_struct;

/*
 * Map @len bytes (rounded up to pages) at @addr exactly, replacing what is there, or anywhere if
 * @addr is 0. Returns the address, -EINVAL or -ENOMEM.
 */
long do_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len, unsigned long vm_flags);
/* Unmap what lies in the range; holes do not matter. -EINVAL, or -ENOMEM and nothing has changed
 * but for splits. */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);
/* Change the VM_ACCESS part of the flags. -ENOMEM: a hole in the range (what lies before it is
 * changed), or no memory for a split. */
int do_mprotect(struct mm_struct *mm, unsigned long start, unsigned long len,
		unsigned long vm_flags);
/* Copy areas and page tables for fork. @mm is empty and known to nobody. -ENOMEM: mmput(@mm). */
int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm);
/* Tear down: unmap_vmas(), free_pgtables() (which unlinks the anon_vmas), the areas. No users. */
void exit_mmap(struct mm_struct *mm);

/* The same on current->mm with the locking, as a system call would; may sleep. */
long sys_mmap(unsigned long addr, unsigned long len, unsigned long vm_flags);
int sys_munmap(unsigned long addr, unsigned long len);
int sys_mprotect(unsigned long addr, unsigned long len, unsigned long vm_flags);
