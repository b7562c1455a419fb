/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The litmus engine: lets the bodies of a test race for a slice of time with one setting of the
 * knobs, and counts the outcomes.
 *
 * Many instances of the test's variables lie in a pool, the same distance apart. A batch is one run
 * over all instances. There are two schemes:
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
 * The meeting between chunks orders nothing, on purpose: a barrier there would drain the store
 * buffers whose effect is looked for (knob `fence` asks for one). The reset is ordered before the
 * race, and the race before the tally, by the ordered meetings.
 *
 * The job and the pool belong to litmus_slice_run(), which runs on CPU 0, one at a time; the racing
 * CPUs use them between cpu_work_start() and their setting of `done`.
 */
#include "instances.h"

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
#define SPINS_FOR_SLEEPER 50000		 /* how long who came last waits for a sleeper */
#define LATE_NS		  15000000ULL	 /* the host may have taken a CPU away: end the slice */
#define STUCK_NS	  15000000000ULL /* a CPU that is this late is taken for dead, */
#define STUCK_LOOKS	  100		 /* and so many looks after that did not find it back */

struct racer {
	/* Meetings this racer has come to. Written by it, read by the others. */
	u32 phase __aligned(ARCH_CACHE_LINE_MAX);
	/* It sleeps in a meeting: a hint to wait for it. Written and read as phase is. */
	u32 asleep;
	/* The racer's own, but `done`, which it releases to CPU 0. */
	struct litmus_args args __aligned(ARCH_CACHE_LINE_MAX);
	litmus_body_fn body;
	unsigned int index;
	unsigned int cpu;
	u32 rnd;
	u32 done;
	bool cut;	       /* gave up in the middle of a batch ... */
	unsigned long reached; /* ... having raced the instances before this */
	u32 hist[LITMUS_KEYS_MAX];
};

static struct job {
	struct racer racer[LITMUS_MAX_THREADS];
	/* Constant during a slice. */
	const struct litmus_test *test __aligned(ARCH_CACHE_LINE_MAX);
	struct litmus_instances in;
	struct litmus_knobs knobs;
	unsigned int nr_racers;
	bool free_running;
	unsigned long n;     /* instances */
	unsigned long chunk; /* instances between meetings */
	u64 end_ns;	     /* stop after the batch that passes this */
	u64 late_ns; /* do not wait beyond this: what was tallied counts, the batch is dropped */
	u64 dead_ns; /* a racer that is not back by then never will be */
	/* Lockless: written by racer 0 before a meeting, read by all after it. */
	u32 stop __aligned(ARCH_CACHE_LINE_MAX);
	/* Lockless, set once by anyone who gave up waiting; only a flag, orders nothing. */
	u32 abort;
} job;

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
	if (READ_ONCE(job.abort))
		return false;
	if (++*looks < LOOKS_AWAKE)
		return true;
	sleep_a_moment(me, theirs, phase);
	if (clock_ns() > job.late_ns) {
		WRITE_ONCE(job.abort, 1);
		return false;
	}
	return true;
}

