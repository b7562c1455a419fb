/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchdog. Every CPU's tick notes its own heartbeat and looks at the time of the running test
 * and at the heartbeat of the next CPU; who finds something overdue reports for all.
 *
 * Each CPU counts by itself, in its own ticks (struct patience): so a machine that was put aside,
 * for however long, goes on, and all that one CPU reads of another is whether one word has changed:
 * nothing needs an order. Of a single CPU that the host put aside only the limit itself tells, as
 * from inside that cannot be told from one that hangs.
 *
 * To see what another CPU does, the reporting CPU asks it (by NMI where there is one), lets it
 * print, and waits for its answer. A CPU that does not answer is described by what it left behind.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/run.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <kernel/watchdog.h>
#include <lib/options.h>

/* A busy host may not run the asked vCPU for a while. */
#define ANSWER_TIMEOUT_NS 1000000000ULL

/* Well above the longest that a crowded host was seen to keep one vCPU from running. */
static u64 lockup_ns = 20000000000ULL;
OPTION(lockup, "lockup", OPT_TIME, &lockup_ns, 100000000, 3600000000000ULL,
       "a CPU that takes no timer interrupt for so long hangs");

/*
 * The time that the running test may take, in us, and whose time it is: one word, so that nobody
 * sees one without the other. 0: none. Lockless, written by CPU 0.
 */
static u64 test_limit;
#define LIMIT_TURN_BITS 16

static u32 fired; /* lockless, set once by cmpxchg */

/* In cpu_trace.show: the asked CPU prints. */
#define SHOW_TAKEN 0xffffffffu

struct cpu_trace {
	u64 heartbeat;		/* clock_ns() of the last tick; this CPU writes, others read */
	unsigned long tick_pc;	/* what that tick interrupted */
	unsigned long activity; /* function at work, 0 when idle */
	u32 show; /* the CPU + 1 that asks, SHOW_TAKEN, or 0: by release, when it is answered */
	/* This CPU's own: what it has seen, and for how long. */
	u64 limit_seen;		 /* of test_limit */
	u64 beat_seen;		 /* of the next CPU's heartbeat */
	struct patience test;	 /* since limit_seen is what it is */
	struct patience silence; /* since beat_seen is what it is */
};

static DEFINE_PER_CPU(struct cpu_trace, cpu_trace);

void watchdog_set_limit(u64 ns)
{
	static u64 turn; /* CPU 0's */

	turn = (turn + 1) % (1ULL << LIMIT_TURN_BITS);
	WRITE_ONCE(test_limit, ns ? MAX(ns / 1000, 1ULL) << LIMIT_TURN_BITS | turn : 0);
}

void watchdog_note_pc(const struct pt_regs *regs)
{
	WRITE_ONCE(this_cpu(cpu_trace).tick_pc, regs_pc(regs));
}

void watchdog_set_activity(unsigned long fn)
{
	WRITE_ONCE(this_cpu(cpu_trace).activity, fn);
}

static unsigned int next_online(unsigned int cpu)
{
	do
		cpu = (cpu + 1) % NR_CPUS;
	while (!cpu_is_online(cpu));
	return cpu;
}

static void activity_print(unsigned int cpu)
{
	unsigned long fn = READ_ONCE(per_cpu(cpu_trace, cpu).activity);
	const char *point = READ_ONCE(per_cpu(last_sync_point, cpu));
	const char *wait = spin_waits_for(cpu);

	printk("cpu %u: thread %s, at work on %s, last sync point %s%s%s\n", cpu,
	       READ_ONCE(per_cpu(current_task, cpu))->name,
	       fn	  ? ksym_lookup(fn, NULL, NULL)
	       : cpu == 0 ? "the test runner"
			  : "nothing",
	       point ? point : "none", wait ? ", waits for " : "", wait ? wait : "");
}

/*
 * The asked CPU has the console from its answer's beginning to its end, and not from the asking on:
 * what else it prints, before or after, is not let into the report.
 *
 *	who asks			who is asked
 *	show = asker
 *	interrupt  ------------->	show: asker -> TAKEN (cmpxchg)
 *	wait for 0 (acquire)		emergency_cpu = me; print
 *					emergency_cpu = asker
 *			  <------	show = 0 (release)
 * or, after its time:
 *	show: asker -> 0 (cmpxchg)	not asked any more
 */
void watchdog_show_self(struct pt_regs *regs)
{
	struct cpu_trace *t = &this_cpu(cpu_trace);
	/* acquire: pairs with the release in cpu_show(); tests: litmus.MP+rel+acq */
	u32 asker = smp_load_acquire(&t->show);

	/* full: nothing to order, but either we print or who asked */
	if (!asker || asker == SHOW_TAKEN || cmpxchg(&t->show, asker, SHOW_TAKEN) != asker)
		return;
	printk_pass_emergency(smp_processor_id());
	activity_print(smp_processor_id());
	backtrace_print(regs);
	spin_print_held(smp_processor_id());
	printk_pass_emergency(asker - 1);
	/* release: pairs with the acquire in is_answered_in_time(); tests: litmus.MP+rel+acq */
	smp_store_release(&t->show, 0);
}

