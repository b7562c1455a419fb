/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: three levels of four entries. */
#pragma once

#define PTE_VALID 0x001
#define PTE_TABLE 0x004
#define PTE_W	  0x008
#define PTE_X	  0x010
#define PTE_A	  0x020
#define PTE_D	  0x040
#define PTE_NONE  (1ULL << 58) /* beyond what an entry has that names a slot */

#define SIM_LEVELS  3
#define SIM_ENTRIES 4

static inline unsigned int pgtable_levels(void)
{
	return SIM_LEVELS;
}

static inline unsigned int pgtable_shift(unsigned int level)
{
	return PAGE_SHIFT + 2 * level;
}

static inline unsigned int pgtable_entries(unsigned int level)
{
	return SIM_ENTRIES;
}

static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level == 0;
}

static inline bool pgtable_can_forbid_exec(void)
{
	return false;
}

static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return table | PTE_VALID | PTE_TABLE;
}

static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	return pa | PTE_VALID | PTE_A | PTE_D;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & (PTE_VALID | PTE_NONE);
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return level == 0;
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return pte & PAGE_MASK & ~PTE_NONE;
}
