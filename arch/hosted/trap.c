/* SPDX-License-Identifier: GPL-2.0-only */
/* What is shown of a trap: registers and backtraces; and where a CPU takes it. */
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/trap.h>
#include <lib/string.h>
#include <mm/address.h>

#include "port.h"

#define REGS_A_LINE 4

void arch_trap_init_cpu(void)
{
	struct linux_stack stack = {
		.sp = *this_cpu_ptr(&overflow_stack),
		.size = OVERFLOW_STACK_SIZE,
	};
	long err = host_syscall(HOST_NR_sigaltstack, (long)&stack, 0, 0, 0, 0, 0);

	if (err)
		panic("Linux wants a larger stack for signals (error %ld)", -err);
	hosted_traps_init();
}

void arch_regs_print(const struct pt_regs *regs)
{
	static const char *const names[] = { HOST_GREG_NAMES };
	char line[128];
	size_t n = 0;

	printk("pc %016lx sp %016lx fp %016lx interrupts %s", regs->pc, regs->sp, regs->fp,
	       regs->irqs ? "enabled" : "disabled");
	for (unsigned int i = 0; regs->gregs && i < ARRAY_SIZE(names); i++) {
		n += snprintf(line + n, sizeof(line) - n, "%-4s%016llx ", names[i],
			      (unsigned long long)regs->gregs[i]);
		if (i % REGS_A_LINE < REGS_A_LINE - 1 && i < ARRAY_SIZE(names) - 1)
			continue;
		printk("%s", line);
		n = 0;
	}
}

noinline void arch_unwind_start(struct unwind *u, const struct pt_regs *regs)
{
	if (regs) {
		u->pc = regs->pc;
		u->fp = regs->fp;
	} else {
		u->fp = (unsigned long)__builtin_frame_address(0);
		arch_unwind_step(u);
	}
}

static bool is_text(unsigned long pc)
{
	return pc >= (unsigned long)__text_start && pc < (unsigned long)__text_end;
}

/* A signal's handler has a frame chain of its own: what it interrupted is not in it. */
bool arch_unwind_step(struct unwind *u)
{
	const unsigned long *frame = (const unsigned long *)u->fp;
	unsigned long up;

	if (u->fp % sizeof(long) ||
	    !stack_contains(u->fp + HOST_FRAME_LOW, HOST_FRAME_HIGH - HOST_FRAME_LOW) ||
	    !is_text(host_frame_ra(frame)))
		return false;
	u->pc = host_frame_ra(frame);
	/* The stack grows down: a caller's frame that is not above this one ends the walk. */
	up = host_frame_up(frame);
	u->fp = up > u->fp ? up : 0;
	return true;
}
