/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmap.<variant>.free: a variant of the anon_vma code under the workload of free_load.c, for the
 * time that secs= gives, or until a detector finds something.
 *
 * What a detector finds here nothing could contain: other CPUs go on with what is broken. So the
 * first report ends the run. If the variant is known to be wrong that is what the test wants: it
 * passes, with the detector, the time and the seed in its record. If it is sound the test fails.
 * A wrong variant that is not found is "missed", which fails too: these variants are the busted
 * twins of the sound ones' runs.
 *
 * Only the decisions can be repeated by the seed (the record has a digest of the first ones, and
 * all that was drawn before it began), not the timing, on which it depends when and whether two
 * threads meet in a window.
 */
#include <kernel/detect.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <test/mm.h>

#include "free.h"
#include "variants/variants.h"

/* The running test, for whoever reports; CPU 0 writes it before the others start. */
static struct {
	struct test *t;
	const struct anon_vma_variant *v;
	struct free_knobs knobs;
	bool wrong; /* reports are what is known of it */
	u64 start;  /* clock_ns() */
} run;

/* Is @v wrong in a way that this flavour of RCU lets happen? */
static bool variant_is_wrong(const struct anon_vma_variant *v)
{
	bool classic = !strcmp(rcu_flavour(), "classic");

	for (unsigned int m = 0; m < MECH_NR; m++)
		if (v->mech[m].expect == EXPECT_CAUGHT && !(v->mech[m].preempt_only && classic))
			return true;
	return false;
}

static void note_slabs(const struct kmem_cache_stats *st, void *arg)
{
	if (!strcmp(st->name, "anon_vma"))
		*(struct kmem_cache_stats *)arg = *st;
}

/* What there is to say, however it ends: also in the midst of ruins, so no lock is taken. */
static void free_record(const char *result, const char *detector, const char *why)
{
	struct test *t = run.t;
	u64 ms = (clock_ns() - run.start) / 1000000;
	struct free_stats s;

	free_load_stats(&s);
	test_record(t,
		    "\"variant\":\"%s\",\"mechanism\":\"free\",\"mode\":\"free\","
		    "\"result\":\"%s\",\"detector\":\"%s\",\"tries\":%llu,\"caught\":%u,"
		    "\"seconds\":%llu.%03u,\"flavours\":\"%s\",\"why\":\"%s\"",
		    run.v->id, result, detector, (unsigned long long)s.lives, *detector != '\0',
		    (unsigned long long)ms / 1000, (unsigned int)(ms % 1000), rcu_flavour(), why);
	test_record(t,
		    "\"party\":%u,\"per_cpu\":%u,\"tick_hz\":%u,\"storm\":%u,"
		    "\"decisions\":\"%llx\"",
		    run.knobs.party, run.knobs.per_cpu, run.knobs.tick_hz, run.knobs.storm,
		    (unsigned long long)s.digest);
	test_record(
		t, "\"writes\":%llu,\"checks\":%llu,\"forks\":%llu,\"nomem\":%llu,\"turn_us\":%llu",
		(unsigned long long)s.writes, (unsigned long long)s.checks,
		(unsigned long long)s.forks, (unsigned long long)s.nomem,
		(unsigned long long)s.turn_us);
	test_record(t,
		    "\"looked\":%llu,\"dead\":%llu,\"reclaimed\":%llu,\"migrated\":%llu,"
		    "\"tides\":%llu,\"spread_lives\":%llu",
		    (unsigned long long)s.looked, (unsigned long long)s.dead,
		    (unsigned long long)s.reclaimed, (unsigned long long)s.moved,
		    (unsigned long long)s.tides, (unsigned long long)s.spread_lives);
}

/* @src behind @prefix, such that it can stand inside a string of JSON. */
static void clean_text(char *dst, size_t size, const char *prefix, const char *src)
{
	size_t n = snprintf(dst, size, "%s", prefix);

	for (; *src && n < size - 1; src++)
		dst[n++] = *src < ' ' || *src > '~' || *src == '"' || *src == '\\' ? ' ' : *src;
	dst[n] = '\0';
}

/* The first report of a detector: any CPU, any context but NMI, with whatever locks it holds. */
static void __noreturn free_found(const struct detection *d)
{
	char why[sizeof(d->text)];

	clean_text(why, sizeof(why), "", d->text);
	free_record("caught", detector_name(d->detector), why);
	tests_finish_now(run.wrong ? VERDICT_PASS : VERDICT_FAIL, why);
}

/* The memory was so broken that the kernel came to its end before a detector saw why. */
static enum test_verdict free_panic(struct test *t, const char *why)
{
	char text[160];

	clean_text(text, sizeof(text), "panic: ", why);
	free_record("caught", text, "no detector came first");
	return run.wrong ? VERDICT_PASS : VERDICT_CRASH;
}

/* Nothing was found. */
static void free_nothing(struct test *t)
{
	free_record(run.wrong ? "missed" : "clean", "", "");
	if (run.wrong)
		test_fail(t, "%s is wrong, and was not caught", run.v->id);
}

static void no_thread(struct crew *c, unsigned int me)
{
}

static void free_run(struct test *t)
{
	static struct detect_trap trap;
	struct kmem_cache_stats slabs = { .name = NULL };
	struct free_stats s;
	struct mm_balance b;

	free_knobs_draw(&run.knobs, &t->rng);
	/* The memory of threads is kept for good: have it all made before the count. */
	crew_run_fixed(t, CREW_MAX, no_thread, NULL);
	balance_begin(t, &b);
	run.start = clock_ns();
	trap.finish = free_found;
	detect_trap_set(&trap);
	t->on_panic = free_panic;
	/* V0 breaks the rule at its first area: what is to be found is what comes of it. */
	WRITE_ONCE(anon_vma_report_unraced, false);
	free_load_run(t, &run.knobs, t->budget_ns);
	WRITE_ONCE(anon_vma_report_unraced, true);
	t->on_panic = NULL;
	detect_trap_clear();
	free_load_stats(&s);
	EXPECT_MSG(t, s.lives && s.checks && s.looked,
		   "%llu lives, %llu checks, %llu pages looked at", (unsigned long long)s.lives,
		   (unsigned long long)s.checks, (unsigned long long)s.looked);
	free_nothing(t);
	kmem_cache_for_each(note_slabs, &slabs);
	test_record(t, "\"anon_vmas\":%llu,\"slabs_freed\":%llu", (unsigned long long)slabs.allocs,
		    (unsigned long long)slabs.slabs_freed);
	EXPECT_MSG(t, !anon_vma_count(), "%lu anon_vmas are left", anon_vma_count());
	balance_end(t, &b);
}

void variant_test_free(struct test *t)
{
	const struct anon_vma_variant *before = anon_vma_variant_current();
	int err;

	run.t = t;
	run.v = variant_under_test(t);
	if (!run.v)
		return;
	run.wrong = variant_is_wrong(run.v);
	EXPECT_MSG(t, !run.wrong || t->tc->flags & TEST_MANUAL,
		   "%s is wrong, and would end the run of others", run.v->id);
	if (run.wrong && !sync_points_enabled()) {
		test_skip(t, "a release build has neither the delays nor the detectors");
		return;
	}
	err = anon_vma_variant_set(run.v);
	if (!EXPECT_MSG(t, !err, "cannot go over to %s: error %d", run.v->id, err))
		return;
	free_run(t);
	err = anon_vma_variant_set(before);
	EXPECT_MSG(t, !err, "cannot go back to %s: error %d", before->id, err);
}
