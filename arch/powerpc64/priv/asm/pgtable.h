/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries of radix tables (Power ISA 3.0B, Book III, "Radix Tree Translation"). Four levels of 13,
 * 9, 9 and 9 bits over 4 KiB pages; leaves of 4 KiB, 2 MiB and 1 GiB. They are big-endian, as the
 * kernel is.
 */
#pragma once

#define PTE_VALID	(1UL << 63)
#define PTE_LEAF	(1UL << 62)
#define PTE_ADDR	0x01fffffffffff000UL
#define PTE_REFERENCED	0x100UL
#define PTE_CHANGED	0x80UL
#define PTE_ATT_IO	0x20UL /* non-idempotent I/O: not cached, guarded, in order */
#define PTE_PRIVILEGED	0x8UL
#define PTE_READ	0x4UL
#define PTE_WRITE	0x2UL
#define PTE_EXEC	0x1UL
#define PTE_KERNEL_LEAF (PTE_VALID | PTE_LEAF | PTE_REFERENCED | PTE_CHANGED | PTE_PRIVILEGED)

#define RADIX_LEVELS	4
#define RADIX_INDEX	9
#define RADIX_INDEX_TOP 13

/*
 * Process and partition table entries ("Translation Table Entries"): address of the root, and its
 * shape.
 */
#define RTS_52_BITS ((5UL << 5) | (2UL << 61)) /* 31 + 0b10101: size of a quadrant */
#define PATE_HR	    (1UL << 63)		       /* the host uses radix */

static inline unsigned int pgtable_levels(void)
{
	return RADIX_LEVELS;
}

static inline unsigned int pgtable_shift(unsigned int level)
{
	return PAGE_SHIFT + level * RADIX_INDEX;
}

static inline unsigned int pgtable_entries(unsigned int level)
{
	return 1U << (level == RADIX_LEVELS - 1 ? RADIX_INDEX_TOP : RADIX_INDEX);
}

static inline bool pgtable_leaf_ok(unsigned int level)
{
	return level < RADIX_LEVELS - 1;
}

static inline bool pgtable_can_forbid_exec(void)
{
	return true;
}

/* The low five bits of a directory entry say how many bits index the next table. */
static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level)
{
	return PTE_VALID | table | RADIX_INDEX;
}

static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot)
{
	pteval_t pte = PTE_KERNEL_LEAF | pa | PTE_READ;

	switch (prot) {
	case PROT_KERNEL_RX:
		return pte | PTE_EXEC;
	case PROT_KERNEL_RO:
		return pte;
	case PROT_KERNEL_RW:
		return pte | PTE_WRITE;
	case PROT_DEVICE:
	case PROT_WRITE_COMBINED:
		return pte | PTE_WRITE | PTE_ATT_IO;
	}
	return 0;
}

static inline bool pte_present(pteval_t pte)
{
	return pte & PTE_VALID;
}

static inline bool pte_is_leaf(pteval_t pte, unsigned int level)
{
	return pte & PTE_LEAF;
}

static inline phys_addr_t pte_phys(pteval_t pte)
{
	return pte & PTE_ADDR;
}
