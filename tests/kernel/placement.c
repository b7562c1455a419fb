/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a woken thread runs that may run anywhere, if there are more CPUs than the host has cores
 * and as many are awake: where it was woken, and not on a CPU that the host has to wake for it. But
 * somewhere else, if who woke it may wait for it without giving its CPU up.
 */
#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <test/step.h>
#include <test/test.h>

#define TRIES	 12
#define MOSTLY	 (TRIES / 2) /* a CPU may just have fallen asleep, or be in its tick */
#define LIMIT_NS 20000000ULL
#define SPIN_NS	 20000

static void note_run(void *arg)
{
	WRITE_ONCE(*(u32 *)arg, 1);
}

/*
 * The CPU that it was queued on, where it need not run: an idle one may take it over. @spin: who
 * has started it keeps this CPU and spins for it.
 */
static unsigned int placed_on(struct test *t, bool spin)
{
	u32 ran = 0;
	struct task_struct *task = thread_prepare("placed", ~0ULL, note_run, &ran);
	struct patience patience;
	unsigned int cpu;

	if (!EXPECT(t, task != NULL))
		return NR_CPUS;
	patience_begin(&patience, LIMIT_NS, 0);
	if (spin)
		preempt_disable();
	thread_start(task);
	cpu = READ_ONCE(task->cpu);
	if (spin) {
		spin_until_awake_or("the thread", READ_ONCE(ran), patience_is_over(&patience));
		preempt_enable();
	}
	thread_join(task);
	return cpu;
}

static unsigned int placed_here(struct test *t, bool spin)
{
	unsigned int here = 0;

	for (int i = 0; i < TRIES && !t->failures; i++)
		here += !placed_on(t, spin);
	return here;
}

static u32 hogs_end;   /* lockless, a flag */
static u32 hogs_begun; /* a step */

static void hog_run(void *arg)
{
	step_up(&hogs_begun);
	spin_until_awake("the hogs' end", READ_ONCE(hogs_end));
}

/* As many CPUs awake as the host has cores, this one with them. */
static cpumask_t hogs_start(void)
{
	unsigned int cpu, left = cpus_at_once() - 1;
	cpumask_t hogs = 0;

	WRITE_ONCE(hogs_end, 0);
	hogs_begun = 0;
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL) {
		if (!left)
			break;
		left--;
		if (!cpu_work_start(cpu, hog_run, NULL))
			hogs |= 1ULL << cpu;
	}
	step_wait("the hogs", &hogs_begun, cpus_in(hogs));
	return hogs;
}

static void hogs_stop(cpumask_t hogs)
{
	unsigned int cpu;

	WRITE_ONCE(hogs_end, 1);
	for_each_cpu_in(cpu, hogs)
		cpu_work_wait(cpu);
}

static void test_placed(struct test *t)
{
	unsigned int here, spun, enough;
	cpumask_t hogs;

	if (smp_nr_online() <= cpus_at_once()) {
		test_skip(t, "%u CPUs and %u cores: none is too many", smp_nr_online(),
			  cpus_at_once());
		return;
	}
	hogs = hogs_start();
	here = placed_here(t, false);
	spun = placed_here(t, true);
	spin_wait_pretend(false, SPIN_NS);
	enough = placed_here(t, false);
	spin_wait_pretend(false, 0);
	hogs_stop(hogs);
	test_record(t, "\"here\":%u,\"here_spun\":%u,\"here_of_enough\":%u,\"tries\":%d", here,
		    spun, enough, TRIES);
	EXPECT_MSG(t, here > MOSTLY, "%u of %d stayed where they were woken", here, TRIES);
	EXPECT_MSG(t, spun < MOSTLY, "%u of %d stayed with who has preemption disabled", spun,
		   TRIES);
	EXPECT_MSG(t, enough < MOSTLY, "%u of %d stayed, with cores enough", enough, TRIES);
}
TEST(threads, placed, TEST_RACE, test_placed, .min_cpus = 2);
