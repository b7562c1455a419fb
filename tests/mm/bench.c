/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operations of address spaces cost: on one CPU, and how that grows when two and four are
 * at it at once, each thread in an address space of its own ("fault.threads": all in one).
 *
 * Each measurement is that of the same name in tools/linux_bench/bench.c: same pages, same number
 * of rounds, a first round that is not counted, nanoseconds for one operation. So the two can be
 * set side by side (docs/linux-comparison.md). The record has the rounds themselves too.
 */
#include <kernel/clock.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <test/mm.h>

#define ROUNDS	      15 /* alone; of more threads, as many as tell a growth: */
#define ROUNDS_GROWTH 5
#define ROUNDS_CROWD  2 /* more CPUs than the host has cores: bench_pages() */
#define PAGES	      4096
#define FORKS_A_ROUND 4
#define CPUS_MAX      4

struct bench;

struct measure {
	const char *name;
	/* Nanoseconds of one operation, by the thread that has adopted its space. */
	u64 (*round)(struct bench *b, unsigned int me);
	unsigned long pages;
	bool shared;  /* all threads use one address space */
	bool one_cpu; /* children run where their parent does */
};

struct bench {
	const struct measure *m;
	unsigned long pages; /* of m, or fewer: bench_pages() */
	int rounds;
	struct crew *c;
	struct mm_struct *mm[CPUS_MAX];
	u64 ns[CPUS_MAX][ROUNDS]; /* of each thread */
};

/* ---- what is measured ---- */

static unsigned long bench_base(unsigned int me)
{
	return TEST_ADDR + me * (64UL << 20);
}

static void bench_map(struct bench *b, unsigned int me, unsigned long pages)
{
	long ret = sys_mmap(bench_base(me), pages * PAGE_SIZE, RW);

	if (ret < 0)
		test_fail(b->c->t, "mmap of %lu pages: error %ld", pages, ret);
}

static void bench_unmap(unsigned int me, unsigned long pages)
{
	sys_munmap(bench_base(me), pages * PAGE_SIZE);
}

/* Write to the first word of each page. */
static void bench_write(struct bench *b, unsigned int me, unsigned long pages)
{
	unsigned long base = bench_base(me);

	for (unsigned long i = 0; i < pages; i++)
		if (user_write64(base + i * PAGE_SIZE, i))
			test_fail(b->c->t, "write to page %lu", i);
	test_check(b->c->t);
}

static u64 fault_round(struct bench *b, unsigned int me)
{
	u64 start, ns;

	bench_map(b, me, b->pages);
	/* All at once; and nobody unmaps, which disturbs the others, before all have measured. */
	crew_meet(b->c, me);
	start = clock_ns();
	bench_write(b, me, b->pages);
	ns = clock_ns() - start;
	crew_meet(b->c, me);
	bench_unmap(me, b->pages);
	return ns / b->pages;
}

static u64 touch_round(struct bench *b, unsigned int me)
{
	u64 start, ns;

	bench_map(b, me, b->pages);
	bench_write(b, me, b->pages);
	start = clock_ns();
	bench_write(b, me, b->pages);
	ns = clock_ns() - start;
	bench_unmap(me, b->pages);
	return ns / b->pages;
}

static u64 munmap_round(struct bench *b, unsigned int me)
{
	u64 start;

	bench_map(b, me, b->pages);
	bench_write(b, me, b->pages);
	crew_meet(b->c, me);
	start = clock_ns();
	bench_unmap(me, b->pages);
	return (clock_ns() - start) / b->pages;
}

struct child {
	struct bench *b;
	unsigned int me;
	struct mm_struct *mm;
	bool writes; /* to each page, which copies it */
	u64 ns;
};

static void child_life(void *arg)
{
	struct child *c = arg;

	use_mm(c->mm);
	mmput(c->mm);
	if (c->writes) {
		u64 start = clock_ns();

		bench_write(c->b, c->me, c->b->pages);
		c->ns = (clock_ns() - start) / c->b->pages;
	}
	unuse_mm();
}

