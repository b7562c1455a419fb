/* SPDX-License-Identifier: GPL-2.0-only */
/* Traps: from scause to interrupts or to trap_handle(), register dump, unwinding. */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/pgtable.h>

#include "port.h"

BUILD_BUG_ON(offsetof(struct pt_regs, pc) != PT_PC);
BUILD_BUG_ON(offsetof(struct pt_regs, tval) != PT_TVAL);
BUILD_BUG_ON(sizeof(struct pt_regs) != PT_SIZE);
BUILD_BUG_ON(KERNEL_STACK_SIZE != 1 << KERNEL_STACK_SHIFT);
BUILD_BUG_ON(OVERFLOW_STACK_SIZE != 1 << OVERFLOW_STACK_SHIFT);

BUILD_BUG_ON(offsetof(struct stack_limits, bottom) != 0);

void trap_dispatch(struct pt_regs *regs);

/* Exception codes without the interrupt bit: Privileged Architecture 1.12, table 4.2. */
static const char *const exception_names[] = {
	[0] = "instruction address misaligned",
	[CAUSE_FETCH_ACCESS] = "instruction access fault",
	[2] = "illegal instruction",
	[3] = "breakpoint",
	[4] = "load address misaligned",
	[CAUSE_LOAD_ACCESS] = "load access fault",
	[6] = "store/AMO address misaligned",
	[CAUSE_STORE_ACCESS] = "store/AMO access fault",
	[8] = "environment call from user mode",
	[9] = "environment call from supervisor mode",
	[CAUSE_FETCH_PAGE] = "instruction page fault",
	[CAUSE_LOAD_PAGE] = "load page fault",
	[CAUSE_STORE_PAGE] = "store/AMO page fault",
};

void arch_trap_init_cpu(void)
{
	/* Only the boot CPU comes here without: trap.S compares with it. */
	if (!this_cpu(current_stack).top)
		stack_set_current(0, boot_stack + KERNEL_STACK_SIZE);
	/* Supervisor mode may access user pages (section 4.1.1.2); traps leave the bit alone. */
	csr_set(sstatus, SSTATUS_SUM);
	/* Direct mode: every trap goes to trap_entry (section 4.1.2). */
	csr_write(stvec, trap_entry);
}

/*
 * A page fault's scause does not say whether there was no translation or a denied permission; the
 * tables do. An address that is not sign-extended from its top bit never has a translation. Returns
 * the leaf's level, or -ENOENT.
 */
static int address_lookup(unsigned long va, pteval_t *pte)
{
	unsigned int unused = 64 - pgtable_shift(pgtable_levels());

	if ((unsigned long)((long)(va << unused) >> unused) != va)
		return -ENOENT;
	return pgtable_lookup(mmu_current_root(), va, pte);
}

/* The memory faults: what was tried, which right a page must grant for it, and what to call it. */
static const struct fault_kind {
	enum fault_access access;
	pteval_t needed; /* 0: not a page fault */
	const char *unmapped, *denied;
} fault_kinds[] = {
	[CAUSE_FETCH_ACCESS] = { .access = FAULT_EXEC },
	[CAUSE_LOAD_ACCESS] = { .access = FAULT_READ },
	[CAUSE_STORE_ACCESS] = { .access = FAULT_WRITE },
	[CAUSE_FETCH_PAGE] = { FAULT_EXEC, PTE_V | PTE_X | PTE_A,
			       "instruction page fault: no translation",
			       "instruction page fault: execution not permitted" },
	[CAUSE_LOAD_PAGE] = { FAULT_READ, PTE_V | PTE_R | PTE_A, "load page fault: no translation",
			      "load page fault: reading not permitted" },
	[CAUSE_STORE_PAGE] = { FAULT_WRITE, PTE_V | PTE_W | PTE_A | PTE_D,
			       "store/AMO page fault: no translation",
			       "store/AMO page fault: writing not permitted" },
};

