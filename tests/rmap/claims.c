/* SPDX-License-Identifier: GPL-2.0-only */
/* How a claim's test gathers its evidence. */
#include "claims.h"

#include <kernel/detect.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/string.h>

#include "variants/variants.h"

#define RACED_MIN  300 /* fewer pointers followed say nothing ... */
#define ROUNDS_MAX 10  /* ... and a busy host gets so many times the time for them */

void claim_begin(struct claim *c, struct test *t, const char *id, const char *by)
{
	memset(c, 0, sizeof(*c));
	c->t = t;
	c->id = id;
	c->by = by;
}

void claim_say(struct claim *c, const char *fmt, ...)
{
	size_t room = sizeof(c->evidence) - c->evidence_len;
	va_list ap;
	int n = 0;

	if (c->evidence_len)
		n = snprintf(c->evidence + c->evidence_len, room, "; ");
	va_start(ap, fmt);
	n += vsnprintf(c->evidence + c->evidence_len + n, room - n, fmt, ap);
	va_end(ap);
	if (!EXPECT_MSG(c->t, (size_t)n < room, "the evidence of %s is too long", c->id))
		n = strlen(c->evidence + c->evidence_len);
	c->evidence_len += n;
}

void claim_rests_on(struct claim *c, const char *name)
{
	size_t room = sizeof(c->tests) - c->tests_len;
	int n;

	n = snprintf(c->tests + c->tests_len, room, "%s%s", c->tests_len ? " " : "", name);
	if (EXPECT_MSG(c->t, (size_t)n < room, "%s rests on too many tests", c->id))
		c->tests_len += n;
}

const char *claim_basis_both(void)
{
	static char basis[32];

	snprintf(basis, sizeof(basis), "%s+model", tests_accel());
	return basis;
}

void claim_end(struct claim *c, const char *result, const char *basis)
{
	test_check(c->t);
	test_record(c->t,
		    "\"claim\":\"%s\",\"by\":\"%s\",\"result\":\"%s\",\"basis\":\"%s\","
		    "\"evidence\":\"%s\",\"tests\":\"%s\"",
		    c->id, c->by,
		    c->failed	 ? "contradicted"
		    : c->unknown ? "unknown"
				 : result,
		    basis, c->evidence, c->tests);
	if (c->failed)
		test_fail(c->t, "%s: %s", c->id, c->evidence);
	else if (c->unknown)
		test_skip(c->t, "no model of %s says what may come out of what %s rests on",
			  ARCH_NAME, c->id);
}

/* "never in 1234", "7 times in 1234". */
static const char *count_text(u64 weak, u64 of)
{
	static char text[64];

	if (weak)
		snprintf(text, sizeof(text), "%llu times in %llu", (unsigned long long)weak,
			 (unsigned long long)of);
	else
		snprintf(text, sizeof(text), "never in %llu", (unsigned long long)of);
	return text;
}

/* What a race says of the claim: a defect of what runs us says nothing. */
static void judge(struct claim *c, const struct litmus_result *r)
{
	c->unknown |= r->expect == LITMUS_UNKNOWN;
	c->failed |= r->expect == LITMUS_FORBID && r->weak;
	c->seen_weak |= r->expect != LITMUS_FORBID && r->weak;
}

bool claim_litmus(struct claim *c, const char *name, u64 ns, struct litmus_result *r)
{
	const struct litmus_test *lt = litmus_find(name);

	*r = (struct litmus_result){ 0 };
	if (!EXPECT_MSG(c->t, lt != NULL, "there is no test %s", name))
		return false;
	claim_rests_on(c, name);
	if (smp_nr_online() < lt->nr_threads) {
		claim_say(c, "%s needs %u CPUs", name, lt->nr_threads);
		return true;
	}
	if (!litmus_measure(c->t, lt, name, ns, r))
		return false;
	claim_say(c, "%s %s, seen %s%s", name + strlen("litmus."), litmus_expect_word(r->expect),
		  count_text(r->weak, r->iterations),
		  r->sc_seen > 1 ? "" : " (the threads hardly met)");
	if (r->defect)
		claim_say(c, "a known defect: %s", r->defect);
	else
		judge(c, r);
	return true;
}

bool claim_race(struct claim *c, const char *name, enum order_shape shape, enum order_edge edge,
		u64 ns)
{
	static const char *const text[SHAPE_NR] = { "2 CPUs", "3 CPUs", "3 CPUs and the LRU" };
	const struct anon_vma_variant *v = anon_vma_variant_find(name);
	static struct detect_trap trap;
	static struct litmus_result r;
	char test[32];
	bool ok;

	if (!EXPECT_MSG(c->t, v != NULL, "there is no variant %s", name))
		return false;
	snprintf(test, sizeof(test), "rmap.%s.ordering", name);
	claim_rests_on(c, test);
	if (smp_nr_online() < order_threads(shape)) {
		claim_say(c, "%s with %s: not enough CPUs", v->id, text[shape]);
		return true;
	}
	r = (struct litmus_result){ 0 };
	detect_trap_set(&trap);
	ok = order_begin(c->t, v->ops);
	if (ok) {
		for (int i = 0; i < ROUNDS_MAX && ok && order_followed(shape, &r) < RACED_MIN; i++)
			ok = order_race(c->t, shape, edge, ns, &r);
		order_end(c->t);
	}
	detect_trap_clear();
	if (!ok)
		return false;
	EXPECT_MSG(c->t, trap.first.detector == DETECT_NONE, "%s: %s",
		   detector_name(trap.first.detector), trap.first.text);
	EXPECT_MSG(c->t, order_followed(shape, &r),
		   "timeout: no CPU ever found what another had published");
	claim_say(c, "%s's own functions, %s: %s, uninitialised %s", v->id, text[shape],
		  litmus_expect_word(r.expect), count_text(r.weak, order_followed(shape, &r)));
	judge(c, &r);
	return true;
}

bool claim_model(struct claim *c, const char *row, const char *expect)
{
	static const char *const names[MODEL_NR] = {
		[MODEL_LKMM] = "LKMM",	     [MODEL_X86_64] = "x86",
		[MODEL_ARM64] = "ARMv8",     [MODEL_RISCV64] = "RVWMO",
		[MODEL_POWERPC64] = "Power", [MODEL_ALPHA_LINUX] = "Alpha with Linux's fence",
		[MODEL_ALPHA_RAW] = "Alpha",
	};
	char allowed[120] = "";
	size_t len = 0;
	bool as_expected = true;

	for (unsigned int m = MODEL_NONE + 1; m < MODEL_NR; m++) {
		char verdict = litmus_verdict(row, m), want = *expect ? *expect++ : '.';

		if (!EXPECT_MSG(c->t, verdict, "no row %s", row))
			return false;
		if (verdict == 'A')
			len += snprintf(allowed + len, sizeof(allowed) - len, "%s%s",
					len ? ", " : "", names[m] ?: "another");
		as_expected &= want == '.' || want == verdict;
	}
	claim_say(c, "%s allowed by %s", row, len ? allowed : "no model");
	return as_expected;
}
