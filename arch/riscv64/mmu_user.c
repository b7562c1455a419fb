/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: user address spaces. A root has the kernel's top-level entries in its upper half.
 * Sections are of the Privileged Architecture 1.12. sstatus.SUM is set for good
 * (arch_trap_init_cpu), so that supervisor mode may access user pages.
 */
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <asm/sfence.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/memory.h>

#include "port.h"

#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK	0xffffUL

static unsigned int nr_asids;

/* The implemented bits of satp.ASID are the low ones, and read back what is written: 4.1.11. */
unsigned int arch_asid_count(void)
{
	unsigned long flags, satp;

	if (nr_asids)
		return nr_asids;
	flags = arch_irq_save();
	satp = csr_read(satp);
	csr_write(satp, satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
	nr_asids = (csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK) + 1;
	csr_write(satp, satp);
	riscv_sfence_vma_all();
	arch_irq_restore(flags);
	return nr_asids;
}

phys_addr_t arch_user_root_create(void)
{
	phys_addr_t root = pgtable_root_alloc();
	size_t half = PAGE_SIZE / 2;

	if (root)
		memcpy((char *)__va(root) + half, (char *)__va(kernel_root) + half, half);
	return root;
}

void arch_user_root_free(phys_addr_t root)
{
	pgtable_root_free(root);
}

/*
 * A write to satp orders nothing and drops nothing (4.1.11). Where the space is new to this hart
 * arch_order_walks() has done so before; where all spaces share id 0, what was there is dropped.
 */
void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	csr_write(satp, mmu_satp(root) | (unsigned long)asid << SATP_ASID_SHIFT);
	if (!asid)
		riscv_sfence_vma_all();
}

/* ASID 0; other address spaces share it if there are no others. */
void arch_mm_switch_kernel(void)
{
	csr_write(satp, mmu_satp(kernel_root));
	riscv_sfence_vma_all();
}

/* If the access faults, execution goes on behind it with the error still in place. */
#define USER_EXTABLE(at) \
	"	.pushsection __ex_table, \"a\"\n" \
	"	.balign	4\n" \
	"	.4byte	" #at "b - ., 9b - .\n" \
	"	.popsection\n"

int arch_user_read64(const u64 *uaddr, u64 *val)
{
	long err = -EFAULT;
	u64 v = 0;

	__asm__ __volatile__("1:	ld	%1, 0(%2)\n"
			     "	li	%0, 0\n"
			     "9:\n" USER_EXTABLE(1)
			     : "+&r"(err), "+&r"(v)
			     : "r"(uaddr)
			     : "memory");
	*val = v;
	return err;
}

int arch_user_write64(u64 *uaddr, u64 val)
{
	long err = -EFAULT;

	__asm__ __volatile__("1:	sd	%1, 0(%2)\n"
			     "	li	%0, 0\n"
			     "9:\n" USER_EXTABLE(1)
			     : "+&r"(err)
			     : "r"(val), "r"(uaddr)
			     : "memory");
	return err;
}

/* As arch_cmpxchg64() in <asm/atomic.h>; both lr and sc may fault. */
int arch_user_cmpxchg64(u64 *uaddr, u64 old, u64 new, u64 *found)
{
	long err = -EFAULT;
	u64 v = 0, failed;

	__asm__ __volatile__("1:	lr.d	%1, (%3)\n"
			     "	bne	%1, %4, 3f\n"
			     "2:	sc.d.rl	%2, %5, (%3)\n"
			     "	bnez	%2, 1b\n"
			     "	fence	rw, rw\n"
			     "3:	li	%0, 0\n"
			     "9:\n" USER_EXTABLE(1) USER_EXTABLE(2)
			     : "+&r"(err), "+&r"(v), "=&r"(failed)
			     : "r"(uaddr), "r"(old), "r"(new)
			     : "memory");
	*found = v;
	return err;
}
