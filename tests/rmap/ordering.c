/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmap.<variant>.ordering: may a page lead reclaim to an anon_vma that is not constructed yet, from
 * its point of view? Each variant's own functions race (order.c); what the architecture's model
 * says of them decides how the result reads:
 *
 *	model forbids, not seen		clean, for so many tries
 *	model forbids, seen		a failure: of the machine, or of the test
 *	model allows, seen		caught (hardware that is weak enough)
 *	model allows, not seen		unobservable here; never clean
 *	no model is known		the same, and it says so
 *
 * What a debug build checks stands between a variant's accesses, and may order more than its source
 * does: hardware is asked with a release build.
 *
 * rmap.ordering_twin shows that the race can be lost at all, on every machine: its functions
 * publish before they construct.
 */
#include <kernel/detect.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/string.h>

#include "variants/variants.h"

#define RACED_MIN     1000 /* fewer pointers followed say nothing ... */
#define ROUNDS_MAX    8	   /* ... and a busy host gets so many times the budget for them */
#define TWIN_LIMIT_NS 15000000000ULL

struct tally {
	u64 followed, weak, incomplete, ns;
};

/* Race in @shape until enough was seen. */
static bool race(struct test *t, enum order_shape shape, enum order_edge edge, u64 ns,
		 struct tally *sum)
{
	static struct litmus_result r;
	bool ok = true;

	r = (struct litmus_result){ 0 };
	for (int i = 0; i < ROUNDS_MAX && ok; i++) {
		ok = order_race(t, shape, edge, ns, &r);
		if (order_followed(shape, &r) >= RACED_MIN)
			break;
	}
	*sum = (struct tally){ order_followed(shape, &r), r.weak, order_incomplete(shape, &r),
			       r.ns };
	return ok;
}

/* Whether what the detectors found is what this variant does also without any reordering. */
static void judge_detection(struct test *t, const struct anon_vma_variant *v,
			    const struct detection *d)
{
	bool known = v->mech[MECH_INTERLEAVING].expect == EXPECT_CAUGHT &&
		     (d->detector == DETECT_LIST_UNLOCKED || d->detector == DETECT_RMAP_INCOMPLETE);

	EXPECT_MSG(t, d->detector == DETECT_NONE || known, "%s: %s", detector_name(d->detector),
		   d->text);
}

static void record(struct test *t, const struct anon_vma_variant *v, const char *result,
		   const struct tally *two, const struct tally *three, const char *why)
{
	u64 ms = (two->ns + three->ns) / 1000000, weak = two->weak + three->weak;

	test_record(t,
		    "\"variant\":\"%s\",\"mechanism\":\"ordering\",\"mode\":\"litmus\","
		    "\"result\":\"%s\",\"detector\":\"%s\",\"tries\":%llu,\"caught\":%llu,"
		    "\"seconds\":%llu.%03llu,\"why\":\"%s\",\"flavours\":\"%s\"",
		    v->id, result, weak ? detector_name(DETECT_UNINIT) : "",
		    (unsigned long long)(two->followed + three->followed), (unsigned long long)weak,
		    (unsigned long long)ms / 1000, (unsigned long long)ms % 1000, why,
		    rcu_flavour());
	test_record(t,
		    "\"scenarios\":\"2cpus:%s:%llu/%llu;3cpus:%s:%llu/%llu\",\"incomplete\":%llu",
		    two->weak ? detector_name(DETECT_UNINIT) : "", (unsigned long long)two->weak,
		    (unsigned long long)two->followed,
		    three->weak ? detector_name(DETECT_UNINIT) : "",
		    (unsigned long long)three->weak, (unsigned long long)three->followed,
		    (unsigned long long)(two->incomplete + three->incomplete));
}

static void judge(struct test *t, const struct anon_vma_variant *v, const struct tally *two,
		  const struct tally *three)
{
	enum litmus_expect expect = order_expect(v->publish);
	bool forbidden = expect == LITMUS_FORBID, seen = two->weak + three->weak;
	const char *result = seen ? "caught" : forbidden ? "clean" : "unobservable";
	char why[200];

	EXPECT_MSG(t, two->followed, "timeout: no CPU ever found what another had published");
	EXPECT_MSG(t, !forbidden || !seen,
		   "an anon_vma was seen uninitialised %llu times, which %s forbids",
		   (unsigned long long)(two->weak + three->weak), ARCH_NAME);
	if (!forbidden)
		snprintf(why, sizeof(why), "%s on %s: %s; %s", litmus_expect_word(expect),
			 ARCH_NAME, order_why(v->publish),
			 seen				? "seen"
			 : strcmp(tests_accel(), "tcg") ? "not seen in this time"
							: "TCG reorders no stores on this host");
	else
		snprintf(why, sizeof(why), "forbidden on %s: %s", ARCH_NAME, order_why(v->publish));
	record(t, v, result, two, three, why);
}

void variant_test_ordering(struct test *t)
{
	const struct anon_vma_variant *v = variant_under_test(t);
	struct tally two = { 0 }, three = { 0 };
	static struct detect_trap trap;
	bool ok;

	if (!v)
		return;
	if (v->mech[MECH_DEADLOCK].expect == EXPECT_CAUGHT) {
		record(t, v, "unobservable", &two, &three,
		       "its anon_vma_prepare() deadlocks before anybody could race with it");
		return;
	}
	/*
	 * The trap keeps the first report: V0's, who breaks the rule each time, would hide one of
	 * what comes of it.
	 */
	WRITE_ONCE(anon_vma_report_unraced, false);
	detect_trap_set(&trap);
	if (order_begin(t, v->ops)) {
		ok = race(t, SHAPE_TWO, v->publish, t->budget_ns / 2, &two);
		if (ok && smp_nr_online() >= order_threads(SHAPE_THREE))
			ok = race(t, SHAPE_THREE, v->publish, t->budget_ns / 2, &three);
		order_end(t);
		if (ok)
			judge(t, v, &two, &three);
	}
	detect_trap_clear();
	WRITE_ONCE(anon_vma_report_unraced, true);
	judge_detection(t, v, &trap.first);
}

/* ---- the busted twin ---- */

static void test_twin(struct test *t)
{
	static const char *const names[SHAPE_NR] = { "two", "three", "lru" };
	static struct detect_trap trap;
	static struct litmus_result r;
	struct patience patience;

	patience_begin(&patience, TWIN_LIMIT_NS, 0);
	detect_trap_set(&trap);
	if (!order_begin(t, &order_busted_ops))
		goto out;
	for (enum order_shape s = 0; s < SHAPE_NR; s++) {
		if (smp_nr_online() < order_threads(s))
			continue;
		r = (struct litmus_result){ 0 };
		do {
			if (!order_race(t, s, EDGE_BUSTED, t->budget_ns / 4, &r))
				break;
		} while (!r.weak && !patience_is_over(&patience));
		EXPECT_MSG(t, r.weak, "shape %s: published before it was constructed, and not seen",
			   names[s]);
		test_record(t, "\"%s_tries\":%llu,\"%s_caught\":%llu", names[s],
			    (unsigned long long)order_followed(s, &r), names[s],
			    (unsigned long long)r.weak);
	}
	order_end(t);
out:
	detect_trap_clear();
}
TEST(rmap, ordering_twin, TEST_RACE, test_twin, .min_cpus = 2);
