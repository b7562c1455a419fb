/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scenarios: small ones for every order of their steps, and long ones at random.
 *
 *	tlb-model [-s seed] [-t seconds] [-d deviations more than usual]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#undef __always_inline

#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <mm/tlb.h>

#include "sim.h"

#define IDS   5	 /* of the machine: as few as mm/tlb.c takes for three CPUs */
#define P     16 /* the first user page */
#define STEPS 60 /* a CPU, at random */

static void few_ids(void)
{
	unsigned int expected = arch_asid_count() > 1 ? sim_nr_cpus() + 2 : 1;

	tlb_limit_asids(1);
	if (tlb_nr_asids() != expected)
		sim_fail("there are %u ids, not %u", tlb_nr_asids(), expected);
}

/* ---- a space that is loaded just when an entry of it changes ---- */

static void start_switch(void)
{
	few_ids();
	op_map(0, P);
}

static void cow_once(void)
{
	op_cow(0, P);
}

static void load_and_touch(void)
{
	op_load(0);
	op_touch(0, P);
}

/* ---- one that is loaded lazily, or was, while tables of it go away ---- */

static void start_tables(void)
{
	few_ids();
	op_map(0, P);
	op_map(0, P + 4);
	op_load(0);
	op_touch(0, P);
}

static void unmap_tables(void)
{
	op_unmap(0, P, P + 4);
	op_map(1, P);
	op_map(0, P);
	op_load(1);
	op_load(0);
	op_touch(0, P);
}

static void go_lazy(void)
{
	op_load(0);
	op_touch(0, P);
	op_lazy();
	op_load(0);
	op_touch(0, P + 4);
}

static void go_away(void)
{
	op_load(0);
	op_touch(0, P);
	op_load(1);
	op_load(0);
	op_touch(0, P);
}

/* ---- ids run out ---- */

static void start_ids(void)
{
	few_ids();
	for (unsigned int m = 0; m < 4; m++)
		op_map(m, P);
}

static void load_four(void)
{
	op_load(0);
	op_load(1);
	op_load(2);
	op_load(3);
	op_touch(3, P);
}

static void load_two(void)
{
	op_load(0);
	op_load(1);
	op_load(0);
	op_touch(0, P);
}

static void load_and_stay(void)
{
	op_load(2);
	op_touch(2, P);
	op_cow(2, P);
	op_touch(2, P);
}

static void load_three(void)
{
	op_load(2);
	op_load(3);
	op_load(1);
	op_cow(0, P);
	op_load(0);
	op_touch(0, P);
}

/* Both CPUs keep one id over two generations. */
static void start_kept(void)
{
	start_ids();
	op_load(0);
}

static void keep(void)
{
	op_load(0);
	op_touch(0, P);
	op_cow(0, P);
	op_load(1);
	op_load(0);
}

static void roll_twice(void)
{
	op_load(0);
	op_load(1);
	op_load(2);
	op_load(3);
	op_load(1);
	op_load(2);
	op_load(0);
	op_touch(0, P);
}

/* An entry changes while its space gets another id, of a generation that has begun before. */
static void start_renamed(void)
{
	tlb_limit_asids(IDS);
	op_map(0, P);
}

static void renamed_flush(void)
{
	op_meet(0);
	for (unsigned int m = 1; m < SIM_MMS; m++)
		op_load(m);
	op_meet(1);
	op_meet(2);
	op_cow(0, P);
}

static void renamed_load(void)
{
	op_load(0);
	op_load(1);
	op_meet(0);
	op_meet(1);
	op_load(4);
	op_meet(2);
	op_load(0);
	op_touch(0, P);
}

/* ---- the end, others having it loaded lazily; its root becomes another's ---- */

static void start_end(void)
{
	few_ids();
	op_map(0, P);
	op_load(0);
	op_lazy();
}

static void end_it(void)
{
	op_destroy(0);
	op_map(0, P);
	op_load(0);
	op_touch(0, P);
}

static void lazy_then_other(void)
{
	op_load(0);
	op_touch(0, P);
	op_lazy();
	op_load(1);
	op_lazy();
}

/* ---- flushes of each size ---- */

static void start_sizes(void)
{
	few_ids();
	for (unsigned int i = 0; i < 6; i++)
		op_map(0, P + i);
}

static void flush_sizes(void)
{
	op_load(0);
	op_protect(0, P, P + 2);
	op_protect(0, P + 1, P + 6);
	op_flush_part(0, P + 2);
	op_unmap(0, P + 5, P + 6);
	op_unmap(0, P + 1, P + 3);
	op_unmap(0, P, P + 16);
}

static void touch_all(void)
{
	op_load(0);
	for (unsigned int i = 0; i < 6; i++)
		op_touch(0, P + i);
	op_load(1);
	op_load(0);
	op_touch(0, P);
}

/* ---- pages of two spaces go to swap, with one flush ---- */

static void start_batch(void)
{
	few_ids();
	for (unsigned int m = 0; m < 2; m++) {
		op_map(m, P);
		op_map(m, P + 1);
	}
	op_load(0);
}

static void reclaim_one(void)
{
	op_load(0);
	op_touch(0, P);
	op_reclaim(0, P, 1);
	op_touch(0, P);
}

static void reclaim_all(void)
{
	op_load(0);
	op_touch(0, P);
	op_reclaim(0, P, 4);
	op_touch(0, P);
}

static void touch_both(void)
{
	op_load(0);
	op_touch(0, P);
	op_load(1);
	op_touch(1, P);
	op_load(0);
	op_touch(0, P + 1);
}

