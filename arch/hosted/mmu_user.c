/* SPDX-License-Identifier: GPL-2.0-only */
/* User address spaces of the hosted MMU (mmu.h): their roots, and loading one. */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <lib/compiler.h>
#include <mm/pgtable.h>

#include "mmu.h"

unsigned int arch_asid_count(void)
{
	return mmu_ids;
}

/* The kernel's half is the host's: there is nothing of it in the tables of a space. */
phys_addr_t arch_user_root_create(void)
{
	return pgtable_root_alloc();
}

void arch_user_root_free(phys_addr_t root)
{
	pgtable_root_free(root);
}

/*
 * Walks are loads of this CPU, and none is done by a root before it is loaded: to order them is to
 * order loads.
 *
 * mb: pairs with the smp_mb() in flush_run() and that in tlb_batch_add(); this CPU's bit in
 * cpus_used before the loads of its walks; tests: litmus.SB+mb+mb, tlb.switch_race
 */
void arch_order_walks(unsigned int asid)
{
	smp_mb();
}

void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	struct mmu *m = mmu_here();

	m->root = root;
	m->asid = asid;
	if (!asid)
		arch_tlb_flush_user_all_local(0);
}

/* What is kept by the id stays, as with any other space; by id 0 nothing does. */
void arch_mm_switch_kernel(void)
{
	arch_mm_switch(0, 0);
}
