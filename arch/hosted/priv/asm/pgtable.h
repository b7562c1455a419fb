/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table entries of the hosted MMU, an architecture of its own (mmu.h): four levels of 512
 * entries, in the order of bytes of the host.
 *
 *	bit 0		V	valid; the others mean nothing without it
 *	bit 1			zero (what is not valid may be a swap entry)
 *	bit 2		T	points to a table; not at level 0
 *	bit 3, 4, 5	R W X	of a leaf: may be read, written, executed; nothing without R
 *	bit 6, 7	A D	of a leaf: was used, was written to
 *	bit 8		N	software's: permits nothing, and keeps its frame
 *	bit 9		I	memory of a device
 *	bit 12 to 51		the frame
 *	others			zero
 */
#pragma once

#define PTE_V	     0x001
#define PTE_T	     0x004
#define PTE_R	     0x008
#define PTE_W	     0x010
#define PTE_X	     0x020
#define PTE_A	     0x040
#define PTE_D	     0x080
#define PTE_N	     0x100
#define PTE_I	     0x200
#define PTE_FRAME    0x000ffffffffff000
#define PTE_RESERVED (~(pteval_t)(PTE_FRAME | 0x3fd))

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

static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return table | PTE_V | PTE_T;
}

static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	pteval_t pte = pa | PTE_V | PTE_R | PTE_A | PTE_D;

	switch (prot) {
	case PROT_KERNEL_RX:
		return pte | PTE_X;
	case PROT_KERNEL_RO:
		return pte;
	case PROT_KERNEL_RW:
		return pte | PTE_W;
	case PROT_DEVICE:
	case PROT_WRITE_COMBINED:
		return pte | PTE_W | PTE_I;
	}
	return 0;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & PTE_V;
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return !(pte & PTE_T);
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return pte & PTE_FRAME;
}

/* 4 KiB, 2 MiB and 1 GiB. */
static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level <= 2;
}

static inline bool pgtable_can_forbid_exec(void)
{
	return true;
}
