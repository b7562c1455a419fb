/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the claims share: evidence, gathered in words while it is measured. */
#pragma once

#include <test/litmus.h>

#include "order.h"

#define EVIDENCE_MAX 900

/* One claim's test. Lives on no stack: too large. */
struct claim {
	struct test *t;
	const char *id, *by;
	char evidence[EVIDENCE_MAX];
	char tests[400]; /* names of what it rests on */
	size_t evidence_len, tests_len;
	bool seen_weak; /* a weak outcome that is allowed here showed itself */
	bool failed;	/* something came out as it must not */
	bool unknown;	/* no model says what part of it may come out as here */
};

/* Start anew. */
void claim_begin(struct claim *c, struct test *t, const char *id, const char *by);
/* Add words to the evidence, with "; " before them. Plain text: no quotes, no backslashes. */
void claim_say(struct claim *c, const char *fmt, ...) __printf(2, 3);
/* It rests on the test @name too: say each once. */
void claim_rests_on(struct claim *c, const char *name);
/*
 * Write the record. @result as thread.md lists them; @basis says what it rests on: "model", or what
 * runs us, as tests_accel(), or both. Nothing is shown by a claim that failed: then the record says
 * "contradicted", and the test has failed. ("refuted" is a verdict: the claim is wrong here.) Where
 * the ISA's model is not known it says "unknown", and the test is skipped.
 */
void claim_end(struct claim *c, const char *result, const char *basis);

/*
 * Run the litmus test @name for @ns and say what came. Fails the claim if what the model forbids
 * here is seen. False: it could not run.
 */
bool claim_litmus(struct claim *c, const char *name, u64 ns, struct litmus_result *r);
/*
 * Race the functions of the variant @name (order.c) in @shape and say what came; a SHAPE that needs
 * more CPUs than there are is left out, and said so.
 */
bool claim_race(struct claim *c, const char *name, enum order_shape shape, enum order_edge edge,
		u64 ns);
/*
 * Say what the models think of a row, and return whether they think as @expect says: a letter ('A',
 * 'F', or '.' for whatever) for each enum litmus_model behind MODEL_NONE; whatever for the rest.
 */
bool claim_model(struct claim *c, const char *row, const char *expect);

/* "tcg+model", "kvm+model", ...: measured here and by the models. */
const char *claim_basis_both(void);
