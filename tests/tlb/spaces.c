/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several address spaces: the same address in each, ids running out, flushes of every size, the
 * end.
 */
#include <arch/barrier.h>
#include <lib/errno.h>
#include <lib/random.h>
#include <lib/string.h>
#include <test/space.h>
#include <test/step.h>

/* ---- isolation ---- */

#define SPACES_MAX 40

struct spaces_test {
	struct test *t;
	unsigned int nr;
	unsigned int rounds; /* at least, and until end */
	u64 end, seed;
	struct space s[SPACES_MAX];
	struct page *frame[SPACES_MAX];
	u64 wrong[NR_CPUS];
};

static struct spaces_test spaces;

static bool spaces_create(struct test *t, struct spaces_test *st, unsigned int nr)
{
	memset(st, 0, sizeof(*st));
	st->t = t;
	st->seed = rng_next(&t->rng);
	for (; st->nr < nr; st->nr++) {
		struct space *s = &st->s[st->nr];

		if (!space_create(t, s))
			return false;
		st->frame[st->nr] = frame_create(t);
		if (!st->frame[st->nr]) {
			space_destroy(s);
			return false;
		}
		*frame_word(st->frame[st->nr], 0) = 1000 + st->nr;
		space_map(s, 0, st->frame[st->nr], SPACE_RW);
	}
	return true;
}

static void spaces_destroy(struct spaces_test *st)
{
	while (st->nr--) {
		ptep_get_and_clear(&st->s[st->nr].pte[0]);
		space_destroy(&st->s[st->nr]);
		frame_free(st->frame[st->nr]);
	}
}

/*
 * Load one after another at random: each shows its own frame, and a word that this CPU left there.
 */
static void spaces_on_cpu(void *arg, unsigned int cpu)
{
	struct spaces_test *st = arg;
	u64 left[SPACES_MAX] = { 0 }, val = 0, mark = 0;
	struct rng rng;

	rng_seed(&rng, st->seed + cpu, st->t->tc->name);
	for (unsigned int i = 0; i < st->rounds || clock_ns() < st->end; i++) {
		unsigned int n = rng_below(&rng, st->nr);
		u64 *word = (u64 *)SPACE_VA + 1 + cpu;

		space_load(&st->s[n]);
		st->wrong[cpu] += arch_user_read64((const u64 *)SPACE_VA, &val) || val != 1000 + n;
		st->wrong[cpu] += arch_user_read64(word, &mark) || mark != left[n];
		left[n]++;
		st->wrong[cpu] += arch_user_write64(word, left[n]) != 0;
	}
}

static void spaces_check(struct test *t, struct spaces_test *st)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		EXPECT_MSG(t, !st->wrong[cpu], "cpu %u saw another address space %llu times", cpu,
			   (unsigned long long)st->wrong[cpu]);
	test_record(t, "\"asids\":%u,\"rollovers\":%lu", tlb_nr_asids(), tlb_asid_rollovers());
}

static void test_isolation(struct test *t)
{
	struct spaces_test *st = &spaces;

	if (spaces_create(t, st, 2)) {
		st->rounds = 500;
		on_cpus(spaces_on_cpu, st);
		spaces_check(t, st);
	}
	spaces_destroy(st);
}
TEST(tlb, isolation, TEST_ASSERT, test_isolation);

/* As few ids as there may be, and many more address spaces. */
static void rollover_run(struct test *t)
{
	struct spaces_test *st = &spaces;
	unsigned long before;

	tlb_limit_asids(1);
	before = tlb_asid_rollovers();
	if (spaces_create(t, st, MIN(SPACES_MAX, 3 * (smp_nr_online() + 2)))) {
		/* Rounds, since the host may stop the machine for as long as that. */
		st->rounds = 30;
		st->end = clock_ns() + t->budget_ns;
		on_cpus(spaces_on_cpu, st);
		spaces_check(t, st);
		EXPECT_MSG(t, tlb_asid_rollovers() > before + 1, "%lu times",
			   tlb_asid_rollovers() - before);
	}
	spaces_destroy(st);
	tlb_limit_asids(0);
}

static bool asids_missing(struct test *t)
{
	if (tlb_nr_asids() > 1)
		return false;
	test_skip(t, "this CPU has no address-space ids that could run out");
	return true;
}

/* What can be seen anywhere: they run out, and each id leads to the tables of its space. */
static void test_rollover(struct test *t)
{
	if (!asids_missing(t))
		rollover_run(t);
}
TEST(tlb, rollover, TEST_RACE, test_rollover);

/* And what only a TLB shows that keeps what it has: no id has translations of another space. */
static void test_ids_apart(struct test *t)
{
	struct spaces_test *st = &spaces;
	bool kept = false;

	if (asids_missing(t))
		return;
	if (spaces_create(t, st, 2))
		kept = space_tlb_keeps(&st->s[0], &st->s[1], 0);
	spaces_destroy(st);
	if (kept)
		rollover_run(t);
	else
		test_skip(t, "unobservable: the TLB keeps nothing over a change of address space, "
			     "so no id can show another's translations (E15)");
}
TEST(tlb, ids_apart, TEST_RACE, test_ids_apart);

/* ---- flushes of each size, all CPUs having used all pages ---- */

#define FLUSH_PAGES 100

