/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs that take turns on the host's cores: while they do, no more than there are cores are awake,
 * each has its turn, and in the end all run as before.
 */
#include <kernel/clock.h>
#include <kernel/cores.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <test/others.h>
#include <test/step.h>
#include <test/test.h>

#define LIMIT_NS  5000000000ULL
#define A_LONG_NS 1000000000ULL /* an answer that takes so long is a slow one */

static struct hogs {
	u32 begun;	     /* a step */
	u32 stop;	     /* lockless, a flag */
	u64 counts[NR_CPUS]; /* each CPU's own */
} hogs;

static void hog_run(void *arg)
{
	unsigned int cpu = smp_processor_id();

	step_up(&hogs.begun);
	while (!READ_ONCE(hogs.stop))
		WRITE_ONCE(hogs.counts[cpu], hogs.counts[cpu] + 1);
}

static cpumask_t hogs_start(void)
{
	cpumask_t mask = 0;
	unsigned int cpu;

	hogs = (struct hogs){ .begun = 0 };
	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		if (!cpu_work_start(cpu, hog_run, NULL))
			mask |= 1ULL << cpu;
	step_wait("the hogs", &hogs.begun, cpus_in(mask));
	return mask;
}

static void hogs_stop(cpumask_t mask)
{
	unsigned int cpu;

	WRITE_ONCE(hogs.stop, 1);
	for_each_cpu_in(cpu, mask)
		cpu_work_wait(cpu);
}

struct seen {
	cpumask_t hogs, slept, ran; /* ran: and went on behind that */
	u64 counts[NR_CPUS];	    /* when it was seen asleep */
	bool few;		    /* no more were awake than there are cores */
};

/* While CPUs take turns: has every hog slept, and gone on? */
static bool turns_seen(struct seen *s)
{
	cpumask_t asleep;
	unsigned int cpu;

	cores_asked(A_LONG_NS, 0);
	asleep = cpus_asleep() & s->hogs;
	s->few |= smp_nr_online() - cpus_in(asleep) <= cpus_at_once();
	for_each_cpu_in(cpu, s->hogs) {
		u64 count = READ_ONCE(hogs.counts[cpu]);

		if (asleep & ~s->slept & 1ULL << cpu)
			s->counts[cpu] = count;
		else if ((s->slept & 1ULL << cpu) && count != s->counts[cpu])
			s->ran |= 1ULL << cpu;
	}
	s->slept |= asleep;
	return s->few && s->ran == s->hogs;
}

/* For some ticks of every CPU: each begins turns anew, where there are any. */
static bool all_stay_awake(cpumask_t mask)
{
	struct others o;

	others_begin(&o);
	do {
		if (cpus_asleep() & mask)
			return false;
	} while (!others_lived(&o));
	return true;
}

static void test_cores_turns(struct test *t)
{
	struct seen s = { .few = false };
	struct patience patience;

	if (smp_nr_online() <= cpus_at_once()) {
		test_skip(t, "%u CPUs and %u cores: none is too many", smp_nr_online(),
			  cpus_at_once());
		return;
	}
	others_hurry();
	s.hogs = hogs_start();
	patience_begin(&patience, LIMIT_NS, 0);
	spin_until_awake_or("turns", turns_seen(&s), patience_is_over(&patience));
	EXPECT_MSG(t, s.ran == s.hogs, "CPUs %llx rested, %llx had another turn, of %llx",
		   (unsigned long long)s.slept, (unsigned long long)s.ran,
		   (unsigned long long)s.hogs);
	EXPECT_MSG(t, s.few, "never were so few awake as there are cores");
	patience_begin(&patience, LIMIT_NS, 0);
	EXPECT_MSG(t,
		   spin_until_awake_or("the end of turns", all_stay_awake(s.hogs),
				       patience_is_over(&patience)),
		   "CPUs %llx still rest", (unsigned long long)(cpus_asleep() & s.hogs));
	hogs_stop(s.hogs);
	others_hurry_end();
}
TEST(kernel, cores_turns, TEST_RACE, test_cores_turns, .min_cpus = 2);

/* Whose CPUs shall run as the host lets them has none at rest. */
static void test_cores_kept(struct test *t)
{
	cpumask_t mask, slept = 0;
	struct others o;

	others_hurry();
	cores_turns_allow(false);
	mask = hogs_start();
	others_begin(&o);
	do {
		cores_asked(A_LONG_NS, 0);
		slept |= cpus_asleep() & mask;
	} while (!others_lived(&o));
	cores_turns_allow(true);
	hogs_stop(mask);
	others_hurry_end();
	EXPECT_MSG(t, !slept, "CPUs %llx rested", (unsigned long long)slept);
}
TEST(kernel, cores_kept, TEST_RACE, test_cores_kept, .min_cpus = 2);
