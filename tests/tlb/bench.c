/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What it costs to take one page away and give it back: to the CPU that asks, with nobody else
 * using the space, and with every CPU using it.
 */
#include <kernel/clock.h>
#include <test/space.h>
#include <test/step.h>

#define BATCH 16

static struct bench {
	struct space s;
	struct page *frame;
	u32 stop, arrived; /* lockless, a flag; a step */
} bench;

static void bench_on_cpu(void *arg, unsigned int cpu)
{
	struct bench *b = arg;
	u64 val;

	space_load(&b->s);
	step_up(&b->arrived);
	while (!READ_ONCE(b->stop))
		space_read(0, &val);
}

/* Nanoseconds for one round, over at least @ns. */
static u64 bench_rounds(struct bench *b, u64 ns)
{
	u64 start = clock_ns(), spent, rounds = 0, val;

	do {
		for (unsigned int i = 0; i < BATCH; i++) {
			ptep_get_and_clear(&b->s.pte[0]);
			tlb_flush_page(&b->s.mm, space_va(0));
			space_map(&b->s, 0, b->frame, SPACE_RW);
			tlb_pte_added(&b->s.mm, space_va(0));
			space_read(0, &val);
		}
		rounds += BATCH;
		spent = clock_ns() - start;
	} while (spent < ns);
	return spent / rounds;
}

static void bench_flush(struct test *t)
{
	struct bench *b = &bench;
	u64 alone, all;

	b->stop = b->arrived = 0;
	if (!space_create(t, &b->s))
		return;
	b->frame = frame_create(t);
	if (b->frame) {
		space_map(&b->s, 0, b->frame, SPACE_RW);
		space_faults_begin();
		space_load(&b->s);
		alone = bench_rounds(b, t->budget_ns / 2);
		on_other_cpus_start(bench_on_cpu, b);
		step_wait("the other CPUs", &b->arrived, smp_nr_online() - 1);
		all = bench_rounds(b, t->budget_ns / 2);
		WRITE_ONCE(b->stop, 1);
		on_other_cpus_wait();
		space_load(NULL);
		space_faults_end();
		test_check(t);
		test_record(t, "\"alone_ns\":%llu,\"all_ns\":%llu,\"cpus\":%u",
			    (unsigned long long)alone, (unsigned long long)all, smp_nr_online());
		if (smp_nr_online() > 1)
			test_record_ratio(t, "time_all_cpus_to_alone", all, alone);
	}
	ptep_get_and_clear(&b->s.pte[0]);
	space_destroy(&b->s);
	frame_free(b->frame);
}
TEST(bench, tlb_flush, TEST_BENCH, bench_flush);
