/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: nothing traps, so that there are no registers to be looked at. */
#pragma once

struct pt_regs {
	unsigned long pc, sp, fp, result;
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
	return regs->fp;
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->pc = pc;
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return false;
}

static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	regs->result = ret;
}
