/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU that comes up, while who waits for it may give it up: whichever is first, both go by the
 * same. Thread 1 is that CPU.
 */
#include "sim.h"

#define LOOKS 3 /* of who waits, before its time is over */

enum cpu_state { CPU_ABSENT, CPU_PRESENT, CPU_STARTING, CPU_ONLINE, CPU_FAILED };

/* As kernel/smp.h has it, as far as it is used. */
struct cpu_place {
	u16 socket, cluster, core, thread;
};
struct cpu_entry {
	u64 hw_id, id, release_addr;
	u32 enable_method;
	struct cpu_place place;
	const char *failure;
	enum cpu_state state;
};
#define CPUS_NAMED_MAX NR_CPUS
static struct cpu_entry cpu_table[CPUS_NAMED_MAX];
static unsigned int nr_cpus_named, nr_cpus_found, nr_cpus_ignored;

static u32 asked; /* the CPU is */
static bool ticks, halted, idles;

static void halt(void)
{
	static const u32 never;

	for (;;)
		step_until(&never, 1, false);
}

static void __noreturn arch_cpu_halt(void)
{
	halted = true;
	if (cpu_table[1].state != CPU_FAILED)
		step_fail("a CPU halts that was not given up");
	halt();
	__builtin_unreachable();
}

static void __noreturn cpu_idle_loop(void)
{
	idles = true;
	halt();
	__builtin_unreachable();
}

static void tick_start_cpu(void)
{
	ticks = true;
}

static int arch_cpu_start(unsigned int cpu, void *stack, long offset)
{
	WRITE_ONCE(asked, 1);
	return 0;
}

static void *stack_alloc(void)
{
	return cpu_table;
}

static const struct {
	void *(*stack_alloc)(void);
} ops = { stack_alloc }, *kernel_memory = &ops;

#define percpu_offset		    step_percpu_offset
#define percpu_create(cpu)	    0
#define sched_prepare_cpu(cpu, top) ((void)(top))
#define sched_init_cpu(cpu)	    ((void)(cpu))
#define arch_irq_init_cpu()	    ((void)0)
#define cpu_set_online(cpu)	    ((void)(cpu))
#define pr_info(...)		    ((void)0)
#define spin_until_or(what, cond, give_up) \
	({ \
		bool __met = false; \
\
		for (int __i = 0; __i < LOOKS && !__met; __i++) \
			__met = (cond); \
		(void)(give_up); \
		__met; \
	})

#include "../../../kernel/native/smp.c"
#include "scenes.h"

void errata_init_cpu(void)
{
}

/* The boot line chooses no CPUs here. */
unsigned int cpu_list_apply(struct cpu_entry *table, unsigned int n)
{
	return n;
}

unsigned int cpus_spread(struct cpu_entry *table, unsigned int n, unsigned int limit)
{
	return n;
}

u64 arch_cpu_id(void)
{
	return 0;
}

static const char *why; /* it is not there, to who waits */
static bool too_late;	/* it came when it had been given up */

static void waits(void)
{
	why = cpu_start(1);
}

static void comes_up(void)
{
	step_until(&asked, 1, false);
	too_late = cpu_table[1].state == CPU_FAILED;
	secondary_start(1);
}

static void start(void)
{
	asked = 0;
	ticks = halted = idles = false;
	memset(cpu_table, 0, sizeof(cpu_table));
}

static void end(void)
{
	bool there = !why;

	if (halted == idles)
		step_fail("a CPU that was asked does not come to an end");
	if (there != idles)
		step_fail("who waits says %s, the CPU is %s", why ? why : "it is there",
			  idles ? "there" : "not");
	if ((cpu_table[1].state == CPU_ONLINE) != there)
		step_fail("the CPU's state is %d", cpu_table[1].state);
	if (too_late && ticks)
		step_fail("a CPU ticks that was given up before it came");
}

unsigned long scenes_cpus(void)
{
	struct steps s = { .name = "cpus",
			   .threads = 2,
			   .put_aside = 3,
			   .start = start,
			   .thread = { waits, comes_up },
			   .end = end };

	return steps_run(&s);
}
