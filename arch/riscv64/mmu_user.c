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
#include <lib/string.h>
#include <mm/address.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>

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
