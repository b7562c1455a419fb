/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of CPUs and their bring-up, one after the other.
 *
 *	boot CPU			new CPU
 *	state = STARTING
 *	arch_cpu_start()  ----------->	secondary_start()
 *	wait for ONLINE (acquire) <---	STARTING -> ONLINE (cmpxchg)
 *
 * A CPU that comes too late finds FAILED and stops for good, so that nobody is surprised by it.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/setup.h>
#include <arch/smp.h>
#include <arch/this_cpu.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/cpu_list.h>
#include <kernel/errata.h>
#include <kernel/memory.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/errno.h>
#include <lib/options.h>

/*
 * A busy host can take its time to let a new vCPU run for the first time, and may put it aside. One
 * that was not even asked is not waited for like that.
 */
#define CPU_START_TIMEOUT_NS 12000000000ULL
#define CPU_DEAD_TIMEOUT_NS  1000000000ULL

static u64 max_cpus = NR_CPUS;
OPTION(cpus, "cpus", OPT_U64, &max_cpus, 1, NR_CPUS, "use at most this many CPUs");

/* For the test of what happens to a CPU that never comes up: it is not even asked to. */
static u64 dead_cpu;
OPTION(self_dead_cpu, "self_dead_cpu", OPT_U64, &dead_cpu, 1, NR_CPUS - 1,
       "pretend that this CPU does not start");

void smp_set_boot_cpu(u64 hw_id)
{
	BUG_ON(nr_cpus_found);
	cpu_table[0] =
		(struct cpu_entry){ .hw_id = hw_id, .id = arch_cpu_id(), .state = CPU_ONLINE };
	nr_cpus_named = nr_cpus_found = 1;
}

static struct cpu_entry *entry_of(u64 hw_id)
{
	for (unsigned int i = 0; i < nr_cpus_named; i++)
		if (cpu_table[i].hw_id == hw_id)
			return &cpu_table[i];
	return NULL;
}

int smp_add_cpu(u64 hw_id, u32 enable_method, u64 release_addr)
{
	struct cpu_entry *e = &cpu_table[0];

	if (hw_id != e->hw_id) {
		if (entry_of(hw_id)) {
			pr_warn("a CPU with hardware id 0x%llx is named twice\n",
				(unsigned long long)hw_id);
			return -EEXIST;
		}
		if (nr_cpus_named == CPUS_NAMED_MAX)
			return -ENOSPC;
		e = &cpu_table[nr_cpus_named++];
		nr_cpus_found = MIN(nr_cpus_named, NR_CPUS);
		e->hw_id = hw_id;
		e->state = CPU_PRESENT;
	}
	e->enable_method = enable_method;
	e->release_addr = release_addr;
	return 0;
}

void smp_set_place(u64 hw_id, struct cpu_place place)
{
	struct cpu_entry *e = entry_of(hw_id);

	if (e)
		e->place = place;
}

void smp_choose_cpus(void)
{
	unsigned int listed = cpu_list_apply(cpu_table, nr_cpus_named);

	nr_cpus_found = cpus_spread(cpu_table, listed, MIN(max_cpus, NR_CPUS));
	nr_cpus_ignored = nr_cpus_named - nr_cpus_found;
}

void smp_leave_out(unsigned int cpu, const char *why)
{
	cpu_table[cpu].failure = why;
}

void secondary_start(unsigned int cpu)
{
	struct cpu_entry *e = &cpu_table[cpu];

	/* Given up while it was on its way: it must not even tick. */
	if (READ_ONCE(e->state) != CPU_STARTING)
		arch_cpu_halt();
	sched_init_cpu(cpu);
	errata_init_cpu();
	arch_irq_init_cpu();
	tick_start_cpu();
	e->id = arch_cpu_id();
	/* full: pairs with the acquire in cpu_wait_online(); this CPU's set-up before its being
	 * online; tests: litmus.MP+rel+acq */
	if (cmpxchg((u32 *)&e->state, CPU_STARTING, CPU_ONLINE) != CPU_STARTING)
		arch_cpu_halt();
	cpu_idle_loop();
}

static bool cpu_wait_online(unsigned int cpu)
{
	u32 *state = (u32 *)&cpu_table[cpu].state;
	struct patience patience;

	patience_begin(&patience, cpu == dead_cpu ? CPU_DEAD_TIMEOUT_NS : CPU_START_TIMEOUT_NS, 0);
	/* acquire: pairs with the cmpxchg in secondary_start(); tests: litmus.MP+rel+acq */
	if (spin_until_or("a CPU's coming up", smp_load_acquire(state) == CPU_ONLINE,
			  patience_is_over(&patience)))
		return true;
	return cmpxchg(state, CPU_STARTING, CPU_FAILED) == CPU_ONLINE;
}

/* Returns NULL, or why the CPU is not there. */
static const char *cpu_start(unsigned int cpu)
{
	void *stack;

	if (percpu_create(cpu))
		return "no memory for its per-CPU data";
	stack = kernel_memory->stack_alloc();
	if (!stack)
		return "no memory for its stack";
	sched_prepare_cpu(cpu, stack);
	/* full: the entry is filled before the CPU looks at it; arch_cpu_start() orders it too */
	xchg((u32 *)&cpu_table[cpu].state, CPU_STARTING);
	if (cpu != dead_cpu && arch_cpu_start(cpu, stack, percpu_offset[cpu])) {
		WRITE_ONCE(cpu_table[cpu].state, CPU_FAILED);
		return cpu_table[cpu].failure ? cpu_table[cpu].failure
					      : "firmware refused to start it";
	}
	return cpu_wait_online(cpu) ? NULL : "it did not come up in time";
}

void smp_boot_cpus(void)
{
	for (unsigned int cpu = 1; cpu < nr_cpus_found; cpu++) {
		const char *why = cpu_table[cpu].failure;

		if (!why)
			why = cpu_start(cpu);
		if (!why) {
			cpu_set_online(cpu);
			continue;
		}
		cpu_table[cpu].state = CPU_FAILED;
		cpu_table[cpu].failure = why;
		pr_err("CPU %u (hardware id 0x%llx) is not there: %s\n", cpu,
		       (unsigned long long)cpu_table[cpu].hw_id, why);
	}
	/* The limit is no failure; a machine with more CPUs than we can hold is worth a line. */
	if (nr_cpus_ignored)
		pr_info("%u more CPUs are left alone (cpus=, cpu_list=, or more than %d)\n",
			nr_cpus_ignored, NR_CPUS);
}
