/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The litmus engine: lets the bodies of a test race for a slice of time with one setting of the
 * knobs, and counts the outcomes.
 *
 * Many instances of the test's variables lie in a pool, the same distance apart. A batch is one run
 * over all instances. There are three schemes:
 *
 * - At most racers= threads: each stays on its CPU for the whole slice. They meet (spin until all
 *   have come) at the start and the end of a batch and every `chunk` instances in between; each
 *   thread resets and tallies its own share of the instances.
 *
 *	CPU A			CPU B
 *	reset own half		reset own half
 *	---------------- meet (ordered) ------------------
 *	preload a chunk		preload a chunk
 *	---------------- meet (not ordered) --------------
 *	body A over the chunk	body B over the chunk	    ... next chunk
 *	---------------- meet (ordered) ------------------
 *	tally own half		tally own half		    ... next batch
 *
 * - More threads than may race at once: spinning would hold up the CPU that is waited for, so there
 *   is no meeting. Each batch is started as work on the idle CPUs, which sleep when they are done.
 *
 * - More threads than there are CPUs, or bodies that sleep: each is a kernel thread, and those of a
 *   CPU take turns after each chunk.
 *
 * The meeting between chunks orders nothing, on purpose: a barrier there would drain the store
 * buffers whose effect is looked for (knob `fence` asks for one). The reset is ordered before the
 * race, and the race before the tally, by the ordered meetings.
 *
 * The job and the pool belong to litmus_slice_run(), which runs on CPU 0, one at a time; the racing
 * CPUs use them between cpu_work_start() and their setting of `done`.
 */
#include "race.h"

#include <arch/irq.h>
#include <arch/this_cpu.h>
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <test/litmus.h>

#define NOISE_TICK_HZ	  4000
#define NOISE_IPI_MASK	  63  /* a chunk in so many sends an interrupt */
#define SPINS_PER_LOOK	  64  /* spins between two cpu_relax(), which is slow on some machines */
#define LOOKS_AWAKE	  128 /* so many looks, and then a sleep at each */
#define SLEEP_NS	  100000ULL
#define SPINS_FOR_SLEEPER 50000 /* how long who came last waits for a sleeper */
#define STUCK_LOOKS	  100	/* so many looks after dead_ns did not find a CPU back */

struct job litmus_job;

unsigned int litmus_nr_racers(void)
{
	return MIN(tests_racers(), smp_nr_online());
}

/* ---- meetings ---- */

/*
 * They spin by themselves, and not by spin_wait.h: between two races nothing but the phases is to
 * be read or written, and where a wait sleeps, its limit and sleep are in proportion to a race.
 */

/*
 * Sleep for a moment unless @theirs has come to @phase: the host may have taken its CPU away and
 * given us the only one that is left. The tick that follows is the regular one again.
 */
static void sleep_a_moment(struct racer *me, const u32 *theirs, u32 phase)
{
	WRITE_ONCE(me->asleep, 1);
	arch_irq_disable();
	if ((s32)(READ_ONCE(*theirs) - phase) >= 0) {
		arch_irq_enable();
	} else {
		arch_timer_arm(clock_ns_to_ticks(SLEEP_NS));
		arch_cpu_idle();
	}
	WRITE_ONCE(me->asleep, 0);
}

/* The slow part of a wait, every SPINS_PER_LOOK spins. False: give up. */
static noinline bool wait_goes_on(struct racer *me, unsigned int *looks, const u32 *theirs,
				  u32 phase)
{
	cpu_relax();
	if (READ_ONCE(litmus_job.abort))
		return false;
	if (++*looks < LOOKS_AWAKE)
		return true;
	sleep_a_moment(me, theirs, phase);
	if (clock_ns() > litmus_job.late_ns) {
		WRITE_ONCE(litmus_job.abort, 1);
		return false;
	}
	return true;
}

static bool wait_for_others(struct racer *me, u32 phase)
{
	unsigned int i, looks = 0, spins = 0;

	for (i = 0; i < litmus_job.nr_racers; i++) {
		const u32 *theirs = &litmus_job.racer[i].phase;

		while ((s32)(READ_ONCE(*theirs) - phase) < 0) {
			if (++spins % SPINS_PER_LOOK == 0 &&
			    !wait_goes_on(me, &looks, theirs, phase))
				return false;
		}
	}
	return true;
}

