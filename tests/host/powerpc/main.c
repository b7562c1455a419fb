/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/powerpc64/mce.c: what machine checks mean, of which QEMU raises none. The registers are
 * those that the manual names for each cause, alone and beside others.
 *
 *	machine-checks
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../../arch/powerpc64/mce.h"

#define MSR	   0x9000000000001033ULL /* of a kernel that was interrupted; RI is set */
#define LOAD_STORE 0x200000ULL

static const struct check {
	u64 srr1, dsisr;
	const char *says;
	bool mended;
} checks[] = {
	/* Of loads and stores: SRR1 says only that it was one. */
	{ MSR | LOAD_STORE, 0x8000, "memory error in what a load or store touched", false },
	{ MSR | LOAD_STORE, 0x4000, "memory error in a page table", false },
	{ MSR | LOAD_STORE, 0x2000, "a load got no answer", false },
	{ MSR | LOAD_STORE, 0x1000, "a walk of page tables got no answer", false },
	{ MSR | LOAD_STORE, 0x0800, "two entries of the ERAT", true },
	{ MSR | LOAD_STORE, 0x0400, "two entries of the TLB", true },
	{ MSR | LOAD_STORE, 0x0200, "a tlbie that is not valid", false },
	{ MSR | LOAD_STORE, 0x0100, "wrong check bit in the SLB", true },
	{ MSR | LOAD_STORE, 0x0080, "two entries of the SLB", true },
	{ MSR | LOAD_STORE, 0x0040, "to a real address where nothing is", false },
	{ MSR | LOAD_STORE, 0x0020, "a page table at a real address where nothing is", false },
	{ MSR | LOAD_STORE, 0x0008, "a load or store to a real address of another", false },
	/* A memory error beside what could be mended. */
	{ MSR | LOAD_STORE, 0x8400, "memory error", false },
	{ MSR | LOAD_STORE, 0x4800, "memory error", false },
	/* Bits of DSISR that are another interrupt's; a reason of SRR1's that does not count. */
	{ MSR | LOAD_STORE, 0x42000000, "unknown kind", false },
	{ MSR | LOAD_STORE | 0x100000, 0x8000, "memory error in what a load", false },
	{ MSR | LOAD_STORE | 0x040000, 0x0800, "two entries of the ERAT", true },
	/* Of code, and of stores that were long gone: DSISR is of somebody else. */
	{ MSR | 0x00040000, 0x0400, "memory error in code", false },
	{ MSR | 0x00080000, 0x8000, "wrong check bit in the SLB", true },
	{ MSR | 0x000c0000, 0, "two entries of the SLB", true },
	{ MSR | 0x00100000, 0, "two entries of the ERAT", true },
	{ MSR | 0x00140000, 0x8000, "two entries of the TLB", true },
	{ MSR | 0x00180000, 0, "memory error in a page table for code", false },
	{ MSR | 0x001c0000, 0, "code at a real address of another device", false },
	{ MSR | 0x08000000, 0, "a fetch of code got no answer", false },
	{ MSR | 0x08140000, 0, "a store, some time ago, to a real address", false },
	{ MSR | 0x08180000, 0, "a store, some time ago, got no answer", false },
	{ MSR | 0x080c0000, 0, "code at a real address where nothing is", false },
	{ MSR | 0x08080000, 0x0400, "unknown kind", false },
	{ MSR, 0x0400, "unknown kind", false },
};

static bool is_right(const struct check *c)
{
	const struct mce *mce = mce_decode(c->srr1, c->dsisr);

	if (strstr(mce->what, c->says) && mce->drop_translations == c->mended)
		return true;
	printf("not ok machine-checks # SRR1 %llx DSISR %llx: \"%s\", %s\n",
	       (unsigned long long)c->srr1, (unsigned long long)c->dsisr, mce->what,
	       mce->drop_translations ? "mended" : "the end");
	return false;
}

int main(void)
{
	bool ok = true;

	for (unsigned int i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		ok &= is_right(&checks[i]);
	if (!ok)
		return 1;
	printf("ok machine-checks\n");
	return 0;
}
