/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: do the time stamp counters of two CPUs tell one time? They do where one reset started all
 * and firmware wrote none (Intel SDM vol. 3B sections 18.17.1 and 18.17.3); if not, times compared
 * across CPUs mean nothing, and the first to notice would be a watchdog that finds a CPU dead.
 *
 * So, before a new CPU ticks, the boot CPU and it read their counters in turns:
 *
 *	boot CPU			new CPU
 *	reads; last = it
 *	turn = 1 (release) ----------->	turn is 1 (acquire)
 *					reads: before last? by how much? last = it
 *	turn is 2 (acquire) <----------	turn = 2 (release)
 *	reads: before last? ...
 *
 * A counter that is behind is seen to be, less what a turn takes; so is one that is ahead, by the
 * other one's turn. Where the offset can be read (IA32_TSC_ADJUST), it is first made that of the
 * boot CPU.
 */
#include <arch/barrier.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <lib/compiler.h>

#include "port.h"

#define TURNS	 8  /* a hypervisor may stop us in some */
#define WAIT_MAX 12 /* seconds for a turn of the other CPU, which a busy host may put aside */

/*
 * Who has the turn writes all of it; others read only @turn. Turns are numbered from cpu * TURNS,
 * so that a CPU that comes after it was given up waits for one that does not come any more.
 */
static struct meeting {
	u32 turn;
	u64 last;     /* the last reading */
	u64 back;     /* by how much a reading was before it, at most */
	u64 adjusted; /* what was taken off the new CPU's counter */
} meeting;

static u64 boot_adjust; /* IA32_TSC_ADJUST of the boot CPU; written before any other CPU runs */

/* A reading after all loads before it, and before all accesses behind: SDM vol. 2B, RDTSC. */
static u64 read_in_order(void)
{
	u64 tsc;

	rmb();
	tsc = arch_clock_read();
	rmb();
	return tsc;
}

static bool wait_for_turn(u32 turn)
{
	u64 start = arch_clock_read();

	/* acquire: pairs with the releases in take_turns() and x86_tsc_expect(); the other's
	 * reading before ours; tests: litmus.MP+rel+acq */
	while (smp_load_acquire(&meeting.turn) != turn) {
		if (arch_clock_read() - start > WAIT_MAX * arch_clock_hz())
			return false;
		cpu_relax();
	}
	return true;
}

/* Every other turn of the meeting with @cpu, from @first on. False: the other does not come. */
static bool take_turns(unsigned int cpu, u32 first)
{
	for (u32 turn = cpu * TURNS + first; turn < (cpu + 1) * TURNS; turn += 2) {
		u64 now;

		if (!wait_for_turn(turn))
			return false;
		now = read_in_order();
		if (now < meeting.last)
			meeting.back = MAX(meeting.back, meeting.last - now);
		meeting.last = now;
		/* release: pairs with the acquire in wait_for_turn(); last and back */
		smp_store_release(&meeting.turn, turn + 1);
	}
	return true;
}

void x86_tsc_begin(void)
{
	if (x86_has_tsc_adjust())
		boot_adjust = x86_rdmsr(MSR_TSC_ADJUST);
}

void x86_tsc_expect(unsigned int cpu)
{
	meeting.last = meeting.back = meeting.adjusted = 0;
	/* release: pairs with the acquire in wait_for_turn(); the turn is of an empty meeting */
	smp_store_release(&meeting.turn, cpu * TURNS);
}

bool x86_tsc_meet_new(unsigned int cpu, u64 *back, u64 *adjusted)
{
	bool came = take_turns(cpu, 0) && wait_for_turn((cpu + 1) * TURNS);

	*back = meeting.back;
	*adjusted = meeting.adjusted;
	return came;
}

void x86_tsc_meet_boot(unsigned int cpu)
{
	if (x86_has_tsc_adjust()) {
		meeting.adjusted = x86_rdmsr(MSR_TSC_ADJUST) - boot_adjust;
		if (meeting.adjusted)
			x86_wrmsr(MSR_TSC_ADJUST, boot_adjust);
	}
	take_turns(cpu, 1);
}
