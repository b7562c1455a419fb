/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64: the instructions of accesses that may fault. */
#pragma once

#define ACCESS_LOAD8   "lbu	%[val], 0(%[at])"
#define ACCESS_STORE8  "sb	%[val], 0(%[at])"
#define ACCESS_LOAD64  "ld	%[val], 0(%[at])"
#define ACCESS_STORE64 "sd	%[val], 0(%[at])"
#define ACCESS_DONE    "li	%[err], 0"
#define ACCESS_TRAP    "ebreak"
#define ACCESS_ADDRESS "r"

/* As arch_cmpxchg64() in <asm/atomic.h>; both lr and sc may fault. */
#define ACCESS_CMPXCHG64 \
	"1:	lr.d	%[val], (%[at])\n" \
	"	bne	%[val], %[old], 3f\n" \
	"2:	sc.d.rl	%[failed], %[new], (%[at])\n" \
	"	bnez	%[failed], 1b\n" \
	"	fence	rw, rw\n" \
	"3:\n"
#define ACCESS_CMPXCHG_CLOBBERS "memory"

#include <arch/access_asm.h>
