/* SPDX-License-Identifier: GPL-2.0-only */
/* The register frame that trap.S pushes. */
#pragma once

#define PT_X(n)	     ((n)*8)
#define PT_SP	     248
#define PT_PC	     256
#define PT_PSTATE    264
#define PT_FRAME     272
#define PT_REGS_SIZE 288

#ifndef __ASSEMBLY__
#include <lib/types.h>

struct pt_regs {
	u64 x[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	/* A frame record {fp, pc}: a backtrace goes through it into what was interrupted. */
	u64 frame[2];
};

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->pc;
}

static inline unsigned long regs_sp(const struct pt_regs *regs)
{
	return regs->sp;
}

static inline unsigned long regs_fp(const struct pt_regs *regs)
{
	return regs->x[29];
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return !(regs->pstate & 1 << 7); /* PSTATE.I */
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->pc = pc;
}

static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	regs->x[0] = ret;
	regs->pc = regs->x[30];
}
#endif
