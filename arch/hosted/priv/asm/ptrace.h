/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where something was interrupted: by a signal, whose frame has all registers; or by this port's
 * own code, as the walk of a page table that ends in a fault, where the others mean nothing.
 */
#pragma once

#ifndef __ASSEMBLY__

#include <asm/host.h>

struct pt_regs {
	unsigned long pc, sp, fp;
	unsigned long irqs; /* were interrupts enabled? */
	u64 *gregs;	    /* in the signal's frame, or NULL */
};

/* Of a trap that is made by code: @pc and @fp of who is to look trapped. */
static inline void regs_here(struct pt_regs *regs, unsigned long pc, unsigned long fp,
			     bool irqs_enabled)
{
	*regs = (struct pt_regs){ .pc = pc, .sp = fp, .fp = fp, .irqs = irqs_enabled };
}

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
	return regs->fp;
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return regs->irqs;
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->pc = pc;
}

static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	host_frame_return(regs->gregs, ret);
	regs->pc = regs->gregs[HOST_GREG_PC];
	regs->sp = regs->gregs[HOST_GREG_SP];
}

#endif
