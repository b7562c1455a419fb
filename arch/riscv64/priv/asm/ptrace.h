/* SPDX-License-Identifier: GPL-2.0-only */
/* The register frame that trap.S pushes. Its assembly includes the offsets from here. */
#pragma once

/* Offsets in struct pt_regs, checked in trap.c. */
#define PT_X(n)	  ((n)*8)
#define PT_PC	  (32 * 8)
#define PT_STATUS (33 * 8)
#define PT_CAUSE  (34 * 8)
#define PT_TVAL	  (35 * 8)
#define PT_SIZE	  (36 * 8)

/* log2 of KERNEL_STACK_SIZE and of OVERFLOW_STACK_SIZE, checked in trap.c. */
#define KERNEL_STACK_SHIFT   14
#define OVERFLOW_STACK_SHIFT 13

#ifndef __ASSEMBLY__

struct pt_regs {
	unsigned long x[32]; /* x[0] is 0; x[2] is the interrupted stack pointer */
	unsigned long pc;
	unsigned long status;
	unsigned long cause;
	unsigned long tval;
};

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->pc;
}

static inline unsigned long regs_sp(const struct pt_regs *regs)
{
	return regs->x[2];
}

static inline unsigned long regs_fp(const struct pt_regs *regs)
{
	return regs->x[8];
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return regs->status & 0x20; /* sstatus.SPIE: what SIE was */
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->pc = pc;
}

/* The caller's jalr left the return address in ra; a0 carries the result. */
static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	regs->pc = regs->x[1];
	regs->x[10] = ret;
}

#endif
