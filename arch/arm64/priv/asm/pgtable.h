/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table entries: VMSAv8-64, 4 KiB granule, 48 bits, four levels (Arm ARM DDI 0487, D8.3
 * "Translation table descriptor formats"; D8.4 "Memory access control" for AP, PXN and UXN).
 * The manual counts levels downwards: our level 3 is its level 0, our level 0 its level 3.
 */
#pragma once

/* Index of each kind of memory in MAIR_EL1, and what boot.S writes there (D17.2, MAIR_EL1). */
#define MAIR_IDX_NORMAL 0 /* write-back, read and write allocate, inner and outer: 0xff */
#define MAIR_IDX_DEVICE 1 /* nGnRnE: 0x00 */
#define MAIR_IDX_NC	2 /* normal memory, not cacheable, inner and outer: 0x44 */
#define MAIR_VALUE	0x4400ff

#define PTE_VALID     (1 << 0)
#define PTE_TABLE     (1 << 1) /* a table; at our level 0: a page */
#define PTE_ATTR(idx) ((idx) << 2)
#define PTE_RDONLY    (1 << 7) /* AP[2] */
#define PTE_SH_INNER  (3 << 8)
#define PTE_ACCESSED  (1 << 10) /* AF: hardware update of it is not asked for */

#ifndef __ASSEMBLY__

#define PTE_PXN	      (1ULL << 53)
#define PTE_UXN	      (1ULL << 54)
#define PTE_NONE      (1ULL << 58) /* ours: invalid, but the entry keeps its frame */
#define PTE_PHYS_MASK 0x0000fffffffff000ULL

static inline unsigned int pgtable_levels(void)
{
	return 4;
}

static inline unsigned int pgtable_shift(unsigned int level)
{
	return 12 + 9 * level;
}

static inline unsigned int pgtable_entries(unsigned int level)
{
	return 512;
}

/* Blocks of 2 MiB and 1 GiB; 512 GiB needs FEAT_LPA2. */
static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level <= 2;
}

static inline bool pgtable_can_forbid_exec(void)
{
	return true;
}

static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return table | PTE_TABLE | PTE_VALID;
}

static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	pteval_t pte = pa | PTE_UXN | PTE_ACCESSED | PTE_VALID | (level ? 0 : PTE_TABLE);

	if (prot == PROT_DEVICE)
		return pte | PTE_ATTR(MAIR_IDX_DEVICE) | PTE_PXN;
	if (prot == PROT_WRITE_COMBINED)
		return pte | PTE_ATTR(MAIR_IDX_NC) | PTE_PXN;
	pte |= PTE_ATTR(MAIR_IDX_NORMAL) | PTE_SH_INNER;
	if (prot != PROT_KERNEL_RX)
		pte |= PTE_PXN;
	if (prot != PROT_KERNEL_RW)
		pte |= PTE_RDONLY;
	return pte;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & (PTE_VALID | PTE_NONE);
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return level == 0 || !(pte & PTE_TABLE);
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return pte & PTE_PHYS_MASK;
}

#endif
