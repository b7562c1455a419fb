/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table entries of Sv39 and Sv48: RISC-V Privileged Architecture 1.12, sections 4.3.1, 4.4.1
 * and 4.5.1. Both have the same entries and 512 of them in a table; Sv48 has one level more.
 */
#pragma once

#define PTE_V	      0x001 /* valid */
#define PTE_R	      0x002
#define PTE_W	      0x004
#define PTE_X	      0x008
#define PTE_U	      0x010 /* accessible to user mode, and only to it */
#define PTE_G	      0x020 /* in every address space */
#define PTE_A	      0x040
#define PTE_D	      0x080
#define PTE_PPN_SHIFT 10
#define PTE_PPN_MASK  0x003ffffffffffc00

/*
 * Attributes of a page on T-Head's C906, C910 and C920, if firmware has set MAEE: strongly ordered,
 * cacheable, bufferable, shareable (OpenC906 User Manual, "page table structure"). Bits that are
 * reserved elsewhere, and there all zero make memory uncached.
 */
#define PTE_THEAD_MEMORY 0x7000000000000000
#define PTE_THEAD_DEVICE 0x9000000000000000
#define PTE_THEAD_NC	 0x3000000000000000

#ifndef __ASSEMBLY__

#define PTE_NONE (1ULL << 58) /* ours: invalid, but the entry keeps its frame */

/* SATP_MODE_SV39 or SATP_MODE_SV48; boot.S found out what the hart can. */
extern u64 satp_mode;

/* What every leaf of memory has besides: PTE_THEAD_MEMORY or 0, as boot.S found out. */
extern u64 pte_memory;

static inline unsigned int pgtable_levels(void)
{
	return satp_mode == 9 ? 4 : 3;
}

static inline unsigned int pgtable_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * level;
}

static inline unsigned int pgtable_entries(unsigned int level)
{
	return 512;
}

static inline pteval_t pte_frame(phys_addr_t pa)
{
	return pa >> PAGE_SHIFT << PTE_PPN_SHIFT;
}

/* An entry with V and none of R, W, X points to a lower table. */
static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return pte_frame(table) | PTE_V;
}

/* What T-Head's cores want to know of a leaf. */
static inline pteval_t pte_thead(enum pgprot prot)
{
	if (prot == PROT_DEVICE)
		return PTE_THEAD_DEVICE;
	return prot == PROT_WRITE_COMBINED ? PTE_THEAD_NC : PTE_THEAD_MEMORY;
}

/*
 * Cacheability and ordering come from the physical memory attributes of the address (section 3.6),
 * so device registers and frame buffers differ from memory in nothing here; but for T-Head's
 * cores.
 */
static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	pteval_t pte = pte_frame(pa) | PTE_V | PTE_R | PTE_G | PTE_A | PTE_D;

	pte |= pte_memory ? pte_thead(prot) : 0;
	switch (prot) {
	case PROT_KERNEL_RX:
		return pte | PTE_X;
	case PROT_KERNEL_RO:
		return pte;
	case PROT_KERNEL_RW:
	case PROT_DEVICE:
	case PROT_WRITE_COMBINED:
		return pte | PTE_W;
	}
	return 0;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & (PTE_V | PTE_NONE);
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return pte & (PTE_R | PTE_W | PTE_X);
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return (pte & PTE_PPN_MASK) >> PTE_PPN_SHIFT << PAGE_SHIFT;
}

/* 4 KiB, 2 MiB and 1 GiB; the layout leaves no room for the 512 GiB leaves of Sv48. */
static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level <= 2;
}

static inline bool pgtable_can_forbid_exec(void)
{
	return true;
}

#endif
