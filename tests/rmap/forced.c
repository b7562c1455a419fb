/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forced races of the anon_vma variants: rmap.<variant>.<mechanism>.
 *
 * A run: fresh address spaces; rules armed and a trap set; the actors run, each on its CPU; what
 * was reported first is taken from the trap; what is left is given back. A try is one run of every
 * instance (scenario and way to look) of the mechanism. The variant says which scenarios must catch
 * it and by which detector, so each run can fail both ways: a wrong variant that is not caught
 * is "missed", a report that nobody expects is "unexpected".
 *
 * Waits are named by points that the other actor passes on its way. It may never get there, as the
 * code under test gives up before, or excludes it. So an actor that is through passes all points
 * again that somebody may be waiting for: then no wait has to time out, and a time-out (seconds)
 * means a hang.
 *
 * The runner owns struct forced and what hangs on it; actors own what they take out of it (a space
 * that exits). The order of the rules keeps their accesses apart.
 */
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/watchdog.h>
#include <lib/options.h>
#include <lib/string.h>

#include "forced.h"

static u64 opt_tries = 10;
OPTION(tries, "tries", OPT_U64, &opt_tries, 1, 100000, "how often a forced race is run");
static bool opt_report;
OPTION(report, "report", OPT_BOOL, &opt_report, 0, 0,
       "print the last race that each forced test has caught");

/* A wait that takes this long is a hang. */
#define HANG_US 15000000

/* A test that has not finished a try for so long hangs. */
#define FORCED_LIMIT_NS 60000000000ULL

/* So many runs that are not as expected end a test. */
#define FAILURES_MAX 3

static const char *const look_names[LOOK_NR] = {
	[LOOK_REFERENCED] = "referenced", [LOOK_SWAP] = "swap", [LOOK_MIGRATE] = "migrate",
	[LOOK_UNMAP] = "unmap",		  [LOOK_LOCK] = "lock",
};

static struct forced forced; /* the run; too large for a stack */

bool forced_word_in(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = list; s && *s; s = strchr(s + 1, ' '))
		if (!strncmp(s + 1, name, len) && s[1 + len] == ' ')
			return true;
	return false;
}

bool forced_deadlocks(const struct anon_vma_variant *v)
{
	return v->mech[MECH_DEADLOCK].expect == EXPECT_CAUGHT;
}

bool forced_skip(struct test *t)
{
	if (sync_points_enabled())
		return false;
	test_skip(t, "a release build has no sync points");
	return true;
}

/* ---- one run ---- */

static void actor_thread(struct crew *c, unsigned int me)
{
	struct forced *f = c->arg;

	if (!me)
		f->first = current;
	f->s->actor[me](f);
	if (me == 1 && c->nr == 2 && f->s->actor[2])
		f->s->actor[2](f);
	WRITE_ONCE(f->ended[me], true);
	/* It passes for the others, and waits for nobody itself: the rules name its old name. */
	strscpy(current->name, "through", sizeof(current->name));
	for (unsigned int i = 0; i < f->nr_rules; i++)
		if (f->rules[i].until_cpu == (int)me)
			sync_point(f->rules[i].until);
}

/* The scenario's rules, for as many CPUs as take part. */
static void rules_make(struct forced *f)
{
	int last = f->cpus - 1;

	for (; f->nr_rules < FORCED_RULES && f->s->rules[f->nr_rules].at; f->nr_rules++) {
		struct sync_rule *r = &f->rules[f->nr_rules];

		*r = f->s->rules[f->nr_rules];
		r->cpu = MIN(r->cpu, last);
		r->until_cpu = MIN(r->until_cpu, last);
		r->timeout_us = HANG_US;
		r->task = "crew";
	}
}

/*
 * How many CPUs take part: three actors can be told on two CPUs as well, and are where the host has
 * no more cores, but for one try.
 */
static unsigned int cpus_used(const struct forced *f)
{
	unsigned int actors = 1, cpus = MIN(smp_nr_online(), f->first_try ? ~0U : tests_racers());

	while (actors < FORCED_ACTORS && f->s->actor[actors])
		actors++;
	return MIN(actors, MAX(cpus, 2U));
}

/* A walk, by any actor; whoever walks the page's anon_vma has its lock. */
static void walk_begins(const void *page)
{
	if (spin_is_mine(&forced.anon_vma->lock))
		forced.s->walk(&forced);
}

