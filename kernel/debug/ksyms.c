/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of functions for backtraces. The table (section .ksyms) is made from the linked image by
 * tools/ksyms.py and linked in behind all code; it is constant, and empty in the first link.
 */
#include <kernel/panic.h>
#include <lib/string.h>

extern const u32 ksyms_count;
extern const u32 ksyms_offsets[];      /* from __text_start, ascending; one past-the-end entry */
extern const u32 ksyms_name_offsets[]; /* into ksyms_names */
extern const char ksyms_names[];
extern char __text_start[];

const char *ksym_lookup(unsigned long addr, unsigned long *off, unsigned long *size)
{
	unsigned long distance = addr - (unsigned long)__text_start;
	u32 lo = 0, hi = ksyms_count;

	if (addr < (unsigned long)__text_start || !hi || distance < ksyms_offsets[0] ||
	    distance >= ksyms_offsets[hi])
		return NULL;
	/* Narrow down to the last symbol with offset <= distance: it is in [lo, hi). */
	while (hi - lo > 1) {
		u32 mid = lo + (hi - lo) / 2;

		if (ksyms_offsets[mid] <= distance)
			lo = mid;
		else
			hi = mid;
	}
	if (off)
		*off = distance - ksyms_offsets[lo];
	if (size)
		*size = ksyms_offsets[lo + 1] - ksyms_offsets[lo];
	return &ksyms_names[ksyms_name_offsets[lo]];
}

unsigned long ksym_find(const char *name)
{
	u32 i;

	for (i = 0; i < ksyms_count; i++)
		if (!strcmp(&ksyms_names[ksyms_name_offsets[i]], name))
			return (unsigned long)__text_start + ksyms_offsets[i];
	return 0;
}
