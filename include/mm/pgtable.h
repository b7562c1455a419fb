/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables of any ISA: mm/pgtable.c. */
#pragma once

#include <arch/mmu.h>
#include <lib/types.h>

/* Which entry of a table at @level @va is under. */
static inline unsigned int pgtable_index(unsigned long va, unsigned int level)
{
	return (va >> pgtable_shift(level)) & (pgtable_entries(level) - 1);
}

/*
 * Map [va, va+size) to [pa, pa+size) in the tables at @root with the largest leaves that fit.
 * New tables come from boot_alloc(). -ENOMEM, or -EEXIST if something is mapped there.
 */
int pgtable_map(phys_addr_t root, unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot);

/*
 * Look @va up. Returns the leaf's level, or -ENOENT; *pte gets the entry.
 */
int pgtable_lookup(phys_addr_t root, unsigned long va, pteval_t *pte);

/* A zeroed root table, from boot_alloc(). 0 if there is no memory. */
phys_addr_t pgtable_create(void);

/*
 * Make the tables that the entries of @root for [va, va+size) point to, so that these entries never
 * change again and may be copied into other roots. Boot CPU. 0 or -ENOMEM.
 */
int pgtable_reserve(phys_addr_t root, unsigned long va, u64 size);

/* A zeroed root table for a user address space, and its end. 0 without memory. May sleep. */
phys_addr_t pgtable_root_alloc(void);
void pgtable_root_free(phys_addr_t root);