/* All racers come here before one goes on. False: some racer never came. */
static bool meet_ordered(struct racer *me)
{
	u32 phase = me->phase + 1;
	unsigned int i;

	/* release: pairs with the acquire in meet_ordered() on every other racer; orders the reset
	 * before the race and the race before the tally; tests: litmus.MP+rel+acq */
	smp_store_release(&me->phase, phase);
	if (!wait_for_others(me, phase))
		return false;
	/* acquire: pairs with the release in meet_ordered() on each other racer, directly;
	 * tests: litmus.MP+rel+acq */
	for (i = 0; i < litmus_job.nr_racers; i++)
		(void)smp_load_acquire(&litmus_job.racer[i].phase);
	return true;
}

/*
 * The same without any order: only nearness in time. Who came last and finds another asleep waits
 * for it to wake up, within reason, since it would race alone.
 */
static bool meet_unordered(struct racer *me)
{
	u32 phase = me->phase + 1;
	unsigned int i, spins = 0;

	WRITE_ONCE(me->phase, phase);
	if (!wait_for_others(me, phase))
		return false;
	for (i = 0; i < litmus_job.nr_racers; i++)
		while (READ_ONCE(litmus_job.racer[i].asleep) && ++spins < SPINS_FOR_SLEEPER)
			barrier();
	return true;
}

/* ---- the race ---- */

static void preload_chunk(unsigned long first, unsigned long end)
{
	unsigned long step = litmus_job.in.line_step, i, v;

	if (litmus_job.knobs.preload == PRELOAD_NONE || litmus_job.in.perpetual)
		return;
	for (v = 0; v < litmus_job.test->nr_vars; v++) {
		const char *p = litmus_job.in.base[v] + first * litmus_job.in.stride;

		switch (litmus_job.knobs.preload) {
		case PRELOAD_SHARE:
			for (i = first; i < end; i += step, p += step * litmus_job.in.stride)
				(void)READ_ONCE(*(const u32 *)p);
			break;
		case PRELOAD_PREFETCH:
			for (i = first; i < end; i += step, p += step * litmus_job.in.stride)
				__builtin_prefetch(p);
			break;
		default:
			for (i = first; i < end; i += step, p += step * litmus_job.in.stride)
				if (!arch_cache_flush_line(p))
					return;
		}
	}
}

void race_skew(struct racer *me)
{
	u32 steps;

	if (!litmus_job.knobs.skew)
		return;
	/* Numerical Recipes' quick generator: its upper bits are random enough for a delay. */
	me->rnd = me->rnd * 1664525 + 1013904223;
	for (steps = (me->rnd >> 16) & litmus_job.knobs.skew; steps; steps--)
		barrier();
}

static void send_noise(struct racer *me)
{
	unsigned int i;

	for (i = 0; i < litmus_job.nr_racers; i++)
		if (i != me->index)
			ipi_send_noise(litmus_job.racer[i].cpu);
}

static bool race_batch(struct racer *me)
{
	unsigned long first, end, chunks = 0;

	me->reached = 0;
	for (first = 0; first < litmus_job.in.n; first = end) {
		end = MIN(first + litmus_job.chunk, litmus_job.in.n);
		preload_chunk(first, end);
		if (!meet_unordered(me))
			return false;
		/* Only empties the store buffer. It pairs with itself in race_batch() on the other
		 * racers, and nothing is built on the order; tests: bench.sb */
		if (litmus_job.knobs.fence)
			smp_mb();
		if (litmus_job.knobs.noise == NOISE_IPI && (chunks++ & NOISE_IPI_MASK) == 0)
			send_noise(me);
		race_skew(me);
		me->body(&me->args, first, end);
		me->reached = end;
	}
	return true;
}

/* ---- a racer's slice ---- */

/* What the test wants done when all instances are fresh. False: some racer never came. */
static bool hook_fresh(struct racer *me)
{
	const struct litmus_hooks *hooks = litmus_job.test->hooks;

	if (!hooks)
		return true;
	hooks->fresh(litmus_job.test, me->index, litmus_job.in.n);
	return litmus_job.scheme != SCHEME_MEET || meet_ordered(me);
}

static void race_slice(struct racer *me)
{
	unsigned long first = litmus_job.in.n * me->index / litmus_job.nr_racers;
	unsigned long end = litmus_job.in.n * (me->index + 1) / litmus_job.nr_racers;

	litmus_instances_reset(&litmus_job.in, first, end);
	for (;;) {
		bool whole;

		if (!meet_ordered(me) || !hook_fresh(me))
			return;
		whole = race_batch(me);
		/* Ordered by the meeting that follows. */
		if (me->index == 0 &&
		    (clock_ns() >= litmus_job.end_ns || READ_ONCE(litmus_job.deadlock)))
			WRITE_ONCE(litmus_job.stop, 1);
		if (!whole || !meet_ordered(me)) {
			me->cut = true;
			return;
		}
		litmus_instances_tally(&litmus_job.in, &me->hist, first, end);
		if (READ_ONCE(litmus_job.stop))
			return;
	}
}