static bool is_answered_in_time(const struct cpu_trace *t)
{
	struct patience patience;

	patience_begin(&patience, ANSWER_TIMEOUT_NS, 0);
	/* acquire: pairs with the release in watchdog_show_self(); tests: litmus.MP+rel+acq */
	return spin_until_or("another CPU's report", !smp_load_acquire(&t->show),
			     patience_is_over(&patience));
}

/* Wait for the answer; false: it has not come, and will not. */
static bool is_answered(struct cpu_trace *t)
{
	u32 me = smp_processor_id() + 1;

	if (is_answered_in_time(t))
		return true;
	/* full: nothing to order, but it prints or we; once begun it has as long again */
	return cmpxchg(&t->show, me, 0) != me && is_answered_in_time(t);
}

/* Let @cpu say what it does; if it does not answer, say what is known. Emergency CPU. */
static void cpu_show(unsigned int cpu)
{
	struct cpu_trace *t = per_cpu_ptr(&cpu_trace, cpu);
	unsigned long off = 0;
	const char *name;
	bool answered;
	int no_nmi;

	/* release: pairs with the acquire in watchdog_show_self(); tests: litmus.MP+rel+acq */
	smp_store_release(&t->show, smp_processor_id() + 1);
	no_nmi = arch_nmi_send(cpu);
	if (no_nmi)
		arch_ipi_send(cpu);
	answered = is_answered(t);
	printk_pass_emergency(smp_processor_id()); /* it may have begun, and not come to its end */
	if (answered)
		return;
	name = ksym_lookup(READ_ONCE(t->tick_pc), &off, NULL);
	printk("cpu %u does not answer%s; its last tick, at %llu us, found it in %s+0x%lx\n", cpu,
	       no_nmi ? " (this machine has no NMI: it may have interrupts disabled)" : " an NMI",
	       (unsigned long long)READ_ONCE(t->heartbeat) / 1000, name ? name : "?", off);
	activity_print(cpu);
	spin_print_held(cpu);
}

void watchdog_show_others(void)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~(1ULL << smp_processor_id()))
		cpu_show(cpu);
}

/* Report all CPUs, finish the running test as TIMEOUT, power off, unless another CPU is at it. */
static void watchdog_fire(const char *why)
{
	unsigned int cpu = smp_processor_id();

	/* full: nothing to order, but only one CPU shall report; the others go on and answer it */
	if (cmpxchg(&fired, 0, cpu + 1) || panic_claim())
		return;
	printk_enter_emergency();
	printk("watchdog on cpu %u: %s\n", cpu, why);
	activity_print(cpu);
	backtrace_print(NULL);
	spin_print_held(cpu);
	watchdog_show_others();
	threads_print();
	run_end(run_hung(why));
}

/* Has the running test had its time, by this CPU's ticks? */
static bool test_is_late(struct cpu_trace *t)
{
	u64 limit = READ_ONCE(test_limit);

	if (limit != t->limit_seen) {
		t->limit_seen = limit;
		patience_begin(&t->test, (limit >> LIMIT_TURN_BITS) * 1000, 0);
	}
	return limit && patience_is_over(&t->test);
}

/* Has @next had no tick for so long, by this CPU's? */
static bool is_silent(struct cpu_trace *t, unsigned int next)
{
	u64 beat = READ_ONCE(per_cpu(cpu_trace, next).heartbeat);

	/* Another CPU's beats, as more come online, are another number too. */
	if (beat != t->beat_seen || !t->silence.limit) {
		t->beat_seen = beat;
		patience_begin(&t->silence, lockup_ns, 0);
	}
	return patience_is_over(&t->silence);
}

void watchdog_tick(void)
{
	unsigned int cpu = smp_processor_id();
	unsigned int next = next_online(cpu);
	struct cpu_trace *t = &this_cpu(cpu_trace);
	char why[96];

	WRITE_ONCE(t->heartbeat, clock_ns());
	if (READ_ONCE(fired))
		return;
	if (test_is_late(t)) {
		snprintf(why, sizeof(why), "the test's time is up, by the watchdog on cpu %u", cpu);
		watchdog_fire(why);
	}
	if (next != cpu && is_silent(t, next)) {
		snprintf(why, sizeof(why), "cpu %u takes no interrupts, by the watchdog on cpu %u",
			 next, cpu);
		watchdog_fire(why);
	}
}
