/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The claims of the discussion that forced races can decide: rmap.C1, C13, C14, C15. Each runs its
 * scenarios on a variant that the claim calls right and on one that it calls wrong, and is shown
 * only if every run of both went as claimed.
 */
#include <kernel/printk.h>

#include "forced.h"

/* Too large for a stack; one test runs at a time. */
static struct forced_run right, wrong, other;

static void claim_run(struct test *t, struct forced_run *r, const char *variant, const char *only,
		      enum mechanism mech)
{
	*r = (struct forced_run){
		.v = anon_vma_variant_find(variant),
		.mech = mech,
		.only = only,
	};
	if (EXPECT(t, r->v != NULL))
		forced_run(t, r);
}

/* What was caught, and what should be. */
static void caught_count(const struct forced_run *r, unsigned int *caught, unsigned int *wanted)
{
	*caught = *wanted = 0;
	for (unsigned int i = 0; i < r->nr; i++) {
		*caught += r->tally[i].caught;
		*wanted += r->tally[i].tries;
	}
}

static unsigned int excluded_count(const struct forced_run *r)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->nr; i++)
		n += r->tally[i].excluded;
	return n;
}

static unsigned int held_off_count(const struct forced_run *r)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->nr; i++)
		n += r->tally[i].held_off;
	return n;
}

static const struct forced_tally *tally_of(const struct forced_run *r, enum look look)
{
	for (unsigned int i = 0; i < r->nr; i++)
		if (r->tally[i].look == look)
			return &r->tally[i];
	return NULL;
}

/* All runs went as their scenarios say, or the test has failed by now; and so did the rest? */
static void claim_record(struct test *t, const char *id, const char *by, bool shown,
			 const char *tests, const char *evidence)
{
	shown &= !t->failures;
	EXPECT_MSG(t, shown, "%s is not shown: %s", id, evidence);
	test_record(t,
		    "\"claim\":\"%s\",\"by\":\"%s\",\"result\":\"%s\",\"evidence\":\"%s\","
		    "\"tests\":\"%s\"",
		    id, by, shown ? "shown" : "contradicted", evidence, tests);
}

/* C1, Piggin: publishing before linking is a race even in program order. */
static void test_c1(struct test *t)
{
	unsigned int caught, wanted;
	char evidence[512];

	if (forced_skip(t))
		return;
	claim_run(t, &wrong, "v0", " publish ", MECH_INTERLEAVING);
	claim_run(t, &right, "v1", " publish ", MECH_INTERLEAVING);
	claim_run(t, &other, "v5", " publish ", MECH_INTERLEAVING);
	caught_count(&wrong, &caught, &wanted);
	snprintf(evidence, sizeof(evidence),
		 "V0: %u of %u walks between the publishing and the linking missed the entry (%s); "
		 "V1, which links first: %u of %u reported; V5, which holds the lock around both: "
		 "%u of %u, %u walks waited for the lock",
		 caught, wanted, detector_name(wrong.detector), right.unexpected, right.runs,
		 other.unexpected, other.runs, excluded_count(&other));
	claim_record(t, "C1", "Nick Piggin",
		     wanted && caught == wanted && !right.wanted && !other.wanted &&
			     !excluded_count(&right) && excluded_count(&other) == other.runs,
		     "rmap.v0.interleaving rmap.v1.interleaving rmap.v5.interleaving", evidence);
}

/* "page_referenced() 9 of 9, swap ...": runs in which the list that was walked was another's. */
static void wrong_lists_say(const struct forced_run *r, char *buf, size_t size)
{
	static const char *const names[LOOK_NR] = {
		[LOOK_REFERENCED] = "page_referenced()",
		[LOOK_SWAP] = "swap",
		[LOOK_MIGRATE] = "migration",
		[LOOK_UNMAP] = "try_to_unmap()",
		[LOOK_LOCK] = "page_lock_anon_vma()",
	};
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < r->nr && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s %u of %u", i ? ", " : "",
			      names[r->tally[i].look], r->tally[i].wrong_lists, r->tally[i].runs);
}

static unsigned int wrong_lists_count(const struct forced_run *r)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->nr; i++)
		n += r->tally[i].wrong_lists;
	return n;
}

