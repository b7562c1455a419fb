/* SPDX-License-Identifier: GPL-2.0-only */
/* A slice of time for a litmus test: who races where and how, and the sum of what came of it. */
#include "race.h"

#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/smp.h>
#include <lib/string.h>

#define LATE_NS	 15000000ULL	/* the host may have taken a CPU away: end the slice */
#define STUCK_NS 15000000000ULL /* a CPU that is this late is taken for dead */

/* The online CPUs in an order that follows from @rotate, again and again. */
static void choose_cpus(unsigned int rotate)
{
	unsigned int cpu, n = 0, i, cpus[NR_CPUS];
	u32 rnd = rotate * 2654435761U;

	for_each_cpu_in(cpu, smp_online_mask())
		cpus[n++] = cpu;
	for (i = 0; i < MIN(litmus_job.nr_racers, n); i++) {
		unsigned int j, tmp;

		rnd = rnd * 1664525 + 1013904223;
		j = i + (rotate ? (rnd >> 16) % (n - i) : 0);
		tmp = cpus[i];
		cpus[i] = cpus[j];
		cpus[j] = tmp;
	}
	for (i = 0; i < litmus_job.nr_racers; i++)
		litmus_job.racer[i].cpu = cpus[i % n];
}

static void prepare_body(const struct litmus_test *lt, struct racer *r)
{
	const struct litmus_perpetual *perpetual = litmus_job.in.perpetual;

	r->args.stride = litmus_job.in.stride;
	r->args.out = litmus_job.in.out[r->index];
	r->args.given_up = litmus_job.in.given_up;
	r->args.low = litmus_job.in.low;
	r->args.span = litmus_job.in.span;
	r->body = perpetual ? perpetual->body[r->index] : lt->thread[r->index].fn;
	for (unsigned int v = 0; v < LITMUS_MAX; v++)
		r->args.var[v] = litmus_job.in.base[lt->thread[r->index].var[v]];
}

static void prepare_racers(const struct litmus_test *lt, struct rng *rng)
{
	unsigned int i;

	for (i = 0; i < lt->nr_threads; i++) {
		struct racer *r = &litmus_job.racer[i];

		r->phase = 0;
		r->asleep = 0;
		r->cut = false;
		r->index = i;
		r->rnd = rng_next(rng);
		prepare_body(lt, r);
		litmus_histogram_init(&r->hist, litmus_is_packed(lt));
	}
}

static void sum_up(const struct litmus_test *lt, struct litmus_slice *out)
{
	u64 most = 0;

	for (unsigned int i = 0; i < litmus_job.nr_racers; i++)
		litmus_histogram_merge(&out->hist, &litmus_job.racer[i].hist);
	for (unsigned int i = 0; i < LITMUS_BUCKETS; i++) {
		u64 key = out->hist.bucket[i].key, n = out->hist.bucket[i].n;

		if (!n || (lt->keep && !lt->keep(key)))
			continue;
		out->iterations += n;
		most = MAX(most, n);
		if (lt->weak(key))
			out->weak += n;
	}
	out->minority = out->iterations - most;
}

static int hook_begin(const struct litmus_test *lt)
{
	struct litmus_args at = { .stride = litmus_job.in.stride };
	unsigned int v;

	for (v = 0; v < LITMUS_PACKED_MAX; v++)
		at.var[v] = litmus_job.in.base[v];
	return lt->hooks ? lt->hooks->begin(lt, &at, litmus_job.in.n) : 0;
}

/* How the threads of @lt race with @k. */
static enum scheme choose_scheme(const struct litmus_test *lt, const struct litmus_knobs *k)
{
	if (lt->nr_threads > smp_nr_online() || (lt->flags & LITMUS_SLEEPS))
		return SCHEME_TURNS;
	if (k->free || lt->nr_threads > litmus_nr_racers())
		return SCHEME_FREE;
	return SCHEME_MEET;
}

int litmus_slice_run(const struct litmus_test *lt, const struct litmus_knobs *k, u64 ns,
		     struct rng *rng, struct litmus_slice *out)
{
	static int (*const race[])(void) = {
		[SCHEME_MEET] = race_meeting,
		[SCHEME_FREE] = race_freely,
		[SCHEME_TURNS] = race_in_turns,
	};
	u64 start = clock_ns();
	int err;

	memset(out, 0, sizeof(*out));
	err = litmus_instances_place(&litmus_job.in, lt, k);
	if (err)
		return err;
	err = hook_begin(lt);
	if (err)
		return err;
	litmus_job.test = lt;
	litmus_job.chunk =
		k->chunk ? MIN((unsigned long)k->chunk, litmus_job.in.n) : litmus_job.in.n;
	litmus_job.knobs = *k;
	litmus_job.nr_racers = lt->nr_threads;
	litmus_job.scheme = choose_scheme(lt, k);
	litmus_job.stop = 0;
	litmus_job.deadlock = 0;
	litmus_job.abort = 0;
	litmus_job.end_ns = start + ns;
	litmus_job.late_ns = litmus_job.end_ns + MAX(ns, LATE_NS);
	litmus_job.dead_ns = litmus_job.late_ns + STUCK_NS;
	choose_cpus(k->rotate);
	prepare_racers(lt, rng);

	/* Who races does so as the host lets him, and is not put to rest by the kernel. */
	cores_turns_allow(false);
	err = race[litmus_job.scheme]();
	cores_turns_allow(true);
	if (lt->hooks)
		lt->hooks->end();
	sum_up(lt, out);
	out->ns = clock_ns() - start;
	out->late = litmus_job.abort;
	out->deadlock = litmus_job.deadlock;
	out->turns = litmus_job.scheme == SCHEME_TURNS;
	for (unsigned int i = 0; i < litmus_job.nr_racers; i++)
		out->cpus |= 1ULL << litmus_job.racer[i].cpu;
	return err;
}
