/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forced tests: one for each variant and mechanism but ordering, rmap.<variant>.<mechanism>.
 * What they run is forced_scenarios.c's, what they expect of the variant in all is the variant's
 * to say, and both must agree.
 */
#include <lib/errno.h>

#include "forced.h"

static const char *result_name(const struct forced_run *r, enum expectation expect)
{
	if (r->missed)
		return "missed";
	if (r->unexpected || (r->wanted && expect != EXPECT_UNOBSERVABLE))
		return "caught";
	return expect == EXPECT_UNOBSERVABLE ? "unobservable" : "clean";
}

/* As the table says, in every try? */
static void expect_table(struct test *t, const struct forced_run *r, enum mechanism mech)
{
	enum expectation expect = r->v->mech[mech].expect;

	EXPECT_MSG(t, r->caught == r->wanted, "caught in %u of %u tries", r->caught, r->wanted);
	if (expect == EXPECT_CAUGHT)
		EXPECT_MSG(t, r->wanted, "no scenario shows what the table calls wrong");
	else if (expect == EXPECT_CLEAN)
		EXPECT_MSG(t, !r->wanted, "scenarios show what the table calls right");
}

void variant_test_forced(struct test *t)
{
	static struct forced_run r; /* too large for a stack */
	static char scenarios[1280];
	const struct variant_test *about = t->tc->data;
	const struct anon_vma_variant *v = variant_under_test(t);
	enum mechanism mech = about->mech;
	const char *result;

	if (!v || forced_skip(t))
		return;
	r = (struct forced_run){ .v = v, .mech = mech };
	/* Who deadlocks at the first fault can be asked nothing else: show just that. */
	if (v->mech[mech].expect == EXPECT_UNOBSERVABLE && forced_deadlocks(v))
		r.only = " prepare ";
	forced_run(t, &r);
	expect_table(t, &r, mech);
	result = result_name(&r, v->mech[mech].expect);
	forced_describe(&r, scenarios, sizeof(scenarios));
	test_record(t,
		    "\"variant\":\"%s\",\"mechanism\":\"%s\",\"mode\":\"forced\",\"result\":\"%s\","
		    "\"detector\":\"%s\",\"tries\":%u,\"caught\":%u",
		    v->id, mechanism_names[mech], result, r.wanted ? detector_name(r.detector) : "",
		    r.wanted ? r.wanted : r.tries, r.caught);
	test_record(t,
		    "\"seconds\":%llu.%03llu,\"runs\":%u,\"why\":\"%s\",\"flavours\":\"%s\","
		    "\"scenarios\":\"%s\"",
		    (unsigned long long)r.ns / 1000000000,
		    (unsigned long long)r.ns / 1000000 % 1000, r.runs,
		    v->mech[mech].why ? v->mech[mech].why : "",
		    v->mech[mech].preempt_only ? "preempt" : "classic preempt", scenarios);
}

/*
 * The busted twin of the scenario that nobody fails, two insertions at once: V0 without the lock
 * that keeps two prepares of one space apart.
 */
static int prepare_unguarded(struct vm_area_struct *vma)
{
	struct anon_vma *allocated, *anon_vma = anon_vma_choose(vma, &allocated);

	if (!anon_vma)
		return -ENOMEM;
	WRITE_ONCE(vma->anon_vma, anon_vma);
	anon_vma_list_add(anon_vma, vma);
	return 0;
}

static void test_two_insertions(struct test *t)
{
	static struct anon_vma_ops ops;
	static const struct anon_vma_variant unguarded = {
		.id = "V0 without any lock",
		.what = "two areas go on one list at once",
		.ops = &ops,
		.mech = { [MECH_INTERLEAVING] = { EXPECT_CAUGHT, "no lock" } },
		.catches = { { " two-insertions ", BY(LIST_UNLOCKED) } },
	};
	static struct forced_run r; /* too large for a stack */

	if (forced_skip(t))
		return;
	ops = *anon_vma_variant_find("v0")->ops;
	ops.name = "unguarded";
	ops.prepare = prepare_unguarded;
	r = (struct forced_run){
		.v = &unguarded,
		.mech = MECH_INTERLEAVING,
		.only = " two-insertions ",
		.unraced = true, /* neither has a lock: by nothing else is it seen on the spot */
	};
	forced_run(t, &r);
	expect_table(t, &r, MECH_INTERLEAVING);
	EXPECT_MSG(t, r.tally[0].lost == r.runs, "an area was lost in %u of %u runs",
		   r.tally[0].lost, r.runs);
	test_record(t, "\"tries\":%u,\"caught\":%u,\"lost\":%u", r.wanted, r.caught,
		    r.tally[0].lost);
}
TEST(rmap, two_insertions, TEST_RACE, test_two_insertions, .min_cpus = 2);
