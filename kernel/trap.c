/* SPDX-License-Identifier: GPL-2.0-only */
/* Traps after the port has decoded them: expected ones are recovered, others end the run. */
#include <arch/access.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/trap.h>
#include <lib/errno.h>

extern const struct extable_entry __ex_table_start[], __ex_table_end[];

DEFINE_PER_CPU(struct fault_record, last_fault);
DEFINE_PER_CPU(char, overflow_stack[OVERFLOW_STACK_SIZE]) __aligned(16);

/* Is probe_exec() about to call an address on this CPU, and which (null is one of them)? */
static DEFINE_PER_CPU(bool, exec_expected);
static DEFINE_PER_CPU(unsigned long, exec_target);
/* Is probe_trap() about to trap? */
static DEFINE_PER_CPU(bool, trap_expected);

/* Where to go on after a fault at @pc, or 0. */
static unsigned long extable_search(unsigned long pc)
{
	const struct extable_entry *e;

	for (e = __ex_table_start; e < __ex_table_end; e++)
		if ((unsigned long)&e->insn + (long)e->insn == pc)
			return (unsigned long)&e->fixup + (long)e->fixup;
	return 0;
}

static void fault_note(const struct trap_info *ti)
{
	struct fault_record *f = &this_cpu(last_fault);

	f->count++;
	f->access = ti->access;
	f->not_present = ti->not_present;
	f->addr = ti->addr;
}

int (*user_fault)(unsigned long addr, enum fault_access access);

/*
 * Runs on the stack of the thread that faulted, and as interruptible as it was: the handler may
 * sleep, fault itself, and come back on another CPU.
 *
 * All code here is the kernel's, which has no business in a user page: execution is refused,
 * whatever the area permits. Resolved, it would fault again for ever.
 */
static bool user_fault_resolved(const struct pt_regs *regs, const struct trap_info *ti)
{
	int err;

	if (ti->access == FAULT_NONE || ti->access == FAULT_EXEC || ti->addr >= ARCH_USER_END ||
	    !user_fault || !regs_irqs_enabled(regs))
		return false;
	arch_irq_enable();
	err = user_fault(ti->addr, ti->access);
	arch_irq_disable();
	return err == 0;
}

void trap_handle(struct pt_regs *regs, const struct trap_info *ti)
{
	unsigned long fixup = 0;

	if (ti->stack_overflow)
		panic_regs(regs, "stack overflow: sp %lx is outside the stack (%s)", regs_sp(regs),
			   ti->cause);
	if (ti->access == FAULT_EXEC && this_cpu(exec_expected) &&
	    ti->addr == this_cpu(exec_target)) {
		fault_note(ti);
		regs_return_from_call(regs, -EFAULT);
		return;
	}
	if (user_fault_resolved(regs, ti)) {
		BUG_IF(!arch_irqs_disabled(), "one that came now would take what the port's way "
					      "back has in registers that there are once");
		return;
	}
	if (ti->access != FAULT_NONE || this_cpu(trap_expected))
		fixup = extable_search(regs_pc(regs));
	if (fixup) {
		fault_note(ti);
		regs_set_pc(regs, fixup);
		return;
	}
	if (ti->access != FAULT_NONE)
		panic_regs(regs, "unhandled %s of address %lx: %s (code %llx)",
			   ti->access == FAULT_READ    ? "read"
			   : ti->access == FAULT_WRITE ? "write"
						       : "execution",
			   ti->addr, ti->cause, (unsigned long long)ti->code);
	panic_regs(regs, "unhandled trap: %s (code %llx)", ti->cause, (unsigned long long)ti->code);
}

int probe_read(const volatile void *p, u8 *val)
{
	u8 v = 0;
	int err = arch_probe_read(p, &v);

	if (!err && val)
		*val = v;
	return err;
}

int probe_write(volatile void *p, u8 val)
{
	return arch_probe_write(p, val);
}

int probe_exec(const void *fn)
{
	int (*call)(void) = (int (*)(void))(unsigned long)fn;
	int ret;

	/* The CPU that faults must be the one that expects it. */
	preempt_disable();
	this_cpu(exec_target) = (unsigned long)fn;
	this_cpu(exec_expected) = true;
	barrier();
	ret = call();
	barrier();
	this_cpu(exec_expected) = false;
	preempt_enable();
	return ret;
}

int probe_trap(void)
{
	int err;

	preempt_disable();
	this_cpu(trap_expected) = true;
	barrier();
	err = arch_probe_trap();
	barrier();
	this_cpu(trap_expected) = false;
	preempt_enable();
	return err;
}
