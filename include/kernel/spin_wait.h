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
 * (store buffering with two full barriers; tests: litmus.SB+mb+mb, kernel.order_kick). Who does not
 * kick makes nobody wait for longer than until the next tick. With interrupts disabled, or with
 * enough cores, a wait only spins.
 *
 * All waits are one macro, spin_until_on_or(), and what it calls between two looks,
 * spin_wait_turn(), which locks use directly: to wait in another way, change these.
 */
#pragma once

#include <arch/barrier.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <lib/compiler.h>
#include <lib/types.h>

struct dozing;

/* One wait; on the waiter's stack, and known to it only. */
struct spin_wait {
	const char *what;	 /* for reports: constant text */
	const void *on;		 /* who ends the wait kicks by this address; or NULL */
	bool awake;		 /* it shall not doze */
	u32 turns;		 /* looks at the condition so far */
	u32 rests;		 /* looks at the clock and dozes so far */
	struct dozing *dozes_at; /* it has said that it dozes, of this CPU; interrupts disabled */
	u64 since_ns;		 /* clock_ns(), once the wait is a long one; else 0 */
	const char *outer;	 /* what the wait is for that this interrupted, or NULL */
};

#define SPIN_WAIT_INIT(name, address) \
	{ \
		.what = (name), .on = (address) \
	}

#define SPIN_TURNS_PER_LOOK 64 /* at the clock */

/* So long can it take from one look at the clock to the next, of a CPU that runs: a doze. */
#define SPIN_LOOK_MAX_NS (2000000000ULL / TICK_HZ)

/* All CPUs are up. Boot CPU. */
void spin_wait_init(void);

void __spin_wait_turn(struct spin_wait *w);
void __spin_wait_end(struct spin_wait *w);
/* Returns whether somebody was seen to doze, for whatever. */
bool __spin_kick(const void *on, bool all);

/*
 * Between two looks at the condition. After a turn that set w->dozes_at the next one sleeps. True
 * now and then: the time for a look at what is slower than the condition, such as the clock.
 */
static inline bool spin_wait_turn(struct spin_wait *w)
{
	cpu_relax();
	if (likely(++w->turns % SPIN_TURNS_PER_LOOK && !w->dozes_at))
		return false;
	__spin_wait_turn(w);
	return !w->dozes_at;
}

/* The condition holds, or the waiter gives up. */
static inline void spin_wait_end(struct spin_wait *w)
{
	if (unlikely(w->since_ns))
		__spin_wait_end(w);
}

#define __spin_until(wait, cond, give_up) \
	({ \
		struct spin_wait __w = wait; \
		bool __met; \
\
		while (!(__met = (cond))) \
			if (spin_wait_turn(&__w) && (give_up)) \
				break; \
		spin_wait_end(&__w); \
		__met; \
	})

/*
 * Spin until @cond, which is looked at again and again, and may be with interrupts disabled; or,
 * in the forms that end in _or, until @give_up, which is looked at much less often, and not with
 * interrupts disabled for the wait's sake: a limit of time (struct patience), an order to stop.
 * These return whether @cond held at its last look. What orders the accesses after the wait is the
 * caller's: an acquire in @cond. @address: see spin_kick(). Any context but NMI.
 */
#define spin_until_on_or(name, address, cond, give_up) \
	__spin_until(SPIN_WAIT_INIT(name, address), cond, give_up)
#define spin_until_or(name, cond, give_up) spin_until_on_or(name, NULL, cond, give_up)
#define spin_until_on(name, address, cond) ((void)spin_until_on_or(name, address, cond, false))
#define spin_until(name, cond)		   spin_until_on(name, NULL, cond)

/*
 * The same, but it never dozes: for time that passes, for an end that nobody kicks and that shall
 * be seen at once, and where a CPU that halts would not be what a test is about. Any context.
 */
#define spin_until_awake_or(name, cond, give_up) \
	__spin_until(((struct spin_wait){ .what = (name), .awake = true }), cond, give_up)
#define spin_until_awake(name, cond) ((void)spin_until_awake_or(name, cond, false))

/*
 * Wait until the word at @ptr, which @cond calls VAL, satisfies @cond; the value that did. An
 * acquire: what whoever stored it did before is visible, if that was a release or a full barrier.
 * It pairs with that one, and a comment at the call names it. Who stores it does so in this order:
 *
 *	smp_store_release(ptr, value);
 *	spin_kick(ptr);			or spin_kick_all(), where more than one may wait
 *
 * For a word that is read without an order, or a wait that may be given up: the forms above.
 */
#define smp_cond_load_acquire(name, ptr, cond) \
	({ \
		typeof(*(ptr)) *__ptr = (ptr); \
		typeof(*(ptr) + 0) VAL; \
\
		spin_until_on(name, __ptr, ({ \
				      /* acquire: pairs with what the call names, as above */ \
				      VAL = smp_load_acquire(__ptr); \
				      (cond); \
			      })); \
		VAL; \
	})

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

/*
 * The name of the innermost long wait of the thread that runs on @cpu, or NULL. For reports: it is
 * constant text, so that it may be printed though the wait has ended meanwhile.
 */
const char *spin_waits_for(unsigned int cpu);
