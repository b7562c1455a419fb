/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls into the firmware: RISC-V Supervisor Binary Interface 2.0. Chapter numbers below are of
 * that document. Also included by assembly.
 */
#pragma once

#define SBI_EXT_LEGACY_PUTCHAR	0x01 /* chapter 5 */
#define SBI_EXT_LEGACY_SHUTDOWN 0x08
#define SBI_EXT_BASE		0x10	   /* chapter 4 */
#define SBI_EXT_TIME		0x54494d45 /* chapter 6 */
#define SBI_EXT_IPI		0x00735049 /* chapter 7 */
#define SBI_EXT_RFENCE		0x52464e43 /* chapter 8 */
#define SBI_EXT_HSM		0x0048534d /* chapter 9 */
#define SBI_EXT_SRST		0x53525354 /* chapter 10 */
#define SBI_EXT_DBCN		0x4442434e /* chapter 12 */

#define SBI_BASE_SPEC_VERSION 0
#define SBI_BASE_IMPL_ID      1
#define SBI_BASE_IMPL_VERSION 2
#define SBI_BASE_PROBE	      3
#define SBI_BASE_MVENDORID    4
#define SBI_BASE_MARCHID      5
#define SBI_BASE_MIMPID	      6

#define SBI_TIME_SET	     0
#define SBI_IPI_SEND	     0
#define SBI_RFENCE_VMA	     1
#define SBI_HSM_START	     0
#define SBI_HSM_STOP	     1
#define SBI_SRST_RESET	     0
#define SBI_DBCN_WRITE	     0
#define SBI_SRST_SHUTDOWN    0
#define SBI_SRST_COLD_REBOOT 1
#define SBI_SRST_WARM_REBOOT 2

#ifndef __ASSEMBLY__

#include <lib/types.h>

struct sbi_ret {
	long error;
	long value;
};

/* One call: function @fid of extension @eid. Everything but a0 and a1 is kept (chapter 3). */
static inline struct sbi_ret sbi_call(unsigned long eid, unsigned long fid, unsigned long arg0,
				      unsigned long arg1, unsigned long arg2, unsigned long arg3)
{
	register unsigned long a0 __asm__("a0") = arg0;
	register unsigned long a1 __asm__("a1") = arg1;
	register unsigned long a2 __asm__("a2") = arg2;
	register unsigned long a3 __asm__("a3") = arg3;
	register unsigned long a6 __asm__("a6") = fid;
	register unsigned long a7 __asm__("a7") = eid;

	__asm__ __volatile__("ecall"
			     : "+r"(a0), "+r"(a1)
			     : "r"(a2), "r"(a3), "r"(a6), "r"(a7)
			     : "memory");
	return (struct sbi_ret){ .error = (long)a0, .value = (long)a1 };
}

/* Does the firmware have extension @eid? */
static inline bool sbi_probe(unsigned long eid)
{
	struct sbi_ret r = sbi_call(SBI_EXT_BASE, SBI_BASE_PROBE, eid, 0, 0, 0);

	return r.error == 0 && r.value != 0;
}

#endif
