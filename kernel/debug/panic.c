/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a run that went wrong: who, where, what the others were doing. */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/trap.h>
#include <kernel/watchdog.h>

#include "debug.h"

#define BACKTRACE_MAX 24

static u32 panic_owner; /* CPU + 1 of who reports the end; lockless, set once by cmpxchg */

/*
 * @is_return: the address is where a call returns to, which for a call that never returns can lie
 * behind the end of the caller; the call itself is in it.
 */
static void backtrace_print_pc(unsigned long pc, bool is_return)
{
	unsigned long off = 0, size = 0;
	const char *name = ksym_lookup(pc - is_return, &off, &size);

	if (name)
		printk("  %lx %s+0x%lx/0x%lx\n", pc, name, off + is_return, size);
	else
		printk("  %lx\n", pc);
}

noinline void backtrace_print(const struct pt_regs *regs)
{
	struct unwind u;

	printk("backtrace:\n");
	arch_unwind_start(&u, regs);
	for (int i = 0; i < BACKTRACE_MAX; i++) {
		backtrace_print_pc(u.pc, i || !regs);
		if (!arch_unwind_step(&u))
			return;
	}
	printk("  ...\n");
}

u32 panic_claim(void)
{
	/* full: nothing to order, but the first CPU must be the only one */
	return cmpxchg(&panic_owner, 0, smp_processor_id() + 1);
}

void panic_stand_by(void)
{
	preempt_disable();
	arch_irq_enable();
	spin_until("the end of the run", false);
	__builtin_unreachable();
}

void panic_stop_if_claimed(void)
{
	if (READ_ONCE(panic_owner))
		panic_stand_by();
}

/* What a panic prints besides, before the backtraces. */
struct panic_show {
	void (*fn)(const void *arg);
	const void *arg;
};

static void __noreturn panic_va(struct pt_regs *regs, const struct panic_show *show,
				const char *fmt, va_list ap)
{
	const char *wait;
	unsigned int cpu;
	char why[256];
	u32 first;

	arch_irq_disable();
	cpu = smp_processor_id();
	wait = spin_waits_for(cpu);
	vsnprintf(why, sizeof(why), fmt, ap);
	first = panic_claim();
	if (first == cpu + 1) {
		printk_pass_emergency(cpu); /* another CPU may have been asked to print */
		printk("panic in panic: %s\n", why);
		arch_power_off(RUN_CRASH);
	}
	if (first)
		panic_stand_by();
	printk_enter_emergency();
	printk("panic: %s\n", why);
	if (run_name())
		printk("while test %s ran\n", run_name());
	printk("in thread %s%s%s\n", current->name, wait ? ", which waits for " : "",
	       wait ? wait : "");
	if (show)
		show->fn(show->arg);
	if (regs)
		arch_regs_print(regs);
	backtrace_print(regs);
	spin_print_held(cpu);
	watchdog_show_others();
	threads_print();
	run_end(run_crashed(why));
}

void panic_report(struct pt_regs *regs, const char *fmt, va_list ap)
{
	panic_va(regs, NULL, fmt, ap);
}

void panic_with(void (*fn)(const void *arg), const void *arg, const char *fmt, ...)
{
	const struct panic_show show = { fn, arg };
	va_list ap;

	va_start(ap, fmt);
	panic_va(NULL, &show, fmt, ap);
}
