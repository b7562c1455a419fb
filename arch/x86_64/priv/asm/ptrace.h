/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64: what trap.S saves. The last five are pushed by the CPU (Intel SDM vol. 3A, 6.14.2). */
#pragma once

struct pt_regs {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector;
	u64 error_code; /* 0 where the CPU pushes none */
	u64 rip, cs, rflags, rsp, ss;
};

static inline unsigned long regs_pc(const struct pt_regs *regs)
{
	return regs->rip;
}

static inline unsigned long regs_sp(const struct pt_regs *regs)
{
	return regs->rsp;
}

static inline unsigned long regs_fp(const struct pt_regs *regs)
{
	return regs->rbp;
}

static inline bool regs_irqs_enabled(const struct pt_regs *regs)
{
	return regs->rflags & (1 << 9); /* RFLAGS.IF */
}

static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc)
{
	regs->rip = pc;
}

/* The return address is on top of the stack. */
static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret)
{
	regs->rip = *(const u64 *)regs->rsp;
	regs->rsp += 8;
	regs->rax = ret;
}
