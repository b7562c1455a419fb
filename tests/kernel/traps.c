/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A thread that an interrupt took from one CPU goes on on another, and traps there: where a trap's
 * stack, or what it finds by the CPU, is what the thread has brought along, it is the wrong CPU's.
 */
#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <test/test.h>

#define MS	    1000000ULL
#define FAST_HZ	    500
#define BETWEEN_NS  20000 /* for an interrupt to come and take it away */
#define PATIENCE_NS (5000 * MS)

struct trapper {
	struct task_struct *task;
	u64 rounds, errors; /* its own; read by others */
	cpumask_t seen;	    /* CPUs that it trapped on */
	u32 stop;
};

/* Interrupted at any point, and moved: each trap is counted where it was. */
static void trap_once(struct trapper *p)
{
	unsigned long before;
	unsigned int cpu;
	int err;

	preempt_disable();
	cpu = smp_processor_id();
	before = this_cpu(last_fault).count;
	err = probe_trap();
	if (err != -EFAULT || this_cpu(last_fault).count != before + 1)
		p->errors++;
	preempt_enable();
	WRITE_ONCE(p->seen, p->seen | 1ULL << cpu);
	WRITE_ONCE(p->rounds, p->rounds + 1);
}

static void trap_run(void *arg)
{
	struct trapper *p = arg;

	while (!READ_ONCE(p->stop)) {
		clock_delay_ns(BETWEEN_NS);
		trap_once(p);
	}
}

/* Keeps the CPU for itself. */
static void hog_run(void *arg)
{
	struct trapper *p = arg;

	preempt_disable();
	while (!READ_ONCE(p->stop))
		WRITE_ONCE(p->rounds, p->rounds + 1);
	preempt_enable();
}

static bool start(struct test *t, struct trapper *p, cpumask_t there, void (*fn)(void *arg))
{
	p->task = thread_create("trapper", there, fn, p);
	return EXPECT(t, p->task != NULL);
}

static void stop(struct trapper *p)
{
	WRITE_ONCE(p->stop, 1);
	if (p->task)
		thread_join(p->task);
}

/* @what within so much time of this CPU's. */
#define soon_enough(what) \
	({ \
		struct patience patience; \
		patience_begin(&patience, PATIENCE_NS, 0); \
		while (!(what) && !patience_is_over(&patience)) \
			sleep_ns(MS); \
		(what); \
	})

static void test_trap_elsewhere(struct test *t)
{
	cpumask_t there = smp_online_mask() & ~1ULL;
	struct trapper mover = { .task = NULL }, hog = { .task = NULL };

	there &= -there;
	tick_set_rate(FAST_HZ);
	if (start(t, &mover, there, trap_run)) {
		EXPECT(t, soon_enough(READ_ONCE(mover.rounds)));
		mover.task->allowed = smp_online_mask();
		if (start(t, &hog, there, hog_run))
			EXPECT(t, soon_enough(READ_ONCE(mover.seen) & ~there));
	}
	stop(&mover);
	stop(&hog);
	tick_set_rate(0);
	EXPECT_MSG(t, !mover.errors, "%llu of %llu traps went wrong",
		   (unsigned long long)mover.errors, (unsigned long long)mover.rounds);
}
TEST(threads, trap_elsewhere, TEST_RACE, test_trap_elsewhere, .min_cpus = 2);
