/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts as signals: SIGUSR1 is an IPI, SIGALRM the timer, SIGUSR2 the NMI.
 *
 *	this CPU				a signal
 *	flag = 0				handler: flag is 0?
 *	...					  mark it in hosted_pending, return
 *	flag = 1
 *	hosted_pending?  replay			  flag is 1: take all that is pending
 *
 * A handler runs on the stack of the thread that it interrupts, with IPI and timer blocked, as a
 * machine enters one with interrupts disabled; Linux unblocks them when it returns. It may end in
 * another thread, and that thread runs with nothing blocked: so they are unblocked before such a
 * switch, the flag being down, and blocked again before the way back, which may be on another CPU.
 * What is blocked is the Linux thread's, that is the CPU's; a return from a signal unblocks
 * everything, whichever CPU it is on. Replayed, an interrupt is a call, and nothing is blocked.
 *
 * An idle CPU waits for hosted_pending to change (futex), which it cannot miss: whoever marks it
 * does so before the signal, or in its handler.
 */
#include <arch/atomic.h>
#include <arch/clock.h>
#include <arch/irq.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/trap.h>

#include "port.h"

#define PENDING_IPI   1
#define PENDING_TIMER 2

#define NS_PER_SEC 1000000000ULL

DEFINE_PER_CPU(u32, hosted_pending);
static DEFINE_PER_CPU(s32, timer_id);

/* Returns what was pending before. */
static u32 pending_mark(u32 *pending, u32 what)
{
	u32 old;

	do
		old = READ_ONCE(*pending);
	while (!(old & what) && cmpxchg(pending, old, old | what) != old);
	return old;
}

/* Take all that is pending here. Interrupts disabled. */
static void pending_run(struct pt_regs *regs)
{
	u32 what;

	/* full: pairs with the barrier in arch_ipi_send(); the mark before what the IPI is about;
	 * tests: litmus.SB+mb+mb */
	while ((what = xchg(&this_cpu(hosted_pending), 0u))) {
		if (what & PENDING_TIMER)
			timer_interrupt(regs);
		if (what & PENDING_IPI)
			ipi_interrupt(regs);
	}
}

noinline void hosted_irq_replay(void)
{
	struct pt_regs regs;

	do {
		arch_irq_disable();
		regs_here(&regs, (unsigned long)__builtin_return_address(0),
			  (unsigned long)__builtin_frame_address(0), true);
		pending_run(&regs);
		preempt_irq_exit();
		WRITE_ONCE(*hosted_irqs(), 1);
		barrier();
	} while (hosted_irq_is_pending());
}

static void irq_signals(long how)
{
	u64 mask = HOSTED_IRQ_SIGNALS;

	host_syscall(HOST_NR_rt_sigprocmask, how, (long)&mask, 0, sizeof(mask), 0, 0);
}

/* Is preempt_irq_exit() going to switch? */
static bool exit_switches(void)
{
	return READ_ONCE(current->need_resched) && preemptible();
}

/*
 * What a return from the signal makes of the Linux thread that does it: it shall be the CPU that it
 * is, whichever was interrupted. Linux restores the stack for traps, too.
 */
static void frame_set_cpu(struct linux_ucontext *uc, u64 *gregs)
{
	host_frame_set_percpu(gregs, arch_percpu_offset());
	uc->stack.sp = *this_cpu_ptr(&overflow_stack);
}

static void irq_taken(void *ucontext)
{
	struct pt_regs regs;

	arch_irq_disable();
	hosted_regs_of(&regs, ucontext);
	do {
		pending_run(&regs);
		if (exit_switches()) {
			irq_signals(LINUX_SIG_UNBLOCK);
			preempt_irq_exit();
			irq_signals(LINUX_SIG_BLOCK);
		}
	} while (hosted_irq_is_pending());
	/* Blocked: no more can come before Linux has all the registers back. */
	frame_set_cpu(ucontext, regs.gregs);
	WRITE_ONCE(*hosted_irqs(), 1);
}

static void on_irq(int sig, struct linux_siginfo *info, void *ucontext)
{
	if (sig == LINUX_SIGALRM)
		pending_mark(&this_cpu(hosted_pending), PENDING_TIMER);
	if (!arch_irqs_disabled())
		irq_taken(ucontext);
}

/* It switches no threads, and Linux blocks all others meanwhile. */
static void on_nmi(int sig, struct linux_siginfo *info, void *ucontext)
{
	struct pt_regs regs;

	hosted_regs_of(&regs, ucontext);
	nmi_interrupt(&regs);
}

int arch_irq_init(void)
{
	hosted_signal_set(LINUX_SIGUSR1, on_irq, 0, HOSTED_IRQ_SIGNALS);
	hosted_signal_set(LINUX_SIGALRM, on_irq, 0, HOSTED_IRQ_SIGNALS);
	hosted_signal_set(LINUX_SIGUSR2, on_nmi, 0, ~0ULL);
	return 0;
}

void arch_irq_init_cpu(void)
{
	struct linux_sigevent event = {
		.signo = LINUX_SIGALRM,
		.notify = LINUX_SIGEV_THREAD_ID,
		.tid = this_cpu(hosted_tid),
	};
	long err = host_syscall(HOST_NR_timer_create, LINUX_CLOCK_MONOTONIC, (long)&event,
				(long)&this_cpu(timer_id), 0, 0, 0);

	if (err)
		panic("Linux gives CPU %u no timer (error %ld)", smp_processor_id(), -err);
}

void arch_timer_arm(u64 ticks)
{
	u64 ns = MAX(clock_ticks_to_ns(ticks), 1ULL);
	struct linux_itimerspec t = { .value = { ns / NS_PER_SEC, ns % NS_PER_SEC } };

	host_syscall(HOST_NR_timer_settime, this_cpu(timer_id), 0, (long)&t, 0, 0, 0);
}

static void signal_cpu(unsigned int cpu, int sig)
{
	host_syscall(HOST_NR_tgkill, host_syscall(HOST_NR_getpid, 0, 0, 0, 0, 0, 0),
		     READ_ONCE(per_cpu(hosted_tid, cpu)), sig, 0, 0, 0);
}

void arch_ipi_send(unsigned int cpu)
{
	/* full: pairs with the xchg in pending_run(); what the IPI is about before the look whether
	 * one is on its way; tests: litmus.SB+mb+mb */
	smp_mb();
	if (!(pending_mark(&per_cpu(hosted_pending, cpu), PENDING_IPI) & PENDING_IPI))
		signal_cpu(cpu, LINUX_SIGUSR1);
}

int arch_nmi_send(unsigned int cpu)
{
	signal_cpu(cpu, LINUX_SIGUSR2);
	return 0;
}

void hosted_idle(void)
{
	u32 *pending = &this_cpu(hosted_pending);

	while (!READ_ONCE(*pending))
		host_syscall(HOST_NR_futex, (long)pending, LINUX_FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
	arch_irq_enable();
}

void hosted_halt(void)
{
	struct linux_timespec hour = { .sec = 3600 };

	arch_irq_disable();
	for (;;)
		host_syscall(HOST_NR_nanosleep, (long)&hour, 0, 0, 0, 0, 0);
}
