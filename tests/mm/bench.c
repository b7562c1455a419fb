/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operations of address spaces cost: nanoseconds each, of the best of some rounds, and how
 * throughput grows from one CPU to all.
 */
#include <kernel/clock.h>
#include <kernel/string.h>

#include "lib.h"

#define ROUNDS 15
#define PAGES  1024

static struct mm_struct *bench_mm(struct test *t)
{
	struct mm_struct *mm = mm_alloc();

	EXPECT(t, mm != NULL);
	return mm;
}

static void write_pages(struct test *t, unsigned long base, unsigned long pages)
{
	for (unsigned long i = 0; i < pages; i++)
		if (user_write64(base + i * PAGE_SIZE, i))
			test_fail(t, "write of page %lu", i);
	test_check(t);
}

/* Nanoseconds that @pages faults take on a fresh mapping at @base of the current space. */
static u64 fault_round(struct test *t, unsigned long base, unsigned long pages, u64 *unmap_ns)
{
	u64 start, touched;

	sys_mmap(base, pages * PAGE_SIZE, RW);
	start = clock_ns();
	write_pages(t, base, pages);
	touched = clock_ns();
	sys_munmap(base, pages * PAGE_SIZE);
	*unmap_ns = MIN(*unmap_ns, clock_ns() - touched);
	return touched - start;
}

struct fault_bench {
	struct mm_struct *mm;
	u64 fault_ns[CREW_MAX], unmap_ns[CREW_MAX];
};

static void fault_bencher(struct crew *c, unsigned int me)
{
	struct fault_bench *f = c->arg;
	unsigned long base = TEST_ADDR + me * (64UL << 20);

	use_mm(f->mm);
	f->fault_ns[me] = f->unmap_ns[me] = ~0ULL;
	for (int i = 0; i < ROUNDS; i++) {
		u64 ns = fault_round(c->t, base, PAGES, &f->unmap_ns[me]);

		f->fault_ns[me] = MIN(f->fault_ns[me], ns);
	}
	unuse_mm();
}

static void bench_threads(struct test *t, unsigned int nr, u64 *fault_ns, u64 *unmap_ns)
{
	static struct fault_bench f;

	*fault_ns = 0;
	*unmap_ns = 0;
	f.mm = bench_mm(t);
	if (!f.mm)
		return;
	crew_run(t, nr, fault_bencher, &f, 0);
	for (unsigned int i = 0; i < nr; i++) {
		*fault_ns += f.fault_ns[i] / nr / PAGES;
		*unmap_ns += f.unmap_ns[i] / nr / PAGES;
	}
	mmput(f.mm);
}

static void bench_mm_fault(struct test *t)
{
	u64 one, many, unmap_one, unmap_many;
	unsigned int nr = crew_racers();

	bench_threads(t, 1, &one, &unmap_one);
	bench_threads(t, nr, &many, &unmap_many);
	test_record(t, "\"ns\":%llu,\"threads\":%u,\"ns_threads\":%llu", (unsigned long long)one,
		    nr, (unsigned long long)many);
	test_record(t, "\"munmap_ns\":%llu,\"munmap_ns_threads\":%llu",
		    (unsigned long long)unmap_one, (unsigned long long)unmap_many);
}
TEST(bench, mm_fault, TEST_BENCH, bench_mm_fault);

/* munmap alone, by the page, for small and large ranges. */
static void bench_mm_munmap(struct test *t)
{
	static const unsigned long sizes[] = { 1, 16, 256, 4096 };
	struct mm_struct *mm = bench_mm(t);

	if (!mm)
		return;
	use_mm(mm);
	for (unsigned int s = 0; s < ARRAY_SIZE(sizes); s++) {
		u64 best = ~0ULL;

		for (int i = 0; i < ROUNDS; i++)
			fault_round(t, TEST_ADDR, sizes[s], &best);
		test_record(t, "\"ns_per_page_%lu\":%llu", sizes[s],
			    (unsigned long long)(best / sizes[s]));
	}
	unuse_mm();
	mmput(mm);
}
TEST(bench, mm_munmap, TEST_BENCH, bench_mm_munmap);

/* A write to each page that is shared with a child. */
static void bench_mm_cow(struct test *t)
{
	struct mm_struct *mm = bench_mm(t), *child;
	u64 best = ~0ULL;

	if (!mm)
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, PAGES * PAGE_SIZE, RW);
	write_pages(t, TEST_ADDR, PAGES);
	for (int i = 0; i < ROUNDS; i++) {
		u64 start;

		child = dup_mm(mm);
		if (!EXPECT(t, child != NULL))
			break;
		start = clock_ns();
		write_pages(t, TEST_ADDR, PAGES);
		best = MIN(best, clock_ns() - start);
		mmput(child);
	}
	test_record(t, "\"ns\":%llu", (unsigned long long)(best / PAGES));
	unuse_mm();
	mmput(mm);
}
TEST(bench, mm_cow, TEST_BENCH, bench_mm_cow);

static void child_life(void *arg)
{
	struct mm_struct *mm = arg;

	use_mm(mm);
	mmput(mm);
	unuse_mm();
}

/*
 * Fork, a thread that adopts the child, and its end: as fork, exit and wait of a process. The
 * thread runs on the same CPU: how soon the host lets another one come is not what is asked.
 */
static u64 fork_exit_round(struct test *t, struct mm_struct *mm)
{
	u64 best = ~0ULL;

	for (int i = 0; i < ROUNDS; i++) {
		u64 start = clock_ns();
		struct mm_struct *child = dup_mm(mm);
		struct task_struct *task;

		if (!EXPECT(t, child != NULL))
			break;
		task = thread_create("child", 1ULL << smp_processor_id(), child_life, child);
		if (EXPECT(t, task != NULL))
			thread_join(task);
		else
			mmput(child);
		best = MIN(best, clock_ns() - start);
	}
	return best;
}

static void bench_mm_fork_exit(struct test *t)
{
	struct mm_struct *mm = bench_mm(t);
	u64 empty, full;

	if (!mm)
		return;
	use_mm(mm);
	sys_mmap(TEST_ADDR, PAGE_SIZE, RW);
	write_pages(t, TEST_ADDR, 1);
	empty = fork_exit_round(t, mm);
	sys_mmap(TEST_ADDR, 4096 * PAGE_SIZE, RW);
	write_pages(t, TEST_ADDR, 4096);
	full = fork_exit_round(t, mm);
	test_record(t, "\"ns_empty\":%llu,\"ns_4096_pages\":%llu", (unsigned long long)empty,
		    (unsigned long long)full);
	unuse_mm();
	mmput(mm);
}
TEST(bench, mm_fork_exit, TEST_BENCH, bench_mm_fork_exit);
