/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forced tests: one for each variant and mechanism but ordering, rmap.<variant>.<mechanism>.
 * What they run is forced_scenarios.c's, what they expect of the variant in all is the variants'
 * table's, and both must agree.
 */
#include <lib/errno.h>

#include "forced.h"

struct forced_case {
	const char *variant; /* ops->name */
	enum mechanism mech;
};

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

static void test_forced(struct test *t)
{
	static struct forced_run r; /* too large for a stack */
	static char scenarios[1280];
	const struct forced_case *c = t->tc->data;
	const struct anon_vma_variant *v = anon_vma_variant_find(c->variant);
	enum mechanism mech = c->mech;
	const char *result;

	if (forced_skip(t) || !EXPECT(t, v != NULL))
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

#define FORCED(v, m, mechanism) \
	static const struct forced_case forced_##v##_##m = { #v, mechanism }; \
	static const struct test_case __test_forced_##v##_##m __used __section(".tests") \
		__aligned(8) = { \
			.name = "rmap." #v "." #m, \
			.kind = TEST_RACE, \
			.fn = test_forced, \
			.data = &forced_##v##_##m, \
			.min_cpus = 2, \
		}
#define FORCED_ALL(v) \
	FORCED(v, interleaving, MECH_INTERLEAVING); \
	FORCED(v, reuse, MECH_REUSE); \
	FORCED(v, release, MECH_RELEASE); \
	FORCED(v, deadlock, MECH_DEADLOCK)

FORCED_ALL(v0);
FORCED_ALL(v1);
FORCED_ALL(v2);
FORCED_ALL(v3);
FORCED_ALL(v3f);
FORCED_ALL(v4);
FORCED_ALL(v5);
FORCED_ALL(v6);
FORCED_ALL(v7);
FORCED_ALL(v8);
FORCED_ALL(v9);
FORCED_ALL(v10);
FORCED_ALL(w1);
FORCED_ALL(w2);
FORCED_ALL(w3);
FORCED_ALL(w4);
FORCED_ALL(default);

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
	};
	static struct forced_run r; /* too large for a stack */

	if (forced_skip(t))
		return;
	ops = anon_vma_ops_v0;
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