/* Without meetings: one batch. */
static void race_once(struct racer *me)
{
	hook_fresh(me);
	race_skew(me);
	me->body(&me->args, 0, litmus_job.in.n);
}

static void racer_run(void *arg)
{
	const struct litmus_hooks *hooks = litmus_job.test->hooks;
	struct racer *me = arg;

	if (litmus_job.knobs.noise == NOISE_TICK) {
		tick_set_rate(NOISE_TICK_HZ);
		tick_start_cpu();
	}
	if (hooks)
		hooks->enter();
	if (litmus_job.scheme == SCHEME_FREE)
		race_once(me);
	else
		race_slice(me);
	if (hooks)
		hooks->leave();
	if (litmus_job.knobs.noise == NOISE_TICK)
		tick_set_rate(0);
	/* release: pairs with the acquire in racer_wait(); orders the outcomes before `done`;
	 * tests: litmus.MP+rel+acq */
	smp_store_release(&me->done, 1);
	if (me->cpu != 0)
		ipi_send_noise(0);
}

/*
 * Sleep until @r is done: a spinning CPU 0 would take a host CPU from the racers. A machine that
 * was stopped as a whole finds the time over and the racer still at work, and then is given more
 * looks.
 */
static bool racer_wait(struct racer *r)
{
	unsigned int looks = 0;

	/* acquire: pairs with the release in racer_run(); orders the tally after `done`;
	 * tests: litmus.MP+rel+acq */
	while (!smp_load_acquire(&r->done)) {
		arch_irq_disable();
		/* Looked at again with interrupts off: so the wake-up cannot be missed. */
		if (READ_ONCE(r->done))
			arch_irq_enable();
		else
			arch_cpu_idle();
		if (clock_ns() > litmus_job.dead_ns && ++looks > STUCK_LOOKS) {
			WRITE_ONCE(litmus_job.abort, 1);
			return false;
		}
	}
	if (r->cpu != 0)
		cpu_work_wait(r->cpu);
	return true;
}

/* Start all racers, take part if CPU 0 is one of them, wait for all. */
static int race_all(void)
{
	unsigned int i, started = 0;
	struct racer *mine = NULL;
	int err = 0;

	for (i = 0; i < litmus_job.nr_racers; i++) {
		litmus_job.racer[i].done = 0;
		if (litmus_job.racer[i].cpu == 0)
			mine = &litmus_job.racer[i];
	}
	for (i = 0; i < litmus_job.nr_racers && !err; i++) {
		struct racer *r = &litmus_job.racer[i];

		if (r->cpu != 0) {
			err = cpu_work_start(r->cpu, racer_run, r);
			if (err)
				break;
		}
		started++;
	}
	if (err)
		WRITE_ONCE(litmus_job.abort, 1);
	else if (mine)
		racer_run(mine);
	for (i = 0; i < started; i++)
		if (&litmus_job.racer[i] != mine && !racer_wait(&litmus_job.racer[i]))
			err = -ETIMEDOUT;
	return err;
}

/* ---- whole slices ---- */

void race_tally_cut(void)
{
	unsigned long reached = litmus_job.in.n;
	unsigned int i;

	for (i = 0; i < litmus_job.nr_racers; i++)
		reached = MIN(reached, litmus_job.racer[i].cut ? litmus_job.racer[i].reached : 0);
	/* Words that were not written are an earlier batch's. */
	if (litmus_job.in.perpetual && reached < litmus_job.in.n)
		return;
	litmus_instances_tally(&litmus_job.in, &litmus_job.racer[0].hist, 0, reached);
}

int race_freely(void)
{
	int err;

	litmus_instances_reset(&litmus_job.in, 0, litmus_job.in.n);
	do {
		err = race_all();
		if (err || litmus_job.abort)
			break;
		litmus_instances_tally(&litmus_job.in, &litmus_job.racer[0].hist, 0,
				       litmus_job.in.n);
	} while (clock_ns() < litmus_job.end_ns && !litmus_job.deadlock);
	return err;
}

int race_meeting(void)
{
	int err = race_all();

	if (!err && litmus_job.abort)
		race_tally_cut();
	return err;
}