static bool wait_for_others(struct racer *me, u32 phase)
{
	unsigned int i, looks = 0, spins = 0;

	for (i = 0; i < job.nr_racers; i++) {
		const u32 *theirs = &job.racer[i].phase;

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
	for (i = 0; i < job.nr_racers; i++)
		(void)smp_load_acquire(&job.racer[i].phase);
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
	for (i = 0; i < job.nr_racers; i++)
		while (READ_ONCE(job.racer[i].asleep) && ++spins < SPINS_FOR_SLEEPER)
			barrier();
	return true;
}

/* ---- the race ---- */

static void preload_chunk(unsigned long first, unsigned long end)
{
	unsigned long step = job.in.line_step, i, v;

	if (job.knobs.preload == PRELOAD_NONE || job.in.perpetual)
		return;
	for (v = 0; v < job.in.nr_vars; v++) {
		const char *p = job.in.base[v] + first * job.in.stride;

		switch (job.knobs.preload) {
		case PRELOAD_SHARE:
			for (i = first; i < end; i += step, p += step * job.in.stride)
				(void)READ_ONCE(*(const u32 *)p);
			break;
		case PRELOAD_PREFETCH:
			for (i = first; i < end; i += step, p += step * job.in.stride)
				__builtin_prefetch(p);
			break;
		default:
			for (i = first; i < end; i += step, p += step * job.in.stride)
				if (!arch_cache_flush_line(p))
					return;
		}
	}
}

static void skew_delay(struct racer *me)
{
	u32 steps;

	if (!job.knobs.skew)
		return;
	/* Numerical Recipes' quick generator: its upper bits are random enough for a delay. */
	me->rnd = me->rnd * 1664525 + 1013904223;
	for (steps = (me->rnd >> 16) & job.knobs.skew; steps; steps--)
		barrier();
}

static void send_noise(struct racer *me)
{
	unsigned int i;

	for (i = 0; i < job.nr_racers; i++)
		if (i != me->index)
			ipi_send_noise(job.racer[i].cpu);
}

static bool race_batch(struct racer *me)
{
	unsigned long first, end, chunks = 0;

	me->reached = 0;
	for (first = 0; first < job.in.n; first = end) {
		end = MIN(first + job.chunk, job.in.n);
		preload_chunk(first, end);
		if (!meet_unordered(me))
			return false;
		/* Only empties the store buffer. It pairs with itself in race_batch() on the other
		 * racers, and nothing is built on the order; tests: bench.sb */
		if (job.knobs.fence)
			smp_mb();
		if (job.knobs.noise == NOISE_IPI && (chunks++ & NOISE_IPI_MASK) == 0)
			send_noise(me);
		skew_delay(me);
		me->body(&me->args, first, end);
		me->reached = end;
	}
	return true;
}

/* ---- a racer's slice ---- */

/* What the test wants done when all instances are fresh. False: some racer never came. */
static bool hook_fresh(struct racer *me)
{
	const struct litmus_hooks *hooks = job.test->hooks;

	if (!hooks)
		return true;
	hooks->fresh(job.test, me->index, job.in.n);
	return job.free_running || meet_ordered(me);
}

static void race_slice(struct racer *me)
{
	unsigned long first = job.in.n * me->index / job.nr_racers;
	unsigned long end = job.in.n * (me->index + 1) / job.nr_racers;

	litmus_instances_reset(&job.in, first, end);
	for (;;) {
		bool whole;

		if (!meet_ordered(me) || !hook_fresh(me))
			return;
		whole = race_batch(me);
		/* Ordered by the meeting that follows. */
		if (me->index == 0 && clock_ns() >= job.end_ns)
			WRITE_ONCE(job.stop, 1);
		if (!whole || !meet_ordered(me)) {
			me->cut = true;
			return;
		}
		litmus_instances_tally(&job.in, me->hist, first, end);
		if (READ_ONCE(job.stop))
			return;
	}
}

/* Without meetings: one batch. */
static void race_once(struct racer *me)
{
	hook_fresh(me);
	skew_delay(me);
	me->body(&me->args, 0, job.in.n);
}

static void racer_run(void *arg)
{
	const struct litmus_hooks *hooks = job.test->hooks;
	struct racer *me = arg;

	if (job.knobs.noise == NOISE_TICK) {
		tick_set_rate(NOISE_TICK_HZ);
		tick_start_cpu();
	}
	if (hooks)
		hooks->enter();
	if (job.free_running)
		race_once(me);
	else
		race_slice(me);
	if (hooks)
		hooks->leave();
	if (job.knobs.noise == NOISE_TICK)
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
		if (clock_ns() > job.dead_ns && ++looks > STUCK_LOOKS) {
			WRITE_ONCE(job.abort, 1);
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

	for (i = 0; i < job.nr_racers; i++) {
		job.racer[i].done = 0;
		if (job.racer[i].cpu == 0)
			mine = &job.racer[i];
	}
	for (i = 0; i < job.nr_racers && !err; i++) {
		struct racer *r = &job.racer[i];

		if (r->cpu != 0) {
			err = cpu_work_start(r->cpu, racer_run, r);
			if (err)
				break;
		}
		started++;
	}
	if (err)
		WRITE_ONCE(job.abort, 1);
	else if (mine)
		racer_run(mine);
	for (i = 0; i < started; i++)
		if (&job.racer[i] != mine && !racer_wait(&job.racer[i]))
			err = -ETIMEDOUT;
	return err;
}

/* ---- set-up of a slice ---- */

/* The online CPUs in an order that follows from @rotate. */
static void choose_cpus(unsigned int rotate)
{
	unsigned int cpu, n = 0, i, cpus[NR_CPUS];
	u32 rnd = rotate * 2654435761U;

	for_each_cpu_in(cpu, smp_online_mask())
		cpus[n++] = cpu;
	for (i = 0; i < job.nr_racers; i++) {
		unsigned int j, tmp;

		rnd = rnd * 1664525 + 1013904223;
		j = i + (rotate ? (rnd >> 16) % (n - i) : 0);
		tmp = cpus[i];
		cpus[i] = cpus[j];
		cpus[j] = tmp;
		job.racer[i].cpu = cpus[i];
	}
}

static void prepare_racers(const struct litmus_test *lt, struct rng *rng)
{
	unsigned int i, v;

	for (i = 0; i < lt->nr_threads; i++) {
		struct racer *r = &job.racer[i];

		r->phase = 0;
		r->asleep = 0;
		r->cut = false;
		r->index = i;
		r->rnd = rng_next(rng);
		r->body = job.in.perpetual ? job.in.perpetual->body[i] : lt->thread[i].fn;
		r->args.stride = job.in.stride;
		r->args.out = job.in.out[i];
		memset(r->hist, 0, sizeof(r->hist));
		for (v = 0; v < LITMUS_MAX_VARS; v++)
			r->args.var[v] = job.in.base[lt->thread[i].var[v]];
	}
}

static void sum_up(const struct litmus_test *lt, struct litmus_slice *out)
{
	unsigned int i, key;
	u64 most = 0;

	for (key = 0; key < LITMUS_KEYS_MAX; key++) {
		for (i = 0; i < job.nr_racers; i++)
			out->hist[key] += job.racer[i].hist[key];
		out->iterations += out->hist[key];
		most = MAX(most, out->hist[key]);
		if ((key & lt->weak_mask) == lt->weak_key)
			out->weak += out->hist[key];
	}
	out->minority = out->iterations - most;
}

/* What all racers had done of a batch that they gave up counts too. After they have ended. */
static void tally_cut_batch(void)
{
	unsigned long reached = job.in.n;
	unsigned int i;

	for (i = 0; i < job.nr_racers; i++)
		reached = MIN(reached, job.racer[i].cut ? job.racer[i].reached : 0);
	/* Words that were not written are an earlier batch's. */
	if (job.in.perpetual && reached < job.in.n)
		return;
	litmus_instances_tally(&job.in, job.racer[0].hist, 0, reached);
}

static int hook_begin(const struct litmus_test *lt)
{
	struct litmus_args at = { .stride = job.in.stride };
	unsigned int v;

	for (v = 0; v < LITMUS_MAX_VARS; v++)
		at.var[v] = job.in.base[v];
	return lt->hooks ? lt->hooks->begin(lt, &at, job.in.n) : 0;
}

/* Batch after batch until the slice is over. 0 or -ETIMEDOUT. */
static int race_freely(void)
{
	int err;

	litmus_instances_reset(&job.in, 0, job.in.n);
	do {
		err = race_all();
		if (err || job.abort)
			break;
		litmus_instances_tally(&job.in, job.racer[0].hist, 0, job.in.n);
	} while (clock_ns() < job.end_ns);
	return err;
}

static int race_meeting(void)
{
	int err = race_all();

	if (!err && job.abort)
		tally_cut_batch();
	return err;
}

int litmus_slice_run(const struct litmus_test *lt, const struct litmus_knobs *k, u64 ns,
		     struct rng *rng, struct litmus_slice *out)
{
	u64 start = clock_ns();
	int err;

	memset(out, 0, sizeof(*out));
	err = litmus_instances_place(&job.in, lt, k);
	if (err)
		return err;
	err = hook_begin(lt);
	if (err)
		return err;
	job.test = lt;
	job.chunk = k->chunk ? MIN((unsigned long)k->chunk, job.in.n) : job.in.n;
	job.knobs = *k;
	job.nr_racers = lt->nr_threads;
	job.free_running = k->free || lt->nr_threads > litmus_nr_racers();
	job.stop = 0;
	job.abort = 0;
	job.end_ns = start + ns;
	job.late_ns = job.end_ns + MAX(ns, LATE_NS);
	job.dead_ns = job.late_ns + STUCK_NS;
	choose_cpus(k->rotate);
	prepare_racers(lt, rng);

	err = job.free_running ? race_freely() : race_meeting();
	if (lt->hooks)
		lt->hooks->end();
	sum_up(lt, out);
	out->ns = clock_ns() - start;
	out->late = job.abort;
	for (unsigned int i = 0; i < job.nr_racers; i++)
		out->cpus |= 1ULL << job.racer[i].cpu;
	return err;
}
