/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is drawn from the seed, or said on the boot line, before a free-running test begins: who
 * runs where, and where it is delayed. Nothing of this is changed while it runs but the unit of the
 * delays: see calibrate() in free_load.c.
 */
#include <lib/options.h>
#include <lib/string.h>
#include <test/mm.h>

#include "free.h"

static char opt_storm[OPT_STRING_MAX] = "draw";
OPTION_CHOICE(free_storm, "free_storm", opt_storm, "draw|on|off",
	      "storms of interrupts in free-running tests");

static u64 opt_per_cpu = 1;
OPTION(free_threads, "free_threads", OPT_U64, &opt_per_cpu, 1, CREW_MAX,
       "threads that use memory in free-running tests, for each CPU");

static char opt_spread[OPT_STRING_MAX] = "half";
OPTION_CHOICE(free_spread, "free_spread", opt_spread, "half|on|off",
	      "free-running threads on every CPU, not only on as many as the host has cores");

static bool opt_delays = true;
OPTION(free_delays, "free_delays", OPT_BOOL, &opt_delays, 0, 0,
       "random delays at sync points in free-running tests");

/*
 * Where there are random delays, how often (one time of so many), and up to how long: from 2^lo to
 * 2^hi ns, drawn from the seed, if a private area lives for DELAY_UNIT_NS; if the machine is slower
 * they are longer in proportion. Who looks for a page's entries may be slow, by as much as an area
 * lives; who holds what others wait for is slow less often.
 */
static const struct {
	const char *at;
	unsigned int one_in, lo, hi, flags;
} delays[] = {
	{ "prepare.found", 2, 10, 16 },
	{ "prepare.locked", 2, 10, 14 },
	{ "prepare.published", 2, 12, 18 },
	{ "prepare.linked", 4, 10, 14 },
	{ "list.half", 2, 10, 16 },
	{ "fault.allocated", 4, 10, 14 },
	{ "lock.mapping", 4, 12, 18 },
	{ "lock.mapped", 2, 15, 18, SYNC_NO_PREEMPT },
	{ "lock.mapped", 4, 21, 24 },
	{ "lock.mapped", 4, 21, 24, SYNC_NO_PREEMPT },
	{ "lock.locked", 2, 15, 18 },
	{ "walk.empty", 2, 15, 20 },
	{ "walk.empty", 2, 24, 26 },
	{ "unlink.unlinked", 2, 12, 16 },
	{ "munmap.unmapped", 4, 12, 16 },
	{ "exit.unmapped", 2, 12, 17 },
	{ "*", 16, 10, 14 },
};
BUILD_BUG_ON(ARRAY_SIZE(delays) > SYNC_RULES_MAX);

void free_knobs_draw(struct free_knobs *k, struct rng *rng)
{
	static const u16 hz[] = { 500, 1000 };

	*k = (struct free_knobs){
		.party = 2 + rng_below(rng, PARTY_MAX - 1),
		.per_cpu = opt_per_cpu,
		.tick_hz = hz[rng_below(rng, ARRAY_SIZE(hz))],
		.storm = !rng_below(rng, 4),
		.spread = !strcmp(opt_spread, "on")    ? SPREAD_ON
			  : !strcmp(opt_spread, "off") ? SPREAD_OFF
						       : SPREAD_HALF,
		.nr_rules = opt_delays ? ARRAY_SIZE(delays) : 0,
	};
	if (strcmp(opt_storm, "draw"))
		k->storm = !strcmp(opt_storm, "on");
	for (unsigned int i = 0; i < ARRAY_SIZE(delays); i++)
		k->rules[i] = (struct sync_rule){
			.at = delays[i].at,
			.cpu = -1,
			.delay_one_in = delays[i].one_in,
			.flags = delays[i].flags,
			.delay_max_ns = 1ULL << (delays[i].lo +
						 rng_below(rng, delays[i].hi - delays[i].lo + 1)),
		};
}