/* Arm the scenario's rules, and the one by which it sees the walks. */
static void rules_arm(struct forced *f)
{
	f->rules[f->nr_rules] = (struct sync_rule){
		.at = "walk.begin", .cpu = -1, .until_cpu = -1, .call = walk_begins, .task = "crew"
	};
	sync_rules_arm(f->rules, f->nr_rules + (f->s->walk != NULL), 0);
}

/* Leaves the trap set, with the events that led to a report. */
static void race(struct forced *f)
{
	struct sync_stats stats;

	f->cpus = cpus_used(f);
	rules_make(f);
	events_reset();
	rules_arm(f);
	detect_trap_set(&f->trap);
	crew_run_fixed(f->t, f->cpus, actor_thread, f);
	sync_rules_disarm();
	sync_stats_read(&stats);
	f->excluded = stats.excluded;
	EXPECT_MSG(f->t, !stats.timed_out, "%s: %lu waits timed out", f->s->name, stats.timed_out);
	EXPECT_MSG(f->t, f->cpus == 1 || f->began, "%s: actor 0 never came to %s", f->s->name,
		   f->rules[0].until);
}

/* Must this instance catch the variant (may it, if @maybe), under this flavour? How; else NULL. */
static const struct variant_catch *catch_for(const struct forced_scenario *s, enum look look,
					     const struct anon_vma_variant *v, bool maybe)
{
	bool classic = !strcmp(rcu_flavour(), "classic");

	for (const struct variant_catch *c = v->catches; c->scenarios; c++)
		if (c->maybe == maybe && forced_word_in(c->scenarios, s->name) &&
		    (!c->looks || c->looks & 1U << look) && !(c->preempt_only && classic))
			return c;
	return NULL;
}

/* What is reported while nothing races is no part of the run. */
static bool quiet_setup(struct forced *f)
{
	enum detector d;
	bool ok;

	detect_trap_set(&f->trap);
	ok = f->s->setup(f);
	detect_trap_clear();
	d = f->trap.first.detector;
	if (d) {
		test_fail(f->t, "%s: %s: the set-up is reported: %s: %s", f->v->id, f->s->name,
			  detector_name(d), f->trap.first.text);
		ok = false;
	}
	return ok;
}

/* After a report that was contained, lists may be short of an area, and are reported again. */
static void quiet_teardown(struct forced *f)
{
	void (*fn)(struct forced * f) = f->s->teardown ? f->s->teardown : forced_teardown;
	struct detect_trap trap = { .finish = NULL };

	if (!f->trap.first.detector) {
		fn(f);
		return;
	}
	detect_trap_set(&trap);
	fn(f);
	detect_trap_clear();
}

/* ---- what came of it ---- */

static void not_as_expected(struct forced_run *r, struct forced *f, const char *what)
{
	const struct detection *d = &f->trap.first;

	test_fail(f->t, "%s: %s/%s (%s) is %s%s%s%s%s", f->v->id, f->s->name, look_names[f->look],
		  rcu_flavour(), what, d->detector ? ": " : "", detector_name(d->detector),
		  d->detector ? ": " : "", d->text);
	if (r->missed + r->unexpected == 1)
		detection_print(d);
}

/* A report has a column for each CPU that took part. */
static void expect_columns(const struct forced *f)
{
	for (unsigned int cpu = 0; cpu < f->cpus; cpu++)
		EXPECT_MSG(f->t, events_kept(cpu), "%s: no events of cpu %u are left for a report",
			   f->s->name, cpu);
}

/* Count a run; true if it went as the scenario says. */
static bool judge(struct forced_run *r, struct forced_tally *y, struct forced *f, bool last)
{
	const struct variant_catch *c = catch_for(f->s, f->look, f->v, false);
	const struct variant_catch *may = catch_for(f->s, f->look, f->v, true);
	enum detector d = f->trap.first.detector;

	test_check(f->t);
	if (!c && (f->s->ignored | (may ? may->detectors : 0)) & 1U << d)
		d = DETECT_NONE;
	if (c && c->detectors & 1U << d) {
		y->caught++;
		if (!r->detector)
			r->detector = d;
		y->detector = d;
		expect_columns(f);
		if (last && opt_report)
			detection_print(&f->trap.first);
		return true;
	}
	if (!c && !d)
		return true;
	if (d) {
		r->unexpected++;
		not_as_expected(r, f, c ? "caught by another detector" : "reported");
	} else {
		r->missed++;
		not_as_expected(r, f, "missed");
	}
	return false;
}

