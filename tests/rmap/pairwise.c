/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * C7: a machine that orders stores by pairs of CPUs only would break Linux.
 *
 * There is no such machine to be had, so here is one on paper: every CPU has a copy of the memory
 * of its own; a store goes to each other CPU by a way of its own, on which nothing overtakes. So
 * any two CPUs agree on the order of what passes between them: with fences or without, since each
 * CPU is in order. What nothing ties down is when a store of CPU 0 comes to CPU 2, compared with a
 * store that CPU 1 made because it had seen the first.
 *
 * The same machine with cumulative fences: a fence waits until all that its CPU has stored, or has
 * seen of others, is everywhere. Real fences act so (Power ISA 3.0B Book II, "cumulative").
 *
 * All executions of a program are explored. Every variable is written once, by one CPU, from 0 to
 * 1; so what a CPU sees follows from how many stores of each other CPU have come to it.
 */
#include <lib/string.h>

#include "claims.h"

#define CPUS	    3
#define OPS_MAX	    4
#define STATES_LOG2 12
#define STATES_MAX  (1U << STATES_LOG2)

enum op_kind { OP_END, OP_WRITE, OP_READ, OP_FENCE };
struct op {
	u8 kind, var, reg;
};
#define W(v) \
	{ \
		OP_WRITE, v, 0 \
	}
#define R(v, r) \
	{ \
		OP_READ, v, r \
	}
#define FENCE \
	{ \
		OP_FENCE, 0, 0 \
	}

enum { X, Y, Z };

/* Registers are numbered through all CPUs. */
struct program {
	struct op op[CPUS][OPS_MAX + 1];
	u8 ones, zeros; /* the outcome: registers, as bits, that are 1, and that are 0 */
};

/* Two CPUs: write x, then y; who sees y sees x. */
static const struct program message = {
	.op = { { W(X), FENCE, W(Y) }, { R(Y, 0), FENCE, R(X, 1) } },
	.ones = 0x1,
	.zeros = 0x2,
};
/* C6 with its fences. */
static const struct program causality = {
	.op = { { W(X) }, { R(X, 0), FENCE, W(Y) }, { R(Y, 1), FENCE, R(X, 2) } },
	.ones = 0x3,
	.zeros = 0x4,
};
/*
 * The anon_vma: constructed (x) and published (y) by the first fault, handed on to page->mapping
 * (z) by the second, followed by reclaim.
 */
static const struct program anon_vma_handed_on = {
	.op = { { W(X), FENCE, W(Y) }, { R(Y, 0), W(Z) }, { R(Z, 1), R(X, 2) } },
	.ones = 0x3,
	.zeros = 0x4,
};

struct state {
	u8 pc[CPUS];
	u8 got[CPUS][CPUS]; /* got[to][from]: how many stores of @from have come to @to */
	u8 regs;	    /* bits */
};

static struct {
	const struct program *program;
	bool cumulative;
	u32 visited[STATES_MAX]; /* hash table of states as words, plus 1; 0: empty */
	unsigned int nr_states;
	bool full;
	bool reached; /* the outcome */
} explorer;

static u32 state_word(const struct state *s)
{
	u32 word = s->regs;

	for (int to = 0; to < CPUS; to++) {
		word = word << 3 | s->pc[to];
		for (int from = 0; from < CPUS; from++)
			if (from != to)
				word = word << 2 | s->got[to][from];
	}
	return word;
}

/* False if @s was visited before. */
static bool visit(const struct state *s)
{
	u32 word = state_word(s) + 1, at = word * 2654435761U >> (32 - STATES_LOG2);

	while (explorer.visited[at] && explorer.visited[at] != word)
		at = (at + 1) % STATES_MAX;
	if (explorer.visited[at] == word)
		return false;
	if (explorer.nr_states + 1 == STATES_MAX) {
		explorer.full = true;
		return false;
	}
	explorer.visited[at] = word;
	explorer.nr_states++;
	return true;
}

