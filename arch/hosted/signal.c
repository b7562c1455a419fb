/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that an instruction raises: traps. Their handlers run on the CPU's overflow stack, as a
 * thread's own may be at its end; they never switch threads, and IPI and timer are blocked
 * meanwhile.
 */
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/trap.h>
#include <mm/address.h>

#include "port.h"

void hosted_signal_set(int sig, hosted_handler *fn, unsigned long flags, u64 mask)
{
	struct linux_sigaction act = {
		.handler = fn,
		.flags = LINUX_SA_SIGINFO | flags,
		.mask = mask,
	};

#if HOST_SIGACTION_RESTORER
	act.restorer = host_restorer;
	act.flags |= LINUX_SA_RESTORER;
#endif
	host_syscall(HOST_NR_rt_sigaction, sig, (long)&act, 0, sizeof(act.mask), 0, 0);
}

void hosted_regs_of(struct pt_regs *regs, void *ucontext)
{
	u64 *gregs = (u64 *)((char *)ucontext + HOST_GREGS_OFFSET);

	*regs = (struct pt_regs){
		.pc = gregs[HOST_GREG_PC],
		.sp = gregs[HOST_GREG_SP],
		.fp = gregs[HOST_GREG_FP],
		.irqs = !arch_irqs_disabled(),
		.gregs = gregs,
	};
}

static const char *const access_causes[2][4] = {
	{ NULL, "read denied by the page's protection", "write to a read-only page",
	  "execution of a no-execute page" },
	{ NULL, "read of an unmapped page", "write to an unmapped page",
	  "execution of an unmapped page" },
};

static void decode_access(struct trap_info *ti, const struct pt_regs *regs, u64 addr)
{
	bool exec = regs->pc < (unsigned long)__text_start || regs->pc >= (unsigned long)__text_end;

	/* All code is in the image: elsewhere not even the instruction could be fetched. */
	ti->addr = exec ? regs->pc : addr;
	ti->access = exec				? FAULT_EXEC
		     : host_fault_is_write(regs->gregs) ? FAULT_WRITE
							: FAULT_READ;
	ti->not_present = !hosted_kernel_mapped(ti->addr);
	ti->cause = access_causes[ti->not_present][ti->access];
	/* 64: what a call or a store to a full stack may have wanted of it. */
	ti->stack_overflow = !stack_contains(regs->sp - 64, 64);
}

/*
 * An address of a user is none of the host's: who comes to it by an instruction, and not through
 * the software MMU, is no access that mm/ could resolve, as it would be if interrupts were enabled.
 */
static void trap_taken(struct pt_regs *regs, const struct trap_info *ti)
{
	unsigned long irqs = regs->irqs;

	if (ti->addr < ARCH_USER_END)
		regs->irqs = 0;
	trap_handle(regs, ti);
	regs->gregs[HOST_GREG_PC] = regs->pc;
	regs->gregs[HOST_GREG_SP] = regs->sp;
	WRITE_ONCE(*hosted_irqs(), irqs);
}

/*
 * Linux takes the stack from what the last return from a signal has left, which may have been
 * another CPU's: frame_set_cpu() in irq.c. Of two CPUs on one stack neither would come back.
 */
static void check_stack(void)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	unsigned long begin = (unsigned long)*this_cpu_ptr(&overflow_stack);

	BUG_IF(here - begin >= OVERFLOW_STACK_SIZE,
	       "CPU %u handles a trap on another stack, at %lx", smp_processor_id(), here);
}

static void on_trap(int sig, struct linux_siginfo *info, void *ucontext)
{
	struct trap_info ti = { .code = (u32)info->code };
	struct pt_regs regs;

	hosted_regs_of(&regs, ucontext);
	arch_irq_disable();
	check_stack();
	switch (sig) {
	case LINUX_SIGSEGV:
	case LINUX_SIGBUS:
		decode_access(&ti, &regs, info->addr);
		break;
	case LINUX_SIGILL:
		ti.cause = "illegal instruction";
		break;
	case LINUX_SIGTRAP:
		ti.cause = "breakpoint";
		break;
	default:
		ti.cause = "arithmetic error";
	}
	trap_taken(&regs, &ti);
}

void hosted_traps_init(void)
{
	static const int signals[] = { LINUX_SIGSEGV, LINUX_SIGBUS, LINUX_SIGILL, LINUX_SIGTRAP,
				       LINUX_SIGFPE };

	for (unsigned int i = 0; i < ARRAY_SIZE(signals); i++)
		hosted_signal_set(signals[i], on_trap, LINUX_SA_ONSTACK | LINUX_SA_NODEFER,
				  HOSTED_IRQ_SIGNALS);
}
