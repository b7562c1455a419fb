/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs: the table that discovery fills (kernel/cpu.c), bring-up, interprocessor calls, and work
 * handed to a CPU's worker thread.
 */
#pragma once

#include <arch/smp.h>
#include <kernel/percpu.h>
#include <lib/compiler.h>
#include <lib/types.h>

typedef u64 cpumask_t; /* bit n: logical CPU n */

enum cpu_state { CPU_ABSENT, CPU_PRESENT, CPU_STARTING, CPU_ONLINE, CPU_FAILED };

/* Where a CPU is in the machine, by firmware's or the hardware's numbers. */
struct cpu_place {
	u16 socket, cluster, core, thread; /* the last two in what stands before them */
};

struct cpu_entry {
	u64 hw_id;		/* APIC id, MPIDR, hart, PIR */
	u64 id;			/* arch_cpu_id(), once it is online */
	u64 release_addr;	/* arm64 spin table; else the port's own */
	u32 enable_method;	/* the port's own enum */
	struct cpu_place place; /* all 0 where nobody says */
	const char *failure;	/* why it is CPU_FAILED */
	enum cpu_state
		state; /* ordered by release in secondary_start(), acquire in smp_boot_cpus() */
};

/* All that firmware names, until those are chosen that a run uses; then these stand in front. */
#define CPUS_NAMED_MAX 1024
extern struct cpu_entry cpu_table[CPUS_NAMED_MAX];
extern unsigned int nr_cpus_named;   /* entries of cpu_table in use */
extern unsigned int nr_cpus_found;   /* those of the run, or that it would be: at most NR_CPUS */
extern unsigned int nr_cpus_ignored; /* named and not chosen */

/*
 * The CPU that runs this: logical CPU 0, before any other is added, so that it has its place
 * however many there are and wherever firmware lists it.
 */
void smp_set_boot_cpu(u64 hw_id);

/* Add a CPU in arch_discover(), or say more of the boot CPU. -ENOSPC if there are too many. */
int smp_add_cpu(u64 hw_id, u32 enable_method, u64 release_addr);

/* Say where a CPU is that was added. In arch_discover(). */
void smp_set_place(u64 hw_id, struct cpu_place place);

/*
 * Choose the CPUs of the run: those of cpu_list=, and if they are more than cpus= or NR_CPUS some
 * of each socket. After options_parse(), before anything goes by the number of a CPU but the first.
 */
void smp_choose_cpus(void);

/*
 * @cpu is there, but not to be used: @why, which is constant text. Before smp_boot_cpus(), or in an
 * arch_cpu_start() that fails.
 */
void smp_leave_out(unsigned int cpu, const char *why);

/* Start every other CPU; one that does not answer in 12 seconds is reported and left out. */
void smp_boot_cpus(void);

/* How many CPUs are in @mask. */
unsigned int cpus_in(cpumask_t mask);
cpumask_t smp_online_mask(void);
/* "0-3,8": the numbers in @mask. No mask needs more than CPUMASK_TEXT_MAX bytes. */
#define CPUMASK_TEXT_MAX 128
void cpumask_format(cpumask_t mask, char *buf, size_t size);
unsigned int smp_nr_online(void);
bool cpu_is_online(unsigned int cpu);
/* @cpu is up. Boot CPU. */
void cpu_set_online(unsigned int cpu);

#define for_each_cpu_in(cpu, mask) \
	for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++) \
		if ((mask) & (1ULL << (cpu)))

/* ---- interprocessor calls (kernel/native/ipi.c) ---- */

typedef void (*smp_call_fn)(void *arg);

/*
 * Run fn(arg) on @cpu in interrupt context, interrupts disabled. With @wait, return after it has
 * finished: interrupts must then be enabled here, and no lock held that fn takes, or that anybody
 * waits for with interrupts disabled. Without @wait it may still wait for the end of this CPU's
 * last call of @cpu, so not from an interrupt.
 * A CPU that has not run fn in call_timeout= of this CPU's waiting ends the run with a report.
 * Everything before the call is visible to fn; with @wait, all that fn did is visible on return.
 * Returns 0 or -EINVAL when @cpu is not online.
 */
int smp_call_function_single(unsigned int cpu, smp_call_fn fn, void *arg, bool wait);

/*
 * First thing in every function that may wait for other CPUs, @what: reports if interrupts are
 * disabled, with which two that call each other would wait for ever. False: it has been reported.
 */
bool smp_wait_check(const char *what);

/* The same on every CPU of @mask but this one, at once; and on every online CPU, this one too. */
void smp_call_function_many(cpumask_t mask, smp_call_fn fn, void *arg, bool wait);
void on_each_cpu(smp_call_fn fn, void *arg);

/*
 * As the last two, with @wait, for an @fn that drops translations of pages and does nothing else: a
 * CPU that sleeps is left alone, and drops all that it has before it does anything else. Not for
 * tables that are to be freed (kernel/native/sleep.c). Preemption disabled for the first.
 */
void smp_flush_many(cpumask_t mask, smp_call_fn fn, void *arg);
void smp_flush_each(smp_call_fn fn, void *arg);

/* From ipi_interrupt(): run what others have asked of this CPU. */
void smp_calls_run(void);

/* Interrupt @cpu for no other purpose than the disturbance (a stress knob). */
void ipi_send_noise(unsigned int cpu);

/* Interrupts this CPU has taken, for statistics and tests (kernel/native/interrupt.c). */
DECLARE_PER_CPU(unsigned long, ipi_count);
DECLARE_PER_CPU(unsigned long, timer_count);

/* ---- work for other CPUs (kernel/cpu_work.c) ---- */

/*
 * Run fn(arg) on @cpu in its worker thread. CPU 0 runs the test runner and takes no such work: call
 * the function there.
 * cpu_work_start() returns 0, -EINVAL (not online, or this CPU), -ENOMEM (it has no worker) or
 * -EBUSY (still at work).
 * cpu_work_wait() returns when it has finished; its effects are then visible. It spins: the CPU
 * that waits is the runner's.
 */
int cpu_work_start(unsigned int cpu, void (*fn)(void *arg), void *arg);
void cpu_work_wait(unsigned int cpu);
bool cpu_work_done(unsigned int cpu);

/* Make the worker threads. CPU 0's idle thread, all CPUs up. */
void cpu_work_init(void);

/* ---- sleep (kernel/native/sleep.c) ---- */

/* arch_cpu_idle(), during which flushes of TLBs leave this CPU alone. Interrupts disabled. */
void cpu_sleep(void);
/* This CPU may have slept: first thing in each interrupt. Interrupts disabled. */
void cpu_sleep_ends(void);
/* Those that sleep now; may be late. */
cpumask_t cpus_asleep(void);
/* Those of @mask that sleep, and will drop all of their TLBs when they wake up. */
cpumask_t flush_when_awake(cpumask_t mask);

/* The idle thread of each CPU: sleeps until there is a thread to run (kernel/native/idle.c). */
void cpu_idle_loop(void) __noreturn;
