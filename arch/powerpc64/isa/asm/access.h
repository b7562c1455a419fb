/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64: the instructions of accesses that may fault. */
#pragma once

#define ACCESS_LOAD8   "lbz	%[val], 0(%[at])"
#define ACCESS_STORE8  "stb	%[val], 0(%[at])"
#define ACCESS_LOAD64  "ld	%[val], 0(%[at])"
#define ACCESS_STORE64 "std	%[val], 0(%[at])"
#define ACCESS_DONE    "li	%[err], 0"
#define ACCESS_TRAP    "trap"
#define ACCESS_ADDRESS "b"

/* As arch_cmpxchg64() in <asm/atomic.h>; both ldarx and stdcx. may fault. */
#define ACCESS_CMPXCHG64 \
	"	sync\n" \
	"1:	ldarx	%[val], 0, %[at]\n" \
	"	cmpd	%[val], %[old]\n" \
	"	bne-	3f\n" \
	"2:	stdcx.	%[new], 0, %[at]\n" \
	"	bne-	1b\n" \
	"	sync\n" \
	"3:\n"
#define ACCESS_CMPXCHG_CLOBBERS "memory", "cr0"

#include <arch/access_asm.h>
