/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sleep of a CPU until an interrupt: of one that has nothing to run (idle.c), or dozes
 * (spin_wait.c).
 *
 * Meanwhile it uses no translation but those of its stack, of its per-CPU data and of the kernel's
 * text, which never change. So a flush of TLBs need not wake it and wait for it, which on a host of
 * fewer cores can take milliseconds: it is only told, and drops all that it has before it does
 * anything else, be it in the interrupt that ends the sleep.
 *
 *	who flushes			who sleeps
 *	change entry			AWAKE -> ASLEEP (full)
 *	full barrier			halts; an interrupt comes
 *	ASLEEP -> FLUSH_DUE (cmpxchg)	any -> AWAKE (xchg: full)
 *	  or it is FLUSH_DUE already	was it FLUSH_DUE? drop everything
 *	  or it is AWAKE: call it	walk: read entry
 *
 * Who flushes either finds AWAKE, and calls; or its look comes before the xchg, which then finds
 * FLUSH_DUE, and the walks behind that see the changed entry (store buffering with two full
 * barriers, the flush itself putting the walks behind the second). What the CPU has done by the old
 * entry before it fell asleep is done when ASLEEP is seen (message passing): the page may be freed.
 * tests: litmus.SB+mb+mb, litmus.MP+mb+mb, tlb.asleep, tlb.asleep_race and their twins
 *
 * Not so with tables that are freed: a CPU may walk ahead of what it executes, also from an entry
 * of an upper table that it has cached, and set an accessed bit in what is another's page by then.
 * Who frees tables calls each CPU (tlb_flush_tables()), as Linux does for CPUs in lazy TLB mode.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <arch/this_cpu.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>

enum { CPU_AWAKE, CPU_ASLEEP, CPU_FLUSH_DUE };

/* From and to AWAKE by its own CPU, interrupts disabled; to FLUSH_DUE by others. Atomic. */
static DEFINE_PER_CPU(u32, sleep_state);

void cpu_sleep_ends(void)
{
	u32 *state = this_cpu_ptr(&sleep_state);

	if (READ_ONCE(*state) == CPU_AWAKE)
		return;
	/* full: pairs with the smp_mb() in flush_when_awake(); being awake before the walks that
	 * come; tests: litmus.SB+mb+mb, tlb.asleep_race */
	if (xchg(state, CPU_AWAKE) == CPU_FLUSH_DUE)
		arch_tlb_flush_everything_local();
}

void cpu_sleep(void)
{
	unsigned long flags;

	/* full: pairs with the acquire in flush_is_left_to(); what this CPU did by the translations
	 * that it has before its being asleep; tests: litmus.MP+mb+mb */
	xchg(this_cpu_ptr(&sleep_state), CPU_ASLEEP);
	arch_cpu_idle();
	/* An interrupt has ended it already, unless there was none. */
	flags = arch_irq_save();
	cpu_sleep_ends();
	arch_irq_restore(flags);
}

cpumask_t cpus_asleep(void)
{
	cpumask_t mask = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		if (READ_ONCE(per_cpu(sleep_state, cpu)) != CPU_AWAKE)
			mask |= 1ULL << cpu;
	return mask;
}

/* Does @cpu sleep, and will it drop what it has? */
static bool flush_is_left_to(unsigned int cpu)
{
	u32 *state = per_cpu_ptr(&sleep_state, cpu);

	if (READ_ONCE(*state) == CPU_AWAKE)
		return false;
	cmpxchg_relaxed(state, CPU_ASLEEP, CPU_FLUSH_DUE);
	/* acquire: pairs with the xchg in cpu_sleep(), be it that another has asked for the flush
	 * since; the CPU's accesses before what the caller does to the page;
	 * tests: litmus.MP+mb+mb */
	return smp_load_acquire(state) == CPU_FLUSH_DUE;
}

cpumask_t flush_when_awake(cpumask_t mask)
{
	cpumask_t left = 0;
	unsigned int cpu;

	/* full: pairs with the xchg in cpu_sleep_ends(); the changed entries before the look at who
	 * sleeps; tests: litmus.SB+mb+mb, tlb.asleep_race */
	smp_mb();
	for_each_cpu_in(cpu, mask & smp_online_mask())
		if (flush_is_left_to(cpu))
			left |= 1ULL << cpu;
	return left;
}
