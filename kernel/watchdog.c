/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchdog. Every CPU's tick notes its own heartbeat and looks at the deadline of the running
 * test and at the heartbeat of the next CPU; who finds something overdue reports for all.
 *
 * To see what another CPU does, the reporting CPU asks it (by NMI where there is one), lets it
 * print, and waits for its answer. A CPU that does not answer is described by what it left behind.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/options.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <kernel/watchdog.h>
#include <test/test.h>

/* A busy host may not run the asked vCPU for a while. */
#define ANSWER_TIMEOUT_NS 1000000000ULL

static u64 lockup_ns = 8000000000ULL;
OPTION(lockup, "lockup", OPT_TIME, &lockup_ns, 100000000, 3600000000000ULL,
       "a CPU that takes no timer interrupt for so long hangs");

static u64 deadline_ns; /* 0: none; lockless, written by CPU 0 */
static u32 fired;	/* lockless, set once by cmpxchg */

struct cpu_trace {
	u64 heartbeat;		/* clock_ns() of the last tick; this CPU writes, others read */
	unsigned long tick_pc;	/* what that tick interrupted */
	unsigned long activity; /* function at work, 0 when idle */
	u32 show;		/* set by who asks, cleared by release when the answer is printed */
};

static DEFINE_PER_CPU(struct cpu_trace, cpu_trace);

void watchdog_set_deadline(u64 ns)
{
	WRITE_ONCE(deadline_ns, ns);
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

	printk("cpu %u: thread %s, at work on %s, last sync point %s\n", cpu,
	       READ_ONCE(per_cpu(current_task, cpu))->name,
	       fn	  ? ksym_lookup(fn, NULL, NULL)
	       : cpu == 0 ? "the test runner"
			  : "nothing",
	       point ? point : "none");
}

void watchdog_show_self(struct pt_regs *regs)
{
	struct cpu_trace *t = &this_cpu(cpu_trace);

	/* acquire: pairs with the release in cpu_show(); tests: litmus.MP+rel+acq */
	if (!smp_load_acquire(&t->show))
		return;
	if (printk_is_emergency_cpu()) {
		activity_print(smp_processor_id());
		backtrace_print(regs);
		spin_print_held(smp_processor_id());
	}
	/* release: pairs with the acquire in cpu_show(); tests: litmus.MP+rel+acq */
	smp_store_release(&t->show, 0);
}

/* Let @cpu say what it does; if it does not answer, say what is known. Emergency CPU. */
static void cpu_show(unsigned int cpu)
{
	struct cpu_trace *t = per_cpu_ptr(&cpu_trace, cpu);
	unsigned long off = 0;
	const char *name;
	u64 start = clock_ns();
	bool answered = true;
	int no_nmi;

	printk_pass_emergency(cpu);
	/* release: pairs with the acquire in watchdog_show_self(); tests: litmus.MP+rel+acq */
	smp_store_release(&t->show, 1);
	no_nmi = arch_nmi_send(cpu);
	if (no_nmi)
		arch_ipi_send(cpu);
	/* acquire: pairs with the release in watchdog_show_self(); tests: litmus.MP+rel+acq */
	while (smp_load_acquire(&t->show)) {
		if (clock_ns() - start > ANSWER_TIMEOUT_NS) {
			answered = false;
			break;
		}
		cpu_relax();
	}
	printk_pass_emergency(smp_processor_id());
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
	arch_power_off(tests_abort(VERDICT_TIMEOUT, why));
}

void watchdog_tick(void)
{
	u64 now = clock_ns();
	u64 deadline = READ_ONCE(deadline_ns);
	unsigned int cpu = smp_processor_id();
	unsigned int next = next_online(cpu);
	char why[96];

	WRITE_ONCE(this_cpu(cpu_trace).heartbeat, now);
	if (READ_ONCE(fired))
		return;
	if (deadline && now > deadline)
		watchdog_fire("the test's time is up");
	if (next != cpu && now > READ_ONCE(per_cpu(cpu_trace, next).heartbeat) + lockup_ns) {
		snprintf(why, sizeof(why), "cpu %u takes no interrupts", next);
		watchdog_fire(why);
	}
}