static struct flush_test {
	struct test *t;
	struct space s;
	struct page *frame[2];
	u32 arrived, phase;	/* steps: of the others, of CPU 0 */
	unsigned int first, nr; /* pages that were remapped; ordered by phase */
} flush;

/* Every page, so that the TLB knows it; remapped ones (of @first, @nr) must show frame 1. */
static void flush_read_all(struct flush_test *f)
{
	unsigned int wrong = 0;
	u64 val = 0;

	for (unsigned int n = 0; n < FLUSH_PAGES; n++) {
		u64 expected = n >= f->first && n < f->first + f->nr;

		wrong += space_read(n, &val) || val != expected;
	}
	EXPECT_MSG(f->t, !wrong, "%u of pages %u..%u are stale", wrong, f->first, f->first + f->nr);
}

static void flush_on_cpu(void *arg, unsigned int cpu)
{
	struct flush_test *f = arg;

	space_load(&f->s);
	flush_read_all(f);
	step_up(&f->arrived);
	step_wait("CPU 0", &f->phase, 1);
	flush_read_all(f);
	step_up(&f->arrived);
}

static void flush_pages(struct flush_test *f, unsigned int first, unsigned int nr, bool all)
{
	unsigned int n, others = smp_nr_online() - 1;

	f->first = f->nr = f->phase = f->arrived = 0;
	for (n = 0; n < FLUSH_PAGES; n++)
		space_map(&f->s, n, f->frame[0], SPACE_RW);
	on_other_cpus_start(flush_on_cpu, f);
	space_load(&f->s);
	flush_read_all(f);
	step_wait("the other CPUs", &f->arrived, others);
	for (n = first; n < first + nr; n++)
		ptep_get_and_clear(&f->s.pte[n]);
	if (all)
		tlb_flush_mm(&f->s.mm);
	else if (nr == 1)
		tlb_flush_page(&f->s.mm, space_va(first));
	else
		tlb_flush_range(&f->s.mm, space_va(first), space_va(first + nr));
	for (n = first; n < first + nr; n++)
		space_map(&f->s, n, f->frame[1], SPACE_RW);
	f->first = first;
	f->nr = nr;
	step_to(&f->phase, 1);
	flush_read_all(f);
	on_other_cpus_wait();
	for (n = 0; n < FLUSH_PAGES; n++)
		ptep_get_and_clear(&f->s.pte[n]);
	tlb_flush_mm(&f->s.mm);
	space_load(NULL);
}

static void test_flush_sizes(struct test *t)
{
	struct flush_test *f = &flush;

	f->t = t;
	if (!space_create(t, &f->s))
		return;
	f->frame[0] = frame_create(t);
	f->frame[1] = frame_create(t);
	if (f->frame[0] && f->frame[1]) {
		*frame_word(f->frame[1], 0) = 1;
		space_faults_begin();
		flush_pages(f, 7, 1, false);
		flush_pages(f, 3, 2, false);
		flush_pages(f, 10, ARCH_TLB_FLUSH_PAGES_MAX, false);
		flush_pages(f, 10, ARCH_TLB_FLUSH_PAGES_MAX + 1, false);
		flush_pages(f, 0, FLUSH_PAGES, false);
		flush_pages(f, 50, 3, true);
		space_faults_end();
	}
	space_destroy(&f->s);
	frame_free(f->frame[0]);
	frame_free(f->frame[1]);
}
TEST(tlb, flush_sizes, TEST_ASSERT, test_flush_sizes);

/* ---- the end: no CPU keeps it, not even one that has nothing else to load ---- */

static void destroy_on_cpu(void *arg, unsigned int cpu)
{
	struct flush_test *f = arg;
	u64 val = 0;

	space_load(&f->s);
	EXPECT(f->t, !space_read(0, &val));
	step_up(&f->arrived);
	step_wait("CPU 0", &f->phase, 1);
	EXPECT(f->t, mm_loaded() != &f->s.mm);
	EXPECT(f->t, space_read(0, &val) == -EFAULT);
}

static void test_destroy(struct test *t)
{
	struct flush_test *f = &flush;
	unsigned int others = smp_nr_online() - 1;
	u64 val = 0;

	f->t = t;
	f->phase = f->arrived = 0;
	if (!space_create(t, &f->s))
		return;
	f->frame[0] = frame_create(t);
	if (f->frame[0]) {
		space_map(&f->s, 0, f->frame[0], SPACE_RW);
		on_other_cpus_start(destroy_on_cpu, f);
		space_load(&f->s);
		EXPECT(t, !space_read(0, &val));
		step_wait("the other CPUs", &f->arrived, others);
		ptep_get_and_clear(&f->s.pte[0]);
		tlb_flush_page(&f->s.mm, space_va(0));
		tlb_mm_destroy(&f->s.mm);
		EXPECT_MSG(t, !f->s.mm.cpus_used, "%llx", (unsigned long long)f->s.mm.cpus_used);
		EXPECT(t, mm_loaded() != &f->s.mm && space_read(0, &val) == -EFAULT);
		step_to(&f->phase, 1);
		on_other_cpus_wait();
	}
	space_destroy(&f->s);
	frame_free(f->frame[0]);
}
TEST(tlb, destroy, TEST_ASSERT, test_destroy);