/* Fork, a thread that adopts the child and gives it up, and its end: as fork, exit and wait. */
static u64 fork_child(struct bench *b, unsigned int me, bool writes)
{
	struct child c = { .b = b, .me = me, .mm = dup_mm(b->mm[me]), .writes = writes };
	/* A copy is measured where its parent is: what matters is what one CPU needs for it. */
	bool here = b->m->one_cpu || writes;
	struct task_struct *task;

	if (!c.mm) {
		test_fail(b->c->t, "fork failed");
		return 0;
	}
	task = thread_create("child", here ? 1ULL << smp_processor_id() : ~0ULL, child_life, &c);
	if (task) {
		thread_join(task);
	} else {
		test_fail(b->c->t, "cannot start a thread");
		mmput(c.mm);
	}
	return c.ns;
}

static u64 cow_round(struct bench *b, unsigned int me)
{
	u64 ns;

	bench_map(b, me, b->pages);
	bench_write(b, me, b->pages);
	crew_meet(b->c, me);
	ns = fork_child(b, me, true);
	bench_unmap(me, b->pages);
	return ns;
}

static u64 fork_round(struct bench *b, unsigned int me)
{
	u64 start, ns;

	bench_map(b, me, b->pages);
	bench_write(b, me, b->pages);
	crew_meet(b->c, me);
	start = clock_ns();
	for (int i = 0; i < FORKS_A_ROUND; i++)
		fork_child(b, me, false);
	ns = clock_ns() - start;
	bench_unmap(me, b->pages);
	return ns / FORKS_A_ROUND;
}

/* ---- measuring ---- */

static void bench_thread(struct crew *c, unsigned int me)
{
	struct bench *b = c->arg;

	if (!me)
		b->c = c;
	crew_meet(c, me);
	use_mm(b->mm[me]);
	b->m->round(b, me);
	for (int i = 0; i < b->rounds; i++)
		b->ns[me][i] = b->m->round(b, me);
	unuse_mm();
}

static void sort_rounds(u64 *ns, int rounds)
{
	for (int i = 1; i < rounds; i++) {
		u64 x = ns[i];
		int at = i;

		for (; at && ns[at - 1] > x; at--)
			ns[at] = ns[at - 1];
		ns[at] = x;
	}
}

static void record_rounds(struct test *t, const char *name, const u64 *ns, int rounds)
{
	static char text[ROUNDS * 21];
	int len = 0;

	for (int i = 0; i < rounds; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s%llu", i ? "," : "",
				(unsigned long long)ns[i]);
	test_record(t, "\"rounds.%s\":[%s]", name, text);
}

/*
 * More CPUs than the host has cores mostly wait for a lock that is granted to one which the host
 * has put aside: a millisecond a page, of which a few pages tell enough. A fork keeps its pages, as
 * its time is for all of them.
 */
static unsigned long bench_pages(const struct measure *m, unsigned int nr)
{
	return nr > tests_racers() && m->round != fork_round ? m->pages / 16 : m->pages;
}

/*
 * @nr threads: the mean of theirs for each round, which is recorded as it came. The fastest and the
 * median; false if something failed.
 */
static bool bench_crew(struct test *t, const struct measure *m, unsigned int nr, u64 *fastest,
		       u64 *median)
{
	static struct bench b;
	bool tell = nr == 1 || m->shared;
	u64 ns[ROUNDS] = { 0 };
	char name[40];
	bool ok = true;

	b = (struct bench){ .m = m,
			    .pages = bench_pages(m, nr),
			    .rounds = nr > tests_racers() ? ROUNDS_CROWD
				      : tell && nr <= 2	  ? ROUNDS
							  : ROUNDS_GROWTH };
	for (unsigned int i = 0; i < nr && ok; i++) {
		if (i && m->shared) {
			b.mm[i] = b.mm[0];
			mmget(b.mm[0]);
		} else {
			b.mm[i] = mm_alloc();
		}
		ok = EXPECT(t, b.mm[i] != NULL);
	}
	if (ok)
		crew_run_fixed(t, nr, bench_thread, &b);
	for (unsigned int i = 0; i < nr && b.mm[i]; i++)
		mmput(b.mm[i]);
	for (int r = 0; r < b.rounds; r++) {
		for (unsigned int i = 0; i < nr; i++)
			ns[r] += b.ns[i][r] / nr;
		ok &= ns[r] > 0;
	}
	snprintf(name, sizeof(name), m->shared ? "%s.%u" : "%s", m->name, nr);
	if (ok && tell)
		record_rounds(t, name, ns, b.rounds);
	sort_rounds(ns, b.rounds);
	*fastest = ns[0];
	*median = ns[b.rounds / 2];
	return EXPECT(t, ok);
}

