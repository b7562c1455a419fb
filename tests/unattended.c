/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs that nobody watches: see the header. */
#include <arch/irq.h>
#include <arch/this_cpu.h>
#include <kernel/boot.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/run.h>
#include <kernel/smp.h>
#include <lib/crc32.h>
#include <lib/options.h>
#include <lib/string.h>
#include <test/unattended.h>

#include <build_id.h>
#include <mm/survivor.h>

static u64 opt_first = 1;
static u64 opt_loop, opt_again, opt_again_times, opt_heartbeat;
static char opt_then[OPT_STRING_MAX] = "auto";

OPTION(first, "first", OPT_U64, &opt_first, 1, 0xffff,
       "number of the test of the plan with which to begin");
OPTION(loop, "loop", OPT_TIME, &opt_loop, 0, 0,
       "run the plan again and again, with the next seed, until so much time has passed");
OPTION(again, "again", OPT_TIME, &opt_again, 0, 0, "at the end print the results again, so often");
OPTION(again_times, "again_times", OPT_U64, &opt_again_times, 0, 0,
       "how many times to print the results again; without it for ever");
OPTION(heartbeat, "heartbeat", OPT_TIME, &opt_heartbeat, 100000000, 86400000000000ULL,
       "while a test runs print a line so often; it disturbs races");
OPTION_CHOICE(then, "then", opt_then, "auto|off|halt|reboot",
	      "what the machine does at the end; auto: off, or halt if the text is on a screen");

static u32 plan_key;  /* of this plan: what was kept of another one says nothing here */
static u32 earlier_s; /* how long the boots before took that were reset; so loop= ends */
static u64 last_beat; /* clock_ns(); the tick's */

#define SECOND 1000000000ULL

/* What is kept over a reset: the test that runs, its round, and the seconds so far above. */
#define PLACE(s, round, n) ((u64)(s) << 32 | (u64)((round)&0xffff) << 16 | (n))
#define PLACE_TEST(v)	   ((v)&0xffff)
#define PLACE_ROUND(v)	   ((v) >> 16 & 0xffff)
#define PLACE_SECONDS(v)   ((v) >> 32)

unsigned int unattended_begin(unsigned int planned, u64 seed, unsigned int *round)
{
	const struct {
		u32 planned, build, line, zero;
		u64 seed;
	} plan = { planned, crc32(BUILD_ID, strlen(BUILD_ID)),
		   crc32(boot_info.cmdline, strlen(boot_info.cmdline)), 0, seed };
	u64 place;

	plan_key = crc32(&plan, sizeof(plan));
	place = survivor_read(plan_key);
	if (opt_again)
		keep_init();
	*round = PLACE_ROUND(place);
	earlier_s = PLACE_SECONDS(place);
	return place ? PLACE_TEST(place) + 1 : opt_first;
}

void unattended_at(unsigned int round, unsigned int n)
{
	survivor_keep(plan_key, n ? PLACE(earlier_s + clock_ns() / SECOND, round, n) : 0);
	WRITE_ONCE(last_beat, clock_ns());
}

bool unattended_more(void)
{
	return earlier_s * SECOND + clock_ns() < opt_loop;
}

void unattended_tick(void)
{
	const char *name = run_name();
	u64 now = clock_ns();

	if (!opt_heartbeat || !name || now - READ_ONCE(last_beat) < opt_heartbeat)
		return;
	WRITE_ONCE(last_beat, now);
	printk("%llu s since boot, and still in %s\n", (unsigned long long)now / SECOND, name);
}

/* In any state: no interrupt need come, and no thread run. */
static void say_again(bool once)
{
	for (u64 times = 0; opt_again && (!opt_again_times || times < opt_again_times); times++) {
		clock_delay_ns(opt_again);
		keep_say_again();
		if (once)
			return;
	}
}

static bool then_is(const char *what)
{
	return !strcmp(opt_then, what);
}

/*
 * The run is claimed, or other CPUs' watchdogs would report that this one has no ticks. Where they
 * go on and CPU 0 is sound, so does its tick, which feeds firmware's watchdogs.
 */
static void __noreturn stay(enum run_verdict v)
{
	u32 claimed;

	arch_irq_disable();
	claimed = panic_claim();
	if (!claimed && (v == RUN_PASS || v == RUN_FAIL))
		panic_stand_by();
	arch_cpu_halt();
}

void unattended_ended(enum run_verdict v)
{
	bool goes_on = survivor_read(plan_key);

	say_again(goes_on);
	if (goes_on || then_is("reboot"))
		arch_reset();
	if (then_is("halt") || (then_is("auto") && boot_info.on_screen))
		stay(v);
}
