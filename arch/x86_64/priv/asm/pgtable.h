/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: page-table entries of 4-level paging (Intel SDM vol. 3A section 4.5, tables 4-14 to
 * 4-20). Level 3 is the PML4, level 0 the page table.
 */
#pragma once

#define PTE_P	 (1ULL << 0) /* present */
#define PTE_RW	 (1ULL << 1) /* writable; holds for the kernel too since CR0.WP is set */
#define PTE_US	 (1ULL << 2) /* accessible to user mode too */
#define PTE_PWT	 (1ULL << 3) /* alone: PAT entry 1, write combining; with PCD: 3, uncached */
#define PTE_PCD	 (1ULL << 4)
#define PTE_A	 (1ULL << 5)  /* accessed */
#define PTE_D	 (1ULL << 6)  /* dirty */
#define PTE_PS	 (1ULL << 7)  /* a leaf above level 0 */
#define PTE_NONE (1ULL << 58) /* ours: P is clear, but the entry keeps its frame */
#define PTE_NX	 (1ULL << 63) /* no execute */
#define PTE_ADDR 0x000ffffffffff000ULL

/* Set in arch_discover(). */
extern pteval_t x86_pte_nx;	/* PTE_NX, or 0 on a CPU without it (the bit is then reserved) */
extern bool x86_has_1gib_pages; /* CPUID 0x80000001, EDX bit 26 */

static inline unsigned int pgtable_levels(void)
{
	return 4;
}

static inline unsigned int pgtable_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * level;
}

static inline unsigned int pgtable_entries(unsigned int level)
{
	return 512;
}

static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level <= 1 || (level == 2 && x86_has_1gib_pages);
}

/* Not where firmware has switched it off, or on the oldest CPUs: Intel SDM vol. 3A 4.1.4. */
static inline bool pgtable_can_forbid_exec(void)
{
	return x86_pte_nx;
}

static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return table | PTE_P | PTE_RW | PTE_US | PTE_A; /* what it permits is left to the leaf */
}

static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	pteval_t pte = pa | PTE_P | PTE_A | PTE_D | (level > 0 ? PTE_PS : 0);

	switch (prot) {
	case PROT_KERNEL_RX:
		return pte;
	case PROT_KERNEL_RO:
		return pte | x86_pte_nx;
	case PROT_KERNEL_RW:
		return pte | PTE_RW | x86_pte_nx;
	case PROT_DEVICE:
		return pte | PTE_RW | PTE_PWT | PTE_PCD | x86_pte_nx;
	case PROT_WRITE_COMBINED:
		return pte | PTE_RW | PTE_PWT | x86_pte_nx;
	}
	return 0;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & (PTE_P | PTE_NONE);
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return level == 0 || (pte & PTE_PS);
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return pte & PTE_ADDR;
}
