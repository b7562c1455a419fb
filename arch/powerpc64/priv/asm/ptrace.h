/* SPDX-License-Identifier: GPL-2.0-only */
/* The register frame that trap.S builds on the stack, and what lies around it. */
#pragma once

/* Offsets in struct pt_regs, for trap.S; checked in trap.c. */
#define PT_GPR(n) ((n)*8)
#define PT_NIP	  256
#define PT_MSR	  264
#define PT_CTR	  272
#define PT_LINK	  280
#define PT_XER	  288
#define PT_CCR	  296
#define PT_DAR	  304
#define PT_DSISR  312
#define PT_TRAP	  320
#define PT_SIZE	  336

/*
 * A trap's stack frame: the ABI's header (back chain, CR, LR, TOC), the registers, and below the
 * interrupted stack pointer the 288 bytes that a leaf function may use without saying so (64-Bit
 * ELF V2 ABI Specification, "The Stack Frame": protected zone). The TOC slot, which we have no
 * other use for, marks the frame for the unwinder.
 */
#define FRAME_HEADER  32
#define FRAME_LR      16
#define FRAME_MARK    24
#define FRAME_REDZONE 288
#define TRAP_FRAME    (FRAME_HEADER + PT_SIZE + FRAME_REDZONE)
#define TRAP_MARK     0x7472617066726d65 /* "trapfrme" */

/* Sizes of the stacks of kernel/panic.h; and what a trap wants below its frame to run C in. */
#define STACK_SIZE	    16384
#define OVERFLOW_SIZE	    8192
#define TRAP_STACK_HEADROOM 2048

/* struct trap_area, see trap.c. */
#define TA_PERCPU   0
#define TA_ENTRY    8
#define TA_MSR	    16
#define TA_TOC	    24
#define TA_LIMITS   32
#define TA_OVERFLOW 40
#define TA_R0	    48
#define TA_R1	    56
#define TA_R2	    64
#define TA_R13	    72
#define TA_LR	    80
#define TA_CR	    88
#define TA_VECTOR   96
#define TA_NIP	    104
#define TA_SRR1	    112
#define TA_SIZE	    128

/* struct cpu_start, see smp.c. */
#define CS_PIR_PLUS_1 0
#define CS_STACK      8
#define CS_PERCPU     16
#define CS_CPU	      24
#define CS_SIZE	      32
#define CS_ENTRIES    64

#ifndef __ASSEMBLY__

#include <lib/types.h>

struct pt_regs {
	u64 gpr[32];
	u64 nip, msr, ctr, link, xer, ccr;
	u64 dar, dsisr;
	u64 trap; /* vector */
	u64 pad;
};

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->nip;
}

static inline unsigned long regs_sp(const struct pt_regs *regs)
{
	return regs->gpr[1];
}

/* The stack pointer is the frame pointer: each frame begins with the address of the one before. */
static inline unsigned long regs_fp(const struct pt_regs *regs)
{
	return regs->gpr[1];
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return regs->msr & 0x8000; /* MSR.EE */
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->nip = pc;
}

static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	regs->gpr[3] = ret;
	regs->nip = regs->link;
}

#endif
