/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64: the instructions of accesses that may fault. */
#pragma once

#define ACCESS_LOAD8   "ldrb	%w[val], [%[at]]"
#define ACCESS_STORE8  "strb	%w[val], [%[at]]"
#define ACCESS_LOAD64  "ldr	%[val], [%[at]]"
#define ACCESS_STORE64 "str	%[val], [%[at]]"
#define ACCESS_DONE    "mov	%[err], xzr"
#define ACCESS_TRAP    "brk	#1"
#define ACCESS_ADDRESS "r"

/* As arch_cmpxchg64() in <asm/atomic.h>; both exclusives may fault. */
#define ACCESS_CMPXCHG64 \
	"1:	ldxr	%[val], [%[at]]\n" \
	"	cmp	%[val], %[old]\n" \
	"	b.ne	3f\n" \
	"2:	stlxr	%w[failed], %[new], [%[at]]\n" \
	"	cbnz	%w[failed], 1b\n" \
	"	dmb	ish\n" \
	"3:\n"
#define ACCESS_CMPXCHG_CLOBBERS "memory", "cc"

#include <arch/access_asm.h>
