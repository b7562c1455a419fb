/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: the instructions of accesses that may fault; CMPXCHG compares with what is in RAX. */
#pragma once

#define ACCESS_LOAD8   "movzbl	(%[at]), %k[val]"
#define ACCESS_STORE8  "movb	%b[val], (%[at])"
#define ACCESS_LOAD64  "movq	(%[at]), %[val]"
#define ACCESS_STORE64 "movq	%[val], (%[at])"
#define ACCESS_DONE    "xorl	%k[err], %k[err]"
#define ACCESS_TRAP    "ud2"
#define ACCESS_ADDRESS "r"

/* As arch_cmpxchg64() in <asm/atomic.h>. */
#define ACCESS_CMPXCHG64 \
	"	movq	%[old], %%rax\n" \
	"1: 2:	lock; cmpxchgq	%[new], (%[at])\n" \
	"	movq	%%rax, %[val]\n"
#define ACCESS_CMPXCHG_CLOBBERS "memory", "rax", "cc"

#include <arch/access_asm.h>
