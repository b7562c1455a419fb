/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that take turns on the host's cores.
 *
 * Where there are more CPUs than the host has cores, and all of them have something to run, the
 * host runs so many as it has cores and changes them as it likes. Who must be asked then, for a
 * flush of TLBs say, answers in its next slice, milliseconds later, be it the only one of all. So
 * while answers take that long the CPUs take turns by themselves: at a tick one rests for which
 * there is no core, in the idle thread, and one that has rested goes on. Who rests sleeps, and need
 * not be asked at all (sleep.c).
 *
 *	CPU 0		CPU 1		CPU 2		CPU 3		(two cores)
 *	runs		runs		rests		rests
 *	tick: rests	runs		goes on		rests
 *	rests		tick: rests	runs		goes on
 *
 * Nobody is made to wait for a turn: a wake-up ends a CPU's rest, and so does another that falls
 * asleep for want of work, or in a doze; the next ticks see whether that is one too many. Nor does
 * a rest outlast the time of slow calls. A bit of resting is set by its own CPU, and cleared by
 * whoever lets it go on, who then interrupts it: the store comes before the interrupt, behind which
 * the CPU looks again (arch_ipi_send()). That somebody rests is a hint to all others.
 *
 * tests: kernel.cores_turns; bench.tlb_flush, which they are for
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <lib/options.h>

#define SLOW_NS	 200000ULL    /* a call that takes so long waits for a slice of the host */
#define SHORT_NS 200000000ULL /* so long do CPUs take turns after the last such call */

static u64 opt_racers = 2;
OPTION(racers, "racers", OPT_U64, &opt_racers, 1, NR_CPUS,
       "how many CPUs can run at the same time: the host's cores");

bool spin_overcommitted;

static u64 resting;	 /* the CPUs that rest; atomic */
static u64 short_until;	 /* clock_ns(); lockless, a hint */
static bool not_allowed; /* written by CPU 0 */

unsigned int cpus_at_once(void)
{
	return opt_racers;
}

static bool turns_are_taken(void)
{
	return READ_ONCE(spin_overcommitted) && !READ_ONCE(not_allowed) &&
	       clock_ns() < READ_ONCE(short_until);
}

void cores_asked(u64 ns, cpumask_t asleep)
{
	if (ns > SLOW_NS || (asleep & READ_ONCE(resting)))
		WRITE_ONCE(short_until, clock_ns() + SHORT_NS);
}

bool cpu_rests(void)
{
	return READ_ONCE(resting) >> smp_processor_id() & 1;
}

/* Returns whether it has rested. */
static bool rest_end(unsigned int cpu)
{
	u64 bit = 1ULL << cpu, old;

	do {
		old = READ_ONCE(resting);
		if (!(old & bit))
			return false;
	} while (cmpxchg_relaxed(&resting, old, old & ~bit) != old);
	return true;
}

void cores_turns_allow(bool may)
{
	WRITE_ONCE(not_allowed, !may);
	for (unsigned int cpu = 0; !may && cpu < NR_CPUS; cpu++)
		if (rest_end(cpu))
			arch_ipi_send(cpu);
}

void cpu_rest_end(void)
{
	rest_end(smp_processor_id());
}

void cores_pass_on(void)
{
	unsigned int me = smp_processor_id();

	if (likely(!READ_ONCE(resting)))
		return;
	for (unsigned int i = 1; i < NR_CPUS; i++) {
		unsigned int cpu = (me + i) % NR_CPUS;

		if (rest_end(cpu)) {
			arch_ipi_send(cpu);
			return;
		}
	}
}

static void rest_begin(void)
{
	fetch_add_relaxed(&resting, 1ULL << smp_processor_id());
	WRITE_ONCE(current->need_resched, 1);
}

static unsigned int cpus_awake(void)
{
	return cpus_in(smp_online_mask() & ~cpus_asleep());
}

/* In the idle thread. Its own tick makes it one that is awake, for the moment. */
static void rest_tick(void)
{
	if (!turns_are_taken() || cpus_awake() <= cpus_at_once())
		cpu_rest_end();
}

/*
 * In a thread. If it must not be preempted it runs on, and may wait for one that rests: each tick
 * lets one of them go on.
 */
static void turn_tick(void)
{
	bool too_many = cpus_awake() > cpus_at_once(), others = READ_ONCE(resting);

	if (cpu_rests()) {
		cores_pass_on();
		return;
	}
	if (!turns_are_taken() || (!too_many && !others))
		return;
	if (!too_many)
		cores_pass_on();
	rest_begin();
}

void cores_tick(void)
{
	if (likely(!READ_ONCE(short_until)))
		return;
	if (current != &idle_tasks[smp_processor_id()])
		turn_tick();
	else if (cpu_rests())
		rest_tick();
}
