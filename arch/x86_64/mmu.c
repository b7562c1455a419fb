/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the MMU. No entry is global, so that a load of CR3 drops every translation (Intel SDM
 * vol. 3A section 4.10.4.1) unless there are process-context identifiers: mmu_user.c.
 */
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <kernel/smp.h>

#include "port.h"

#define CPUID_1_EDX_PAT (1 << 16)
#define PAT_OURS	0x0007040600070106ULL /* WB, WC, UC-, UC; WB, WT, UC-, UC */

pteval_t x86_pte_nx;
bool x86_has_1gib_pages;

/*
 * The memory types that entries choose from: as reset has them, but for the second, which is write
 * combining; a system that started us, by kexec say, may have chosen others. With empty caches and
 * an empty TLB (Intel SDM vol. 3A sections 12.12.2 and 12.12.4), though entries in use so far
 * should mean the same before and after.
 */
void x86_pat_init_cpu(void)
{
	unsigned long cr3;

	if (!(x86_cpuid(1).edx & CPUID_1_EDX_PAT) || x86_rdmsr(MSR_PAT) == PAT_OURS)
		return;
	__asm__ __volatile__("movq %%cr3, %0; wbinvd" : "=r"(cr3) : : "memory");
	x86_wrmsr(MSR_PAT, PAT_OURS);
	__asm__ __volatile__("wbinvd; movq %0, %%cr3" : : "r"(cr3) : "memory");
}

pteval_t *arch_boot_root(void)
{
	return boot_pml4;
}

/* The MOV to CR3 is serializing (SDM vol. 3A section 9.3): the tables before their first walk. */
void arch_mmu_activate(phys_addr_t root)
{
	__asm__ __volatile__("movq %0, %%cr3" : : "r"(root) : "memory");
	x86_console_activate();
}

/* irq.c maps the local APIC when it needs it. */
int arch_kmap_devices(void)
{
	return x86_console_map();
}

/*
 * The TLB holds nothing of entries that are not present (SDM vol. 3A section 4.10.2.3). What the
 * manual says of the order of loads and stores (9.2) it does not say of walks, and a fault at a
 * kernel address is the end; so here is a serializing instruction (9.3) between the two. A CPU that
 * learns of the mapping by a store of this one sees the entry, too: stores become visible in order.
 */
void arch_mmu_sync_new_mapping(unsigned long va)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(va) : "memory");
}

struct flush_range {
	unsigned long start, end;
};

static void flush_range(void *arg)
{
	const struct flush_range *r = arg;

	/* Each identifier may have a translation of it. */
	if (arch_asid_count() > 1) {
		arch_tlb_flush_everything_local();
		return;
	}
	/* Also drops this CPU's paging-structure caches: SDM vol. 3A section 4.10.4.1. */
	for (unsigned long va = r->start; va < r->end; va += PAGE_SIZE)
		__asm__ __volatile__("invlpg (%0)" : : "r"(va) : "memory");
}

/* There is no broadcast: IPIs, so interrupts must be enabled once other CPUs are online. */
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size)
{
	struct flush_range r = { .start = va, .end = va + size };

	if (smp_nr_online() <= 1)
		flush_range(&r);
	else
		smp_flush_each(flush_range, &r);
}