/* Has the store to @var come to @cpu? */
static bool sees(const struct state *s, int cpu, u8 var)
{
	for (int from = 0; from < CPUS; from++) {
		u8 nth = 0;

		for (const struct op *op = explorer.program->op[from]; op->kind; op++) {
			if (op->kind == OP_WRITE && op->var == var)
				return nth < s->got[cpu][from];
			nth += op->kind == OP_WRITE;
		}
	}
	return false;
}

/* May @cpu's fence end? What it has seen, and stored (got[cpu][cpu]), must be everywhere. */
static bool fence_done(const struct state *s, int cpu)
{
	if (!explorer.cumulative)
		return true;
	for (int to = 0; to < CPUS; to++)
		for (int from = 0; from < CPUS; from++)
			if (s->got[to][from] < s->got[cpu][from])
				return false;
	return true;
}

static void explore(const struct state *s);

static void explore_step(const struct state *s, int cpu)
{
	const struct op *op = &explorer.program->op[cpu][s->pc[cpu]];
	struct state next = *s;

	if (op->kind == OP_END || (op->kind == OP_FENCE && !fence_done(s, cpu)))
		return;
	next.pc[cpu]++;
	if (op->kind == OP_WRITE)
		next.got[cpu][cpu]++;
	else if (op->kind == OP_READ && sees(s, cpu, op->var))
		next.regs |= 1 << op->reg;
	explore(&next);
}

static void explore(const struct state *s)
{
	const struct program *p = explorer.program;
	bool over = true;

	if (!visit(s))
		return;
	for (int cpu = 0; cpu < CPUS; cpu++) {
		over &= p->op[cpu][s->pc[cpu]].kind == OP_END;
		explore_step(s, cpu);
	}
	/* The next store on the way from one CPU to another arrives. */
	for (int to = 0; to < CPUS; to++) {
		for (int from = 0; from < CPUS; from++) {
			struct state next = *s;

			if (s->got[to][from] == s->got[from][from])
				continue;
			next.got[to][from]++;
			explore(&next);
		}
	}
	if (over && (s->regs & p->ones) == p->ones && !(s->regs & p->zeros))
		explorer.reached = true;
}

/* Can the outcome come about? Adds the states that were looked at to *states. */
static bool reaches(struct test *t, const struct program *p, bool cumulative, unsigned int *states)
{
	struct state start = { 0 };

	memset(&explorer, 0, sizeof(explorer));
	explorer.program = p;
	explorer.cumulative = cumulative;
	explore(&start);
	EXPECT_MSG(t, !explorer.full, "more than %u states", STATES_MAX);
	*states += explorer.nr_states;
	return explorer.reached;
}

static void test_c7(struct test *t)
{
	static struct claim c;
	unsigned int pairwise = 0, cumulative = 0;
	bool breaks, fences, models;

	claim_begin(&c, t, "C7", "Nick Piggin");
	/* Between two CPUs both are sound: the machine is not merely without order. */
	EXPECT(t, !reaches(t, &message, false, &pairwise));
	EXPECT(t, !reaches(t, &message, true, &cumulative));
	breaks = reaches(t, &causality, false, &pairwise);
	breaks = reaches(t, &anon_vma_handed_on, false, &pairwise) && breaks;
	fences = reaches(t, &causality, true, &cumulative);
	fences = reaches(t, &anon_vma_handed_on, true, &cumulative) || fences;
	claim_say(&c,
		  "on a machine that orders pairs of CPUs alone (%u states) C6 with its fences, "
		  "and an anon_vma handed on to reclaim, %s",
		  pairwise, breaks ? "break" : "do not both break");
	claim_say(&c, "with cumulative fences (%u states) these %s", cumulative,
		  fences ? "break too" : "hold");
	models = claim_model(&c, "WRC+mb+mb", "FFFFFFF") &&
		 claim_model(&c, "WRC+addr+addr", "AFFFAFA");
	claim_say(&c,
		  "so Power and the LKMM need the fences' cumulativity, and no such machine runs "
		  "Linux: by model alone");
	claim_rests_on(&c, "rmap.C6");
	c.failed |= !breaks || fences || !models;
	claim_end(&c, "shown", "model");
}
TEST(rmap, C7, TEST_ASSERT, test_c7);