static void unmap_swapped(void)
{
	op_load(0);
	op_touch(0, P);
	op_unmap(0, P, P + 1);
	op_touch(0, P);
	op_map(0, P);
	op_touch(0, P);
}

static void touch_and_rename(void)
{
	op_load(0);
	op_touch(0, P);
	load_four();
	op_load(0);
	op_touch(0, P);
}

static void touch_and_end(void)
{
	op_load(1);
	op_touch(1, P);
	op_load(2);
	op_destroy(1);
	op_map(1, P);
	op_load(1);
	op_touch(1, P);
}

/* ---- fork ---- */

static void fork_it(void)
{
	op_load(0);
	op_fork(0, 1);
	op_load(1);
	op_touch(1, P);
}

/* ---- tables appear ---- */

static void map_one(void)
{
	op_load(0);
	op_map(0, P);
	op_touch(0, P);
	op_unmap(0, P, P + 4);
	op_map(0, P);
}

static void touch_one(void)
{
	op_load(0);
	op_touch(0, P);
	op_touch(0, P);
}

static const struct sim_run in_order[] = {
	{ "switch-flush", 2, IDS, start_switch, { cow_once, load_and_touch }, 4 },
	{ "tables-lazy", 2, IDS, start_tables, { unmap_tables, go_lazy }, 3 },
	{ "tables-away", 2, IDS, start_tables, { unmap_tables, go_away }, 2 },
	{ "tables-appear", 2, IDS, few_ids, { map_one, touch_one }, 3 },
	{ "ids-four-two", 2, IDS, start_ids, { load_four, load_two }, 3 },
	{ "ids-four-four", 2, IDS, start_ids, { load_four, load_four }, 2 },
	{ "ids-stay", 2, IDS, start_ids, { load_four, load_and_stay }, 2 },
	{ "ids-flush", 2, IDS, start_ids, { load_two, load_three }, 3 },
	{ "ids-kept", 2, IDS, start_kept, { roll_twice, keep }, 2 },
	{ "ids-renamed", 2, IDS, start_renamed, { renamed_flush, renamed_load }, 2 },
	{ "end-lazy", 2, IDS, start_end, { end_it, lazy_then_other }, 2 },
	{ "sizes", 2, IDS, start_sizes, { flush_sizes, touch_all }, 2 },
	{ "fork", 2, IDS, start_sizes, { fork_it, touch_all }, 2 },
	{ "batch-one", 2, IDS, start_batch, { reclaim_one, touch_both }, 3 },
	{ "batch-two", 2, IDS, start_batch, { reclaim_all, touch_both }, 2 },
	{ "batch-unmap", 2, IDS, start_batch, { reclaim_one, unmap_swapped }, 3 },
	{ "batch-renamed", 2, IDS, start_batch, { reclaim_one, touch_and_rename }, 2 },
	{ "batch-end", 2, IDS, start_batch, { reclaim_all, touch_and_end }, 2 },
	{ "no-ids-batch", 2, 1, start_batch, { reclaim_one, touch_both }, 3 },
	{ "no-ids-switch", 2, 1, start_switch, { cow_once, load_and_touch }, 4 },
	{ "no-ids-tables", 2, 1, start_tables, { unmap_tables, go_away }, 2 },
	{ "no-ids-end", 2, 1, start_end, { end_it, lazy_then_other }, 3 },
};

/* ---- long ones ---- */

static void at_random(void)
{
	for (unsigned int i = 0; i < STEPS; i++)
		op_random();
}

static const struct sim_run random_runs[] = {
	{ "random", 3, IDS, few_ids, { at_random, at_random, at_random } },
	{ "random-two", 2, IDS, few_ids, { at_random, at_random } },
	{ "random-no-ids", 3, 1, few_ids, { at_random, at_random, at_random } },
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void run_in_order(const struct sim_run *usual, unsigned int more)
{
	struct sim_run r = *usual;

	r.deviations += more;
	printf("ok tlb-model.%s # %lu orders of the steps, at most %u out of turn\n", r.name,
	       sim_run_in_order(&r), r.deviations);
}

static void run_random(const struct sim_run *r, unsigned long seed, double secs)
{
	double end = seconds() + secs;
	unsigned long n = 0;

	do
		sim_run_random(r, seed + n++);
	while (seconds() < end);
	printf("ok tlb-model.%s # %lu runs, seeds from %lu\n", r->name, n, seed);
}

int main(int argc, char **argv)
{
	unsigned long seed = 1, more = 0;
	double secs = 1;
	int c;

	while ((c = getopt(argc, argv, "s:t:d:")) != -1) {
		if (c == 's') {
			seed = strtoul(optarg, NULL, 0);
		} else if (c == 't') {
			secs = atof(optarg);
		} else if (c == 'd') {
			more = strtoul(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: tlb-model [-s seed] [-t seconds] [-d more]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# provenance: model; mm/tlb.c, tlb_batch.c, memory.c and pgtable_user.c on "
	       "simulated CPUs, shoot-down by %s\n",
	       ARCH_TLB_BROADCAST ? "broadcast" : "calls");
	for (unsigned int i = 0; i < ARRAY_SIZE(in_order); i++)
		run_in_order(&in_order[i], more);
	for (unsigned int i = 0; i < ARRAY_SIZE(random_runs); i++)
		run_random(&random_runs[i], seed, secs / ARRAY_SIZE(random_runs));
	return 0;
}
