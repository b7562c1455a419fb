/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traps: the contract. <asm/ptrace.h> defines struct pt_regs: every general register, pc, sp and
 * the status word.
 *
 * The port decodes a synchronous exception into struct trap_info and calls trap_handle(); if that
 * returns, the port resumes at regs. An interrupt does not come this way (arch/irq.h).
 */
#pragma once

#include <lib/types.h>

struct pt_regs;

static inline unsigned long regs_pc(const struct pt_regs *regs);
static inline unsigned long regs_sp(const struct pt_regs *regs);
static inline unsigned long regs_fp(const struct pt_regs *regs);
static inline void regs_set_pc(struct pt_regs *regs, unsigned long pc);
/* Were interrupts enabled where @regs was interrupted? */
static inline bool regs_irqs_enabled(const struct pt_regs *regs);
/*
 * Return from the function whose first instruction was about to run, with value @ret: an
 * instruction fetch has faulted.
 */
static inline void regs_return_from_call(struct pt_regs *regs, unsigned long ret);

#include <asm/ptrace.h>

enum fault_access { FAULT_NONE, FAULT_READ, FAULT_WRITE, FAULT_EXEC };

struct trap_info {
	const char *cause;	  /* decoded, e.g. "data abort: permission fault, level 3" */
	u64 code;		  /* the raw syndrome: ESR, scause, DSISR, error code */
	enum fault_access access; /* FAULT_NONE: not a memory fault */
	bool not_present;	  /* no translation, as opposed to a denied permission */
	bool stack_overflow;	  /* the port found the stack pointer outside the stack */
	unsigned long addr;	  /* faulting address, if a memory fault */
};

/* Install the trap vectors on this CPU. */
void arch_trap_init_cpu(void);

/* Print every register, through printk. Any context. */
void arch_regs_print(const struct pt_regs *regs);

/*
 * Backtrace: fill @u from @regs, or from the caller's own frame if @regs is NULL; then step.
 * arch_unwind_step() returns false at the outermost frame or when a frame pointer is not plausible
 * (it must never fault: it checks with stack_contains() before each dereference).
 */
struct unwind {
	unsigned long pc;
	unsigned long fp;
	unsigned long ra; /* the port's: return address still in its register, or 0 */
};
void arch_unwind_start(struct unwind *u, const struct pt_regs *regs);
bool arch_unwind_step(struct unwind *u);

/* Entry point in kernel/, called by the port. Interrupts disabled. */
void trap_handle(struct pt_regs *regs, const struct trap_info *ti);