static void exception(struct pt_regs *regs)
{
	unsigned long cause = regs->cause;
	struct trap_info ti = {
		.cause = "unknown exception",
		.code = cause,
		/* trap.S put the frame elsewhere than where the stack pointer was. */
		.stack_overflow = regs_sp(regs) != (unsigned long)regs + PT_SIZE + 16,
	};
	const struct fault_kind *kind;
	pteval_t pte;
	int level;

	if (cause < ARRAY_SIZE(exception_names) && exception_names[cause])
		ti.cause = exception_names[cause];
	kind = cause < ARRAY_SIZE(fault_kinds) ? &fault_kinds[cause] : NULL;
	if (kind && kind->access != FAULT_NONE) {
		ti.access = kind->access;
		ti.addr = regs->tval;
	}
	if (kind && kind->needed) {
		level = address_lookup(ti.addr, &pte);
		if (level >= 0 && mmu_fault_is_stale(pte, level, kind->needed))
			return;
		ti.not_present = level < 0;
		ti.cause = ti.not_present ? kind->unmapped : kind->denied;
	}
	trap_handle(regs, &ti);
}

/* From trap.S, interrupts disabled. */
void trap_dispatch(struct pt_regs *regs)
{
	switch (regs->cause) {
	case CAUSE_INTERRUPT | IRQ_S_SOFT:
		/*
		 * Clear the request before the work is looked at: one that is sent from now on
		 * raises it again. mb: pairs with the mb() in arch_ipi_send(); orders the
		 * clearing before the loads of ipi_interrupt(); tests: kernel.call_storm
		 */
		csr_clear(sip, 1UL << IRQ_S_SOFT);
		mb();
		ipi_interrupt(regs);
		preempt_irq_exit();
		break;
	case CAUSE_INTERRUPT | IRQ_S_TIMER:
		/* Pending until the comparator is moved: masked until arch_timer_arm() does so. */
		csr_clear(sie, 1UL << IRQ_S_TIMER);
		timer_interrupt(regs);
		preempt_irq_exit();
		break;
	default:
		exception(regs);
	}
	/* The thread may have moved to another hart: tp is the hart's, not the thread's. */
	regs->x[4] = arch_percpu_offset();
}

void arch_regs_print(const struct pt_regs *regs)
{
	static const char names[32][4] = { "0",	 "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
					   "s0", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
					   "a6", "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
					   "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6" };
	const unsigned long *x = regs->x;

	printk("pc  %016lx status %016lx cause %016lx tval %016lx\n", regs->pc, regs->status,
	       regs->cause, regs->tval);
	for (unsigned int i = 0; i < 32; i += 4)
		printk("%-3s %016lx %-3s %016lx %-3s %016lx %-3s %016lx\n", names[i], x[i],
		       names[i + 1], x[i + 1], names[i + 2], x[i + 2], names[i + 3], x[i + 3]);
}

static bool is_text(unsigned long addr)
{
	return addr >= (unsigned long)__text_start && addr < (unsigned long)__text_end;
}

/*
 * Stack frames (RISC-V ELF psABI, frame pointer convention): fp - 8 holds the return address and
 * fp - 16 the caller's fp. A function that calls nothing keeps only the fp, at fp - 8, and its
 * return address in ra: u->ra, if u->pc is where a trap interrupted.
 */
void arch_unwind_start(struct unwind *u, const struct pt_regs *regs)
{
	u->ra = regs ? regs->x[1] : 0;
	u->pc = regs ? regs_pc(regs) : 0;
	u->fp = regs ? regs_fp(regs) : (unsigned long)__builtin_frame_address(0);
	if (!regs)
		arch_unwind_step(u);
}

/* Return address register of what the trap interrupted whose frame ends at @fp. */
static unsigned long trap_frame_ra(unsigned long fp)
{
	unsigned long regs = fp - 16 - PT_SIZE;

	return stack_contains(regs, PT_SIZE) ? ((const struct pt_regs *)regs)->x[1] : 0;
}

bool arch_unwind_step(struct unwind *u)
{
	bool in_trap = u->pc >= (unsigned long)trap_entry && u->pc < (unsigned long)trap_entry_end;
	const unsigned long *frame = (const unsigned long *)u->fp;
	unsigned long ra = u->ra;

	if (!IS_ALIGNED(u->fp, 16) || !stack_contains(u->fp - 16, 16))
		return false;
	u->ra = in_trap ? trap_frame_ra(u->fp) : 0;
	if (is_text(frame[-1])) {
		u->pc = frame[-1];
		u->fp = frame[-2];
		return true;
	}
	if (!is_text(ra))
		return false;
	u->pc = ra;
	u->fp = frame[-1];
	return true;
}
