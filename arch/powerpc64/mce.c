/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine check means: of a load or store DSISR says it, else SRR1 (POWER9 Processor User's
 * Manual, 4.5.2 "Machine Check Interrupt"; Linux, mce_p9_derror_table). POWER10 says it
 * alike.
 *
 * Two entries of a translation cache for one address, or one with a wrong check bit, are no loss:
 * the cache is dropped, and filled again from the tables.
 */
#include <lib/compiler.h>

#include "mce.h"

#define SRR1_LOAD_STORE (1UL << 21)
#define SRR1_REASON	0x081c0000UL

static const struct mce load_store[] = {
	{ 0x8000, "memory error in what a load or store touched", false },
	{ 0x4000, "memory error in a page table", false },
	{ 0x2000, "a load got no answer", false },
	{ 0x1000, "a walk of page tables got no answer", false },
	{ 0x0800, "two entries of the ERAT for an address", true },
	{ 0x0400, "two entries of the TLB for an address", true },
	{ 0x0200, "a tlbie that is not valid", false },
	{ 0x0100, "wrong check bit in the SLB", true },
	{ 0x0080, "two entries of the SLB for an address", true },
	{ 0x0040, "a load or store to a real address where nothing is", false },
	{ 0x0020, "a page table at a real address where nothing is", false },
	{ 0x0010, "a page table at a real address of another device", false },
	{ 0x0008, "a load or store to a real address of another device", false },
};

static const struct mce others[] = {
	{ 0x00040000, "memory error in code", false },
	{ 0x00080000, "wrong check bit in the SLB", true },
	{ 0x000c0000, "two entries of the SLB for an address", true },
	{ 0x00100000, "two entries of the ERAT for an address", true },
	{ 0x00140000, "two entries of the TLB for an address", true },
	{ 0x00180000, "memory error in a page table for code", false },
	{ 0x001c0000, "code at a real address of another device", false },
	{ 0x08000000, "a fetch of code got no answer", false },
	{ 0x08040000, "a walk of page tables for code got no answer", false },
	{ 0x080c0000, "code at a real address where nothing is", false },
	{ 0x08100000, "a page table for code at a real address where nothing is", false },
	{ 0x08140000, "a store, some time ago, to a real address where nothing is", false },
	{ 0x08180000, "a store, some time ago, got no answer", false },
	{ 0x081c0000, "a page table for code at a real address of another device", false },
};

static const struct mce unknown = { 0, "machine check of an unknown kind", false };

const struct mce *mce_decode(u64 srr1, u64 dsisr)
{
	if (srr1 & SRR1_LOAD_STORE) {
		for (unsigned int i = 0; i < ARRAY_SIZE(load_store); i++)
			if (dsisr & load_store[i].code)
				return &load_store[i];
		return &unknown;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
		if ((srr1 & SRR1_REASON) == others[i].code)
			return &others[i];
	return &unknown;
}