static void bench_mm(struct test *t)
{
	const struct measure *m = t->tc->data;
	u64 best, one, many;

	if (!bench_crew(t, m, 1, &best, &one))
		return;
	test_record(t, "\"ns\":%llu,\"ns_best\":%llu", (unsigned long long)one,
		    (unsigned long long)best);
	for (unsigned int nr = 2; nr <= CPUS_MAX && nr <= smp_nr_online(); nr *= 2) {
		char what[32];

		if (!bench_crew(t, m, nr, &best, &many))
			return;
		test_record(t, "\"ns_%u_cpus\":%llu", nr, (unsigned long long)many);
		/* Of another number of pages than alone: what is paid once weighs more. */
		if (bench_pages(m, nr) != m->pages)
			test_record(t, "\"pages_%u_cpus\":%lu,\"pages_1_cpu\":%lu", nr,
				    bench_pages(m, nr), m->pages);
		snprintf(what, sizeof(what), "time_%u_cpus_to_1", nr);
		test_record_ratio(t, what, many, one);
	}
}

#define MEASURE(id, ...) \
	static const struct measure measure_##id = { __VA_ARGS__ }; \
	TEST(bench, mm_##id, TEST_BENCH, bench_mm, .data = &measure_##id)

MEASURE(touch, "touch.mapped", touch_round, PAGES);
MEASURE(fault, "fault.anon", fault_round, PAGES);
MEASURE(cow, "fault.cow", cow_round, PAGES);
MEASURE(munmap, "munmap", munmap_round, PAGES);
MEASURE(fork, "fork.empty", fork_round, 1);
MEASURE(fork_pages, "fork.pages", fork_round, PAGES);
MEASURE(fork_one_cpu, "fork.empty.one-cpu", fork_round, 1, .one_cpu = true);
MEASURE(fork_pages_one_cpu, "fork.pages.one-cpu", fork_round, PAGES, .one_cpu = true);
MEASURE(threads, "fault.threads", fault_round, PAGES, .shared = true);

/* munmap alone, by the page, for small and large ranges. */
static void bench_munmap_sizes(struct test *t)
{
	static const unsigned long sizes[] = { 1, 16, 256, 4096 };
	u64 best[ARRAY_SIZE(sizes)];
	struct crew c = { .t = t, .nr = 1 };
	struct mm_struct *mm = mm_alloc();

	wait_queue_init(&c.meeting, "crew");
	if (!EXPECT(t, mm != NULL))
		return;
	use_mm(mm);
	for (unsigned int s = 0; s < ARRAY_SIZE(sizes); s++) {
		const struct measure m = { .pages = sizes[s] };
		struct bench b = { .m = &m, .pages = m.pages, .c = &c };

		best[s] = ~0ULL;
		for (int i = 0; i <= ROUNDS; i++)
			best[s] = MIN(best[s], munmap_round(&b, 0));
		test_record(t, "\"ns_per_page_%lu\":%llu", sizes[s], (unsigned long long)best[s]);
	}
	test_record_ratio(t, "time_a_page_alone_to_of_4096", best[0], best[3]);
	unuse_mm();
	mmput(mm);
}
TEST(bench, mm_munmap_sizes, TEST_BENCH, bench_munmap_sizes);