/* C13, Dickins: walking the wrong anon_vma's list is harmless: the page is not found on it. */
static void test_c13(struct test *t)
{
	const struct forced_tally *looked;
	unsigned int walked, filtered;
	char by_look[192], evidence[512];

	if (forced_skip(t))
		return;
	claim_run(t, &wrong, "v5", " stale-last ", MECH_REUSE);
	claim_run(t, &right, "v6", " stale-last ", MECH_REUSE);
	looked = tally_of(&wrong, LOOK_LOCK);
	walked = wrong_lists_count(&wrong);
	filtered = wrong_lists_count(&right);
	wrong_lists_say(&wrong, by_look, sizeof(by_look));
	snprintf(evidence, sizeof(evidence),
		 "V5: walks of a list that was another space's by then: %s; there %u areas were "
		 "looked at by hand, %u entries of the page found; %u of %u runs reported by a "
		 "detector, %lu checks failed (contents, lists, balances), V6 included; V6: such "
		 "walks in %u of %u runs",
		 by_look, looked->areas, looked->mapped, wrong.unexpected, wrong.runs, t->failures,
		 filtered, right.runs);
	test_record(t, "\"wrong_lists\":%u,\"areas\":%u,\"entries\":%u", walked, looked->areas,
		    looked->mapped);
	claim_record(t, "C13", "Hugh Dickins",
		     walked && walked == wrong.runs && looked->areas && !looked->mapped &&
			     !wrong.wanted && !filtered,
		     "rmap.v5.reuse rmap.v6.reuse", evidence);
}

/* C14, Dickins: page_mapped() inside the RCU reader says that the memory is still an anon_vma. */
static void test_c14(struct test *t)
{
	unsigned int caught, wanted, caught_w4, wanted_w4;
	char evidence[512];

	if (forced_skip(t))
		return;
	claim_run(t, &right, "v5", " gone unmapped ", MECH_RELEASE);
	claim_run(t, &wrong, "w1", " gone unmapped ", MECH_RELEASE);
	claim_run(t, &other, "w4", " gone unmapped ", MECH_RELEASE);
	caught_count(&wrong, &caught, &wanted);
	caught_count(&other, &caught_w4, &wanted_w4);
	snprintf(evidence, sizeof(evidence),
		 "V5: a lock in other memory reported in %u of %u runs, the memory kept by the "
		 "reader in %u; W1, which does not look before the lock: %u of %u (%s); "
		 "W4, where no grace period keeps the memory: %u of %u; classic and preemptible "
		 "RCU",
		 right.unexpected, right.runs, held_off_count(&right), caught, wanted,
		 detector_name(wrong.detector), caught_w4, wanted_w4);
	claim_record(t, "C14", "Hugh Dickins",
		     wanted && caught == wanted && wanted_w4 && caught_w4 == wanted_w4 &&
			     !right.wanted && held_off_count(&right),
		     "rmap.v5.release rmap.w1.release rmap.w4.release", evidence);
}

/* C15, Piggin: locked, and the page still mapped: then the RCU reader may end. */
static void test_c15(struct test *t)
{
	unsigned int caught, wanted;
	char evidence[512];

	if (forced_skip(t))
		return;
	claim_run(t, &right, "v7", " held ", MECH_RELEASE);
	claim_run(t, &wrong, "w3", " held ", MECH_RELEASE);
	claim_run(t, &other, "v7", " mapped ", MECH_RELEASE);
	caught_count(&wrong, &caught, &wanted);
	snprintf(evidence, sizeof(evidence),
		 "V7: memory given back under its lock reported in %u of %u runs; locked, mapped, "
		 "and the reader ended: exit waited for the lock in %u of %u; W3, without the "
		 "second look: %u of %u (%s) with preemptible RCU; with classic RCU, or inside the "
		 "reader of migration, the holder kept the memory in %u of %u runs",
		 right.unexpected, right.runs, excluded_count(&other), other.runs, caught, wanted,
		 detector_name(wrong.detector), held_off_count(&wrong), wrong.runs - wanted);
	claim_record(t, "C15", "Nick Piggin",
		     wanted && caught == wanted && !right.wanted &&
			     held_off_count(&wrong) == wrong.runs - wanted && !other.wanted &&
			     excluded_count(&other) == other.runs,
		     "rmap.v7.release rmap.w3.release", evidence);
}

#define CLAIM(id, func) \
	static const struct test_case __test_claim_##id __used __section(".tests") __aligned( \
		8) = { .name = "rmap." #id, .kind = TEST_RACE, .fn = func, .min_cpus = 2 }

CLAIM(C1, test_c1);
CLAIM(C13, test_c13);
CLAIM(C14, test_c14);
CLAIM(C15, test_c15);
