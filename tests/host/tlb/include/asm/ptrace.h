/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated port: nothing traps. */
#pragma once

struct pt_regs {
	unsigned long pc;
};

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->pc;
}
