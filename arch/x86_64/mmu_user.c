/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: user address spaces. A root has the kernel's top-level entries in its upper half.
 * Address-space ids are PCIDs (Intel SDM vol. 3A sections 4.10.1 and 4.10.4.1), used if the CPU
 * has them and INVPCID.
 */
#include <arch/pgtable_user.h>
#include <arch/translation.h>
#include <lib/compiler.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>

#include "port.h"

#define CR4_PCIDE	    (1UL << 17)
#define CR4_SMEP	    (1UL << 20)
#define CR3_KEEP	    (1UL << 63) /* what the TLB has of this PCID stays */
#define CPUID_1_ECX_PCID    (1U << 17)
#define CPUID_7_EBX_SMEP    (1U << 7)
#define CPUID_7_EBX_INVPCID (1U << 10)
#define NR_PCIDS	    4096

#define INVPCID_CONTEXT 1 /* of one PCID */
#define INVPCID_ALL	2

static bool has_pcid; /* set by the boot CPU, before there are others */

void x86_mmu_init_cpu(void)
{
	u32 features = x86_cpuid(0).eax >= 7 ? x86_cpuid(7).ebx : 0;
	unsigned long cr4;

	__asm__ __volatile__("movq %%cr4, %0" : "=r"(cr4));
	/* The kernel does not execute what is a user's (SDM vol. 3A section 4.6.1). */
	if (features & CPUID_7_EBX_SMEP)
		cr4 |= CR4_SMEP;
	/* Bits 11 to 0 of CR3 are 0, as they must be here (SDM vol. 3A section 4.10.1). */
	if ((x86_cpuid(1).ecx & CPUID_1_ECX_PCID) && (features & CPUID_7_EBX_INVPCID)) {
		has_pcid = true;
		cr4 |= CR4_PCIDE;
	}
	__asm__ __volatile__("movq %0, %%cr4" : : "r"(cr4) : "memory");
}

unsigned int arch_asid_count(void)
{
	return has_pcid ? NR_PCIDS : 1;
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
 * Serializing (Intel SDM vol. 3A section 9.3, "Serializing Instructions"): all that was stored
 * before is in memory before anything after it is fetched, or walks for it. In program order before
 * it, the locked fetch_add() of cpus_used_set() has emptied the store buffer already.
 */
static void cr3_load(u64 cr3)
{
	__asm__ __volatile__("movq %0, %%cr3" : : "r"(cr3) : "memory");
}

/*
 * cr3_load() of the arch_mm_switch() that follows does it: pairs with the smp_mb() in flush_run()
 * and that in tlb_batch_add(); tests: tlb.switch_race
 */
void arch_order_walks(unsigned int asid)
{
	barrier();
}

void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	cr3_load(root | asid | (asid ? CR3_KEEP : 0));
}

/* PCID 0, if others are in use, has nothing but the kernel's translations. */
void arch_mm_switch_kernel(void)
{
	cr3_load(kernel_root | (has_pcid ? CR3_KEEP : 0));
}

static void invpcid(unsigned long type, u64 pcid)
{
	const struct {
		u64 pcid, addr;
	} desc = { pcid, 0 };

	__asm__ __volatile__("invpcid %0, %1" : : "m"(desc), "r"(type) : "memory");
}

/*
 * SDM vol. 3A section 4.10.4.1: the page in the current PCID, and all paging-structure caches of
 * it.
 */
void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	arch_tlbi_begin();
	arch_tlbi_page(asid, va);
	arch_tlbi_end();
}

static void cr3_reload(void)
{
	u64 cr3;

	__asm__ __volatile__("movq %%cr3, %0" : "=r"(cr3));
	cr3_load(cr3);
}

void arch_tlb_flush_user_all_local(unsigned int asid)
{
	if (has_pcid)
		invpcid(INVPCID_CONTEXT, asid);
	else
		cr3_reload();
}

/* No entry is global, so that a load of CR3 drops all where there is one PCID. */
void arch_tlb_flush_everything_local(void)
{
	if (has_pcid)
		invpcid(INVPCID_ALL, 0);
	else
		cr3_reload();
}

/*
 * The TLB holds nothing of entries that were not present (SDM vol. 3A section 4.10.2.3), and should
 * a walk still miss the store, the fault handler finds the entry wide enough.
 */
void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	barrier();
}

/* The page fault has dropped the translation already (SDM vol. 3A section 4.10.4.1). */
void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	barrier();
}