static bool run_instance(struct test *t, struct forced_run *r, struct forced_tally *y, bool last)
{
	struct forced *f = &forced;
	unsigned long failures = t->failures;
	bool as_expected = false;

	*f = (struct forced){
		.t = t, .v = r->v, .s = y->s, .look = y->look, .first_try = !y->runs
	};
	if (quiet_setup(f)) {
		race(f);
		if (f->s->check)
			f->s->check(f);
		as_expected = t->failures == failures && judge(r, y, f, last);
		detect_trap_clear();
	}
	y->runs++;
	y->tries += catch_for(f->s, f->look, f->v, false) != NULL;
	y->excluded += f->excluded > 0;
	y->reused += f->reused;
	y->held_off += f->held_off;
	y->lost += f->lost;
	y->gone += f->gone;
	y->wrong_lists += f->wrong_walks > 0;
	y->areas += f->areas;
	y->mapped += f->mapped;
	quiet_teardown(f);
	r->runs++;
	return as_expected;
}

/* ---- all of them ---- */

static void instances_make(struct forced_run *r)
{
	for (unsigned int i = 0; i < nr_forced_scenarios; i++) {
		const struct forced_scenario *s = &forced_scenarios[i];

		if (r->only ? !forced_word_in(r->only, s->name) : s->mech != r->mech)
			continue;
		for (enum look look = 0; look < LOOK_NR; look++) {
			if (!(s->looks & 1U << look))
				continue;
			BUG_ON(r->nr == FORCED_INSTANCES);
			r->tally[r->nr++] = (struct forced_tally){ .s = s, .look = look };
		}
	}
}

/* One try: every instance once. */
static void try_all(struct test *t, struct forced_run *r, bool last)
{
	bool wanted = false, ok = true;

	for (unsigned int i = 0; i < r->nr; i++) {
		wanted |= catch_for(r->tally[i].s, r->tally[i].look, r->v, false) != NULL;
		ok &= run_instance(t, r, &r->tally[i], last);
	}
	r->tries++;
	r->wanted += wanted;
	r->caught += wanted && ok;
}

static void run_flavour(struct test *t, struct forced_run *r, const char *flavour, u64 tries)
{
	if (!EXPECT(t, !rcu_set_flavour(flavour)))
		return;
	for (u64 i = 0; i < tries && t->failures < FAILURES_MAX; i++) {
		try_all(t, r, i == tries - 1);
		/* Each test may take its time, as long as it goes on. */
		watchdog_set_limit(FORCED_LIMIT_NS);
	}
}

void forced_run(struct test *t, struct forced_run *r)
{
	const struct anon_vma_variant *before = anon_vma_variant_current();
	const char *flavour = rcu_flavour();
	struct mm_balance b;
	u64 start;

	balance_begin(t, &b);
	start = clock_ns();
	/* V0 breaks the rule at each new anon_vma: what is to be caught is what comes of it. */
	WRITE_ONCE(anon_vma_report_unraced, r->unraced);
	instances_make(r);
	if (EXPECT(t, r->nr && !anon_vma_variant_set(r->v))) {
		bool preempt_only = r->v->mech[r->mech].preempt_only;

		run_flavour(t, r, "classic", (opt_tries + 1) / 2);
		run_flavour(t, r, "preempt", preempt_only ? opt_tries : opt_tries / 2);
	}
	EXPECT(t, !rcu_set_flavour(flavour));
	EXPECT(t, !anon_vma_variant_set(before));
	WRITE_ONCE(anon_vma_report_unraced, true);
	r->ns = clock_ns() - start;
	EXPECT_MSG(t, !anon_vma_count(), "%lu anon_vmas are left", anon_vma_count());
	balance_end(t, &b);
}

void forced_describe(const struct forced_run *r, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < r->nr && n < size; i++) {
		const struct forced_tally *y = &r->tally[i];
		const char *word = y->tries ? detector_name(y->detector) : "clean";

		n += snprintf(buf + n, size - n, "%s%s/%s:%s:%u/%u", i ? ";" : "", y->s->name,
			      look_names[y->look], word, y->tries ? y->caught : y->runs,
			      y->tries ? y->tries : y->runs);
	}
}
