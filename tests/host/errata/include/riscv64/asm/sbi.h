/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before riscv64's: firmware is in riscv64.c of tests/host/errata/ and tests/host/ports/. */
#pragma once

#define __ASSEMBLY__
#include_next <asm/sbi.h>
#undef __ASSEMBLY__

#include <lib/types.h>

struct sbi_ret {
	long error, value;
};

struct sbi_ret sbi_call(unsigned long eid, unsigned long fid, unsigned long arg0,
			unsigned long arg1, unsigned long arg2, unsigned long arg3);

static inline bool sbi_probe(unsigned long eid)
{
	struct sbi_ret r = sbi_call(SBI_EXT_BASE, SBI_BASE_PROBE, eid, 0, 0, 0);

	return !r.error && r.value;
}
