/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for another CPU by looking again and again. Every such wait has a name, which reports
 * show, and goes through here, so that one place decides how a CPU waits:
 *
 *	spin_until("a call's answer", !smp_load_acquire(&slot->in_flight));
 *
 * Where there are more CPUs than can run at the same time (racers= of the boot line, virtual CPUs
 * on a host of fewer cores), a CPU that spins takes the time of the one that it waits for. There a
 * wait that has lasted for some microseconds dozes: the CPU sleeps until an interrupt, and whoever
 * ends a wait kicks it, as locks do under a hypervisor:
 *
 *	who waits			who ends the wait
 *	says that it dozes		stores what is waited for
 *	full barrier			full barrier
 *	looks once more; sleeps		dozes somebody? interrupt it
 *
 * (store buffering with two full barriers; tests: litmus.SB+mb+mb, kernel.spin_kick). Who does not
 * kick makes nobody wait for longer than until the next tick. With interrupts disabled, or with
 * enough cores, a wait only spins.
 */
#pragma once

#include <arch/barrier.h>
#include <arch/cpu.h>
#include <lib/compiler.h>
#include <lib/types.h>

struct dozing;

/* One wait; on the waiter's stack, and known to it only but for @what, which reports read. */
struct spin_wait {
	const char *what;	 /* for reports: constant text */
	const void *on;		 /* who ends the wait kicks by this address; or NULL */
	u32 turns;		 /* looks at the condition so far */
	u32 rests;		 /* looks at the clock and dozes so far */
	struct dozing *dozes_at; /* it has said that it dozes, of this CPU; interrupts disabled */
	u64 since_ns;		 /* clock_ns(), once the wait is a long one; else 0 */
	const struct spin_wait *outer; /* of what this interrupted */
};

#define SPIN_WAIT_INIT(name, address) \
	{ \
		.what = (name), .on = (address) \
	}

#define SPIN_TURNS_PER_LOOK 64 /* at the clock */

/* Are there more CPUs than can run at the same time? Constant once all CPUs are up. */
extern bool spin_overcommitted;
/* All CPUs are up. Boot CPU. */
void spin_wait_init(void);
/* So many CPUs can run at the same time, as the boot line says (racers=). */
unsigned int cpus_at_once(void);

void __spin_wait_turn(struct spin_wait *w);
void __spin_wait_end(struct spin_wait *w);
void __spin_kick(const void *on, bool all);

/* Between two looks at the condition. After a turn that set w->dozes_at the next one sleeps. */
static inline void spin_wait_turn(struct spin_wait *w)
{
	cpu_relax();
	if (unlikely(++w->turns % SPIN_TURNS_PER_LOOK == 0 || w->dozes_at))
		__spin_wait_turn(w);
}

/* The condition holds, or the waiter gives up. */
static inline void spin_wait_end(struct spin_wait *w)
{
	if (unlikely(w->since_ns))
		__spin_wait_end(w);
}

/*
 * Spin until @cond, which is looked at again and again, and may be with interrupts disabled. What
 * orders the accesses after the wait is the caller's: an acquire in @cond. Any context but NMI.
 */
#define spin_until_on(name, address, cond) \
	do { \
		struct spin_wait __w = SPIN_WAIT_INIT(name, address); \
\
		while (!(cond)) \
			spin_wait_turn(&__w); \
		spin_wait_end(&__w); \
	} while (0)
#define spin_until(name, cond) spin_until_on(name, NULL, cond)

/*
 * What others may wait for at @on has just been stored: let one, or all, of those who doze look.
 * Any context; nothing where there are cores enough.
 */
static inline void spin_kick(const void *on)
{
	if (unlikely(READ_ONCE(spin_overcommitted)))
		__spin_kick(on, false);
}

static inline void spin_kick_all(const void *on)
{
	if (unlikely(READ_ONCE(spin_overcommitted)))
		__spin_kick(on, true);
}

/*
 * For tests: act as if there were cores enough, or not, and doze after @spin_ns; with 0 as it was
 * at boot. CPU 0, while no other CPU waits.
 */
void spin_wait_pretend(bool overcommitted, u64 spin_ns);
/* The CPUs that doze now; may be late. */
u64 spin_dozers(void);

/* The name of the innermost long wait of the thread that runs on @cpu, or NULL. For reports. */
const char *spin_waits_for(unsigned int cpu);
